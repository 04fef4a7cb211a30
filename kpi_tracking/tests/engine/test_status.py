import json
from pathlib import Path

import numpy as np
import pytest

from ...engine.status import (
    ACHIEVEMENT_CAP,
    FIVE_BANDS,
    RAG,
    Bands,
    StatusError,
    achievement,
    achievement_sql,
    status,
    status_sql,
)

NAN = np.nan
CASES = json.loads((Path(__file__).parent / "status_cases.json").read_text())
NUMBERS = ("value", "target", "baseline", "range_low", "range_high", "achievement")


def numbers(case):
    return {key: NAN if case[key] is None else case[key] for key in NUMBERS}


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['direction']}: {case['note']}"
)
def test_case(case):
    given = numbers(case)
    expected = given.pop("achievement")
    found = achievement(**given, direction=case["direction"])
    assert isinstance(found, float)
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert status(found, value=given["value"]) == case["rag"]
    assert status(found, FIVE_BANDS, value=given["value"]) == case["five_bands"]


@pytest.mark.parametrize("direction", ["higher", "lower", "range"])
def test_arrays_give_what_scalars_give(direction):
    cases = [numbers(case) for case in CASES if case["direction"] == direction]
    columns = {key: np.array([case[key] for case in cases]) for key in NUMBERS}
    expected = columns.pop("achievement")
    found = achievement(**columns, direction=direction)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    keys = status(found, value=columns["value"])
    assert list(keys) == [c["rag"] for c in CASES if c["direction"] == direction]


def test_arguments_broadcast():
    found = achievement([[50, 100], [200, NAN]], [100, 200], direction="higher")
    np.testing.assert_allclose(found, [[50, 50], [200, NAN]])


@pytest.mark.parametrize(
    ("direction", "better"), [("higher", 1), ("lower", -1)], ids=["higher", "lower"]
)
@pytest.mark.parametrize("target", [-1000.0, -3.0, 0.0, 0.7, 12.0])
@pytest.mark.parametrize("baseline", [NAN, -2000.0, 5.0, 3000.0])
def test_better_values_never_achieve_less(direction, better, target, baseline):
    values = np.linspace(-5000, 5000, 20_001)[::better]
    found = achievement(values, target, baseline, direction=direction)
    assert np.all(np.diff(found) >= 0)
    assert np.all(np.abs(found) <= ACHIEVEMENT_CAP)
    reached = values * better >= target * better
    assert np.all((found >= 100) == reached)


def test_range_falls_evenly_on_both_sides():
    distance = np.linspace(0, 30, 301)
    above = achievement(22 + distance, direction="range", range_low=18, range_high=22)
    below = achievement(18 - distance, direction="range", range_low=18, range_high=22)
    np.testing.assert_allclose(above, below)
    assert above[0] == 100 and above[1] < 95  # nothing outside is on track
    # width 4: 95 to 80 over the first 0.4, 80 to 0 over the next 3.6, then 0
    expected = np.interp(distance[1:], [0, 0.4, 4], [95, 80, 0])
    np.testing.assert_allclose(above[1:], expected, atol=1e-9)


@pytest.mark.parametrize(("low", "high"), [(5, 7), (-2, 40), (72, 85), (0.98, 1.02)])
def test_a_tenth_of_the_width_on_either_side_is_at_risk(low, high):
    width = high - low
    share = np.array([-0.2, -0.11, -0.09, -0.01, 0, 0.5, 1, 1.01, 1.09, 1.11, 1.2])
    found = achievement(
        low + share * width, direction="range", range_low=low, range_high=high
    )
    risk, off = ["at_risk"] * 2, ["off_target"] * 2
    assert list(status(found)) == [*off, *risk, *["on_target"] * 3, *risk, *off]


def test_a_value_beside_its_range_is_not_worse_than_a_target_missed():
    beside = achievement(4.7, direction="range", range_low=5, range_high=7)
    assert beside > achievement(70, 100, direction="higher")
    far = achievement(-500, direction="range", range_low=5, range_high=7)
    assert far == achievement(0, 100, direction="higher")


def test_own_thresholds_of_a_range_win():
    # width 10: 90% lies 1 / 3 outside, 40% 1 + 9 / 2
    found = achievement(
        [20.3, 20.4, 25.4, 25.6], direction="range", range_low=10, range_high=20
    )
    own = Bands(RAG.keys, (90, 40))
    assert list(status(found, own)) == ["on_target", "at_risk", "at_risk", "off_target"]


def test_infinite_values_stay_finite():
    assert achievement(np.inf, 10, direction="higher") == ACHIEVEMENT_CAP
    assert achievement(-np.inf, 10, direction="higher") == -ACHIEVEMENT_CAP


@pytest.mark.parametrize(
    ("percent", "key"),
    [
        (100, "on_target"),
        (95 - 1e-12, "on_target"),  # rounding, not performance
        (95 - 1e-6, "at_risk"),
        (80, "at_risk"),
        (79.999, "off_target"),
        (-999, "off_target"),
        (NAN, "no_data"),
    ],
)
def test_status_at_the_thresholds(percent, key):
    assert status(percent) == key


def test_thresholds_may_differ_from_row_to_row():
    bands = Bands(RAG.keys, (np.array([100, 90, 95]), np.array([90, 60, 80])))
    assert list(status([95, 95, 70], bands)) == ["at_risk", "on_target", "off_target"]


@pytest.mark.parametrize(
    ("keys", "thresholds", "words"),
    [
        (("good", "bad"), (), "2 zones need 1 thresholds, got 0"),
        (("a", "b", "c"), (80, 95), "must descend from best to worst"),
        (("a", "b", "c"), (80, 80), "must descend"),
        (("a", "b", "c"), (np.array([95, 80]), np.array([80, 80])), "must descend"),
    ],
)
def test_impossible_zones_are_refused(keys, thresholds, words):
    with pytest.raises(StatusError, match=words):
        Bands(keys, thresholds)


def test_unknown_direction_is_refused():
    with pytest.raises(StatusError, match='Unknown direction "up"'):
        achievement(1, 2, direction="up")


def test_sql_needs_no_escaping_in_a_parametrised_statement():
    text = achievement_sql("f.value", "t.target", direction="d.direction")
    assert "%" not in text + status_sql("f.achievement", "f.value")
    assert "{" not in text
