"""Targets placed in periods; the expected ones are worked out by hand."""

from datetime import date

import numpy as np
import pytest

from odoo.addons.kpi_base.engine.periods import Period

from ...engine.targets import Targets, align_targets, change_by_percent

NAN = np.nan
NONE = [None] * 9


def month(number):
    return Period("month", date(2026, number, 1), date(2026, number + 1, 1))


MONTHS = [month(number) for number in range(1, 5)]


def number(report_id, day, target, *more):
    rest = [*more, *NONE[len(more) :]]
    return report_id, day, "number", None, None, None, target, *rest


def test_the_target_that_holds_at_the_end_of_a_period_counts():
    rows = [
        number(7, date(2025, 6, 1), 10),
        number(7, date(2026, 1, 31), 20),  # the last day of January
        number(7, date(2026, 3, 1), 30),  # the first of March
    ]
    targets, rules = align_targets(rows, [5, 7], MONTHS)
    np.testing.assert_array_equal(targets.target, [[NAN] * 4, [20, 20, 30, 30]])
    assert rules is None


def test_a_later_target_replaces_all_of_the_one_before():
    rows = [
        number(7, date(2026, 1, 1), 10, 5, 15, None, None, 1, 90.0, 80.0, 70.0, 60.0),
        number(7, date(2026, 2, 1), 20),
    ]
    (targets, _rules) = align_targets(rows, [7], MONTHS[:2])
    first, later = (np.array(targets.columns)[:, 0, at] for at in (0, 1))
    np.testing.assert_array_equal(first, [10, 5, 15, NAN, NAN, 1, 90, 80, 70, 60])
    np.testing.assert_array_equal(later, [20, *[NAN] * 9])


def test_rules_stand_where_no_number_is():
    rows = [
        number(7, date(2026, 1, 1), 10),
        (7, date(2026, 2, 1), "kpi", 3, 12.5, None, *[None] * 10),
        (7, date(2026, 3, 1), "annual", None, None, 1200, *[None] * 10),
        number(7, date(2026, 4, 1), 40),
    ]
    targets, rules = align_targets(rows, [7], MONTHS)
    np.testing.assert_array_equal(targets.target, [[10, NAN, NAN, 40]])
    assert rules.kinds == ["annual", "kpi"]
    assert rules.kind.tolist() == [["", "kpi", "annual", ""]]
    assert rules.source_id.tolist() == [[0, 3, 0, 0]]
    np.testing.assert_array_equal(rules.change_percent, [[0, 12.5, 0, 0]])
    np.testing.assert_array_equal(rules.annual_total, [[NAN, NAN, 1200, NAN]])


def test_longer_periods_add_up_targets_or_take_the_last():
    targets, _rules = align_targets(
        [
            number(row, date(2026, at, 1), at * 10, None, None, None, None, at % 2)
            for row in (1, 2)
            for at in range(1, 5)
        ],
        [1, 2],
        MONTHS,
    )
    rolled = targets.roll_up([0, 0, 1, 1], [True, False])
    np.testing.assert_array_equal(rolled.target, [[30, 70], [20, 40]])
    # Which zones hold is never added.
    np.testing.assert_array_equal(rolled.is_five, [[0, 0], [0, 0]])


def test_a_part_without_a_target_leaves_the_sum_without():
    targets = Targets.empty(1, 2)
    targets.target[0] = [NAN, 5]
    np.testing.assert_array_equal(targets.roll_up([0, 0], [True]).target, [[NAN]])
    np.testing.assert_array_equal(targets.roll_up([0, 0], [False]).target, [[5]])


@pytest.mark.parametrize(
    ("value", "percent", "expected"),
    [(100, 10, 110), (-100, 10, -90), (50, -20, 40), (0, 10, 0), (NAN, 10, NAN)],
)
def test_change_by_percent(value, percent, expected):
    np.testing.assert_array_equal(change_by_percent(value, percent), expected)
