import json
from pathlib import Path

import pytest

from ...engine.gauge import geometry
from ...engine.gauge.geometry import Scale
from ...engine.gauge.zones import Aim, Zone, status_zones, zones_of_values

ADDON = Path(__file__).parents[2]
CASES = json.loads((ADDON / "static/tests/gauge_cases.json").read_text())


def cases(name):
    return pytest.mark.parametrize("case", CASES[name], ids=lambda case: case["note"])


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-12)


def scale(case):
    return Scale(case["low"], case["high"])


@cases("scale")
def test_scale(case):
    starts_at_zero = case.get("starts_at_zero", False)
    found = geometry.choose_scale(
        case["usual"], case.get("value"), starts_at_zero=starts_at_zero
    )
    assert (found.low, found.high) == (near(case["low"]), near(case["high"]))


@pytest.mark.parametrize(
    "usual", [[3, 17], [-8.5, 4], [-17, -3], [1e9, 1.2e9], [98, 99]]
)
def test_usual_numbers_use_the_middle_two_thirds(usual):
    found = geometry.choose_scale(usual)
    low, high = (geometry.scale_position(number, found)[0] for number in usual)
    assert found.low == 0 or low >= 1 / 6 - 1e-9
    assert found.high == 0 or high <= 5 / 6 + 1e-9
    assert high - low >= 0.4  # round ends cost a little


@cases("place")
def test_place(case):
    found = geometry.scale_position(case["value"], scale(case))
    assert found == (near(case["ratio"]), case["beyond"])


@cases("filled")
def test_filled(case):
    found = geometry.fill_span(case["value"], scale(case))
    assert found == (near(case["from"]), near(case["to"]))


@cases("target_zones")
def test_target_zones(case):
    aim = Aim(case["direction"], target=case["target"])
    found = zones_of_values(status_zones(), aim)
    assert [(zone.low, zone.high, zone.color) for zone in found] == [
        (low and near(low), high and near(high), color)
        for low, high, color in case["zones"]
    ]


ZONES = (Zone(None, 80, "danger"), Zone(80, 95, "warning"), Zone(95, None, "success"))


@cases("zone_spans")
def test_zone_spans(case):
    found = geometry.zone_spans(ZONES, scale(case))
    assert found == [
        (near(low), near(high), color) for low, high, color in case["spans"]
    ]


@cases("band")
def test_band(case):
    path = geometry.band(case["style"], case["lane"], case["from"], case["to"])
    assert path == case["path"]


@cases("tick")
def test_tick(case):
    assert geometry.tick(case["style"], case["ratio"]) == case["path"]


@cases("needle")
def test_needle(case):
    assert geometry.needle(case["ratio"]) == case["path"]


@cases("arrow")
def test_arrow(case):
    assert geometry.arrow(case["style"], case["side"]) == case["path"]


@cases("label")
def test_label(case):
    found = geometry.label_anchor(case["style"], case["ratio"], case["text"])
    assert (found.x, found.y, found.anchor) == (case["x"], case["y"], case["anchor"])


@cases("value_size")
def test_value_size(case):
    found = geometry.value_size(case["style"], case["text"], case["unit"])
    assert found == case["size"]
