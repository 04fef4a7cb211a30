from datetime import date

import pytest

from odoo.addons.kpi_base.engine.periods import Period

from ...engine.finding import (
    Situation,
    count_streak,
    find_gap,
    find_record,
)
from ...engine.status import Judged
from ...engine.verdict import Standing

INF = float("inf")


def standing(value=None, status="no_target", direction="higher", at=0, **judged):
    period = Period("month", date(2026, 1 + at, 1), date(2026, 2 + at, 1))
    known = Judged(value, status=status, **judged)
    return Standing(period, f"Month {at}", False, direction, known)


def past(values, **given):
    return tuple(standing(value, at=at, **given) for at, value in enumerate(values))


@pytest.mark.parametrize(
    ("value", "target", "direction", "expected"),
    [
        (73, 100, "higher", -0.27),
        (73, 100, "lower", 0.27),
        (100, 100, "higher", 0.0),
        (100.00000001, 100, "lower", 0.0),  # from rounding
        (-150, -100, "higher", -0.5),
        (-50, -100, "lower", -0.5),
        (1, 0, "higher", INF),
        (1, 0, "lower", -INF),
        (0, 0, "lower", 0.0),
        (5, None, "higher", None),
    ],
)
def test_a_gap_is_a_share_of_the_target(value, target, direction, expected):
    found = find_gap(standing(value, "at_risk", direction, target=target))
    assert found == pytest.approx(expected)


def test_a_range_is_left_or_not():
    inside = standing(5, "on_target", "range", low=1, high=5)
    assert find_gap(inside) == 0
    assert find_gap(inside, 5.1) == -INF
    assert find_gap(standing(-9, "on_target", "range", high=5)) == 0


def test_the_part_of_a_target_that_is_due_counts_but_for_a_forecast():
    running = standing(60, "on_target", target=100, target_to_date=50)
    assert find_gap(running) == pytest.approx(0.2)
    assert find_gap(running, 80) == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4], 3),
        ([1, 5, 3, 2], 2),
        ([1, 2, 2], 0),
        ([1, 1 + 1e-12, 1 + 2e-12], 0),  # from rounding
        ([1, 2, None, 3, 4], 1),  # a gap is no rise
        ([1, 2, None], 0),
        ([1], 0),
        ([], 0),
    ],
)
def test_rises_and_falls_in_a_row(values, expected):
    assert count_streak(past(values), "step") == expected


def test_misses_and_hits_in_a_row():
    statuses = ["on_target", "at_risk", "off_target", "off_target"]
    judged = [standing(1, status, at=at) for at, status in enumerate(statuses)]
    assert count_streak(judged, "status") == 3
    assert count_streak(judged[:1], "status") == 1
    assert count_streak([*judged, standing(1)], "status") == 0


def test_the_best_and_worst_for_long():
    values = [9, 5, 6, 5, 6, 5, 6, 5, 8]
    best = find_record(past(values), "higher")
    assert (best.is_best, best.count, best.since.label) == (True, 8, "Month 0")
    assert not find_record(past(values), "lower").is_best
    assert find_record(past(values), "range") is None
    assert find_record(past(values[1:]), "higher").since is None
    assert find_record(past(values[3:]), "higher") is None  # too few before
    assert find_record(past([*values, None]), "higher") is None
    assert find_record(past([*values, 8]), "higher") is None  # as good as before
    assert find_record(past([5] * 8 + [5 + 1e-12]), "higher") is None  # from rounding


def test_a_change_is_unusual_where_chance_is_unlikely():
    steady = [10, 12, 10, 12, 10, 12, 10]  # 2 is usual, so 7.73 the limit
    for value, expected in ((17.8, True), (17.7, False), (None, False)):
        known = past([*steady, value])
        assert Situation(known[-1], known).is_unusual == expected
    known = past([1, 1, 1, 1, 2])
    assert Situation(known[-1], known).ratio == INF
    for few in ([1, 2], [1, 1, 1, 1, 1 + 1e-12]):  # known changes; from rounding
        known = past(few)
        assert not Situation(known[-1], known).is_unusual
