import json

import pytest

from ...engine.gauge.zones import (
    Aim,
    Zone,
    ZoneError,
    parse_zones,
    status_zones,
    zones_of_values,
)
from ...engine.status import achievement, status

RED, YELLOW, GREEN = ("danger", "warning", "success")


def text(*rows):
    names = ("from", "to", "color", "label")
    return json.dumps([dict(zip(names, row, strict=False)) for row in rows])


def test_zones_are_read():
    found = parse_zones(
        text((None, 80, RED), (80, 95.5, YELLOW, " Poor "), (95.5, None, GREEN))
    )
    assert found == (
        Zone(None, 80.0, RED),
        Zone(80.0, 95.5, YELLOW, "Poor"),
        Zone(95.5, None, GREEN),
    )


def test_there_may_be_ten_zones():
    assert len(parse_zones(text(*((n, n + 1, RED) for n in range(10))))) == 10


def test_words_of_bands_are_those_of_their_colours():
    zones = status_zones((95, 80), ("Good", "Fair", "Poor"))
    assert [(zone.color, zone.label) for zone in zones] == [
        (RED, "Poor"),
        (YELLOW, "Fair"),
        (GREEN, "Good"),
    ]


def test_what_is_written_is_read_again():
    zones = (Zone(-5.0, 0.0, RED, "Loss"), Zone(0.0, 7.5, GREEN))
    assert parse_zones(json.dumps([zone.as_json() for zone in zones])) == zones


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("{}", "list of 1 to 10"),
        ("[]", "list of 1 to 10"),
        (text(*((n, n + 1, RED) for n in range(11))), "list of 1 to 10"),
        ("[1]", "Zone 1: give"),
        ('[{"from": 1, "to": 2, "colour": "danger"}]', "Zone 1: give"),
        (text((0, 1, "#ff0000")), "'#ff0000' is not a color"),
        (text((0, 1, ["danger"])), "is not a color"),
        (text((0, 1, RED, 5)), "the label must be a text"),
        (text(("80", 90, RED)), "Zone 1, \"from\": '80' is not a number"),
        (text((True, 90, RED)), "is not a number"),
        ('[{"from": NaN, "to": 1, "color": "danger"}]', "nan is not a number"),
        ('[{"from": 1e999, "color": "danger"}]', "inf is not a number"),
        ('[{"from": 1' + "0" * 400 + ', "color": "danger"}]', "is not a number"),
        (text((5, 5, RED)), "starts at 5, which is not below its end 5"),
        (
            text((0, 80, RED), (75, 90, GREEN)),
            "Zone 2 starts at 75, but zone 1 ends at 80",
        ),
        (text((0, 80, RED), (85, 90, GREEN)), "gap between 80 (end of zone 1) and 85"),
        (text((0, None, RED), (85, 90, GREEN)), "separates zone 1 and zone 2"),
        (text((0, 85, RED), (None, 90, GREEN)), "separates zone 1 and zone 2"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(given, said):
    with pytest.raises(ZoneError) as refused:
        parse_zones(given)
    assert said in str(refused.value)


def drawn(aim):
    return [
        (zone.low, zone.high, zone.color)
        for zone in zones_of_values(status_zones(), aim)
    ]


def test_a_range_has_zones_on_both_sides():
    # green is the range, yellow a tenth of its width beside it
    assert drawn(Aim("range", low=10, high=20)) == [
        (None, pytest.approx(9.0), RED),
        (pytest.approx(9.0), 10.0, YELLOW),
        (10.0, 20.0, GREEN),
        (20.0, pytest.approx(21.0), YELLOW),
        (pytest.approx(21.0), None, RED),
    ]


@pytest.mark.parametrize(
    ("thresholds", "limits"),
    [
        # 90%: 10 * 0.1 * 5 / 15; 40%: 10 * (0.1 + 0.9 / 2)
        ((90, 40), [4.5, 10 - 1 / 3, 20 + 1 / 3, 25.5]),
        ((100, 97), [10, 20]),  # nothing outside achieves 97%
        ((95, 0), [10, 20]),  # nothing achieves less than 0%
    ],
)
def test_own_thresholds_of_a_range_are_drawn(thresholds, limits):
    zones = zones_of_values(status_zones(thresholds), Aim("range", low=10, high=20))
    assert [zone.high for zone in zones[:-1]] == pytest.approx(limits)
    assert [zone.low for zone in zones[1:]] == pytest.approx(limits)


def test_a_range_with_one_end_has_zones_on_one_side():
    # 80% of "at most 10" lies 2 above it, 95% 0.5
    assert drawn(Aim("range", high=10)) == [
        (None, pytest.approx(10.5), GREEN),
        (pytest.approx(10.5), pytest.approx(12.0), YELLOW),
        (pytest.approx(12.0), None, RED),
    ]


@pytest.mark.parametrize(
    ("aim", "limits"),
    [
        (Aim("higher", target=0.5), [0.4, 0.475]),
        (Aim("lower", target=-0.5), [-0.475, -0.4]),
        (Aim("higher", target=0.5, baseline=0.3), [0.46, 0.49]),
        (Aim("range", high=1), [1.05, 1.2]),
        # without a width it counts as one end does, on both sides
        (Aim("range", low=10, high=10), [8, 9.5, 10.5, 12]),
    ],
)
def test_zones_of_small_numbers(aim, limits):
    zones = zones_of_values(status_zones(), aim)
    assert [zone.high for zone in zones[:-1]] == pytest.approx(limits)
    assert [zone.low for zone in zones[1:]] == pytest.approx(limits)


def test_a_range_that_ends_at_zero_is_missed_by_anything():
    assert drawn(Aim("range", high=0)) == [(None, 0, GREEN), (0, None, RED)]


def test_progress_from_a_baseline():
    # from 100 to 50: 80% is 60, 95% is 52.5
    assert drawn(Aim("lower", target=50, baseline=100)) == [
        (None, pytest.approx(52.5), GREEN),
        (pytest.approx(52.5), pytest.approx(60.0), YELLOW),
        (pytest.approx(60.0), None, RED),
    ]


@pytest.mark.parametrize(
    ("direction", "zones"),
    [
        ("higher", [(None, 0, RED), (0, None, YELLOW)]),
        ("lower", [(None, 0, YELLOW), (0, None, RED)]),
    ],
)
def test_more_than_all_of_a_target_of_zero_is_never_reached(direction, zones):
    found = zones_of_values(status_zones((110, 80)), Aim(direction, target=0))
    assert [(zone.low, zone.high, zone.color) for zone in found] == zones


def test_a_baseline_on_the_wrong_side_is_not_used():
    assert drawn(Aim("higher", target=50, baseline=60)) == drawn(
        Aim("higher", target=50)
    )


def test_without_a_target_there_are_no_zones():
    assert drawn(Aim("higher")) == []
    assert drawn(Aim("range")) == []


def test_an_unknown_direction_is_refused():
    with pytest.raises(ZoneError, match="sideways"):
        Aim("sideways")


AIMS = [
    Aim("higher", target=80),
    Aim("higher", target=-80),
    Aim("higher", target=0),
    Aim("higher", target=20, baseline=-10),
    Aim("lower", target=80),
    Aim("lower", target=-80),
    Aim("lower", target=0),
    Aim("lower", target=20, baseline=50),
    Aim("range", low=10, high=20),
    Aim("range", low=-20),
    Aim("range", high=30),
]
COLOR_OF = {"off_target": RED, "at_risk": YELLOW, "on_target": GREEN}


@pytest.mark.parametrize("aim", AIMS, ids=str)
def test_a_value_lies_in_the_zone_of_its_status(aim):
    zones = zones_of_values(status_zones(), aim)
    for value in (number + 0.123 for number in range(-200, 200)):
        percent = achievement(
            value,
            *(float("nan") if n is None else n for n in (aim.target, aim.baseline)),
            direction=aim.direction,
            range_low=float("nan") if aim.low is None else aim.low,
            range_high=float("nan") if aim.high is None else aim.high,
        )
        held = [
            zone.color
            for zone in zones
            if (zone.low is None or zone.low <= value)
            and (zone.high is None or value < zone.high)
        ]
        assert held == [COLOR_OF[status(percent, value=value)]], value
