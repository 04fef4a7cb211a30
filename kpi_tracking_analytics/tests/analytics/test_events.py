from datetime import date

import numpy as np

from odoo.addons.kpi_base.engine.periods import CalendarSpec, periods_between

from ...analytics.events import Effect, mark_one_off, plan

MONTHS = periods_between(CalendarSpec(), "month", date(2026, 1, 1), date(2026, 6, 30))
ROWS = {7: 0, 8: 1}
ADDED = np.array([True, False])


def test_one_offs_are_marked_in_each_period_that_they_touch():
    effects = [
        Effect(7, "one_off", date(2026, 2, 28), date(2026, 3, 1)),
        Effect(8, "factor", date(2026, 1, 1), date(2026, 6, 30), 2),
        Effect(99, "one_off", date(2026, 1, 1), date(2026, 6, 30)),
    ]
    marks = mark_one_off(effects, ROWS, MONTHS)
    assert marks.tolist() == [[False, True, True, False, False, False], [False] * 6]


def test_sums_are_spread_over_the_days():
    effect = Effect(7, "add", date(2026, 1, 31), date(2026, 2, 2), 30)
    factors, sums = plan([effect], ROWS, MONTHS, ADDED)
    np.testing.assert_allclose(sums[0], [10, 20, 0, 0, 0, 0])
    assert (factors == 1).all()
    assert not sums[1].any()


def test_other_values_are_larger_while_it_lasts():
    effect = Effect(8, "add", date(2026, 2, 1), date(2026, 3, 31), 5)
    _factors, sums = plan([effect], ROWS, MONTHS, ADDED)
    np.testing.assert_allclose(sums[1], [0, 5, 5, 0, 0, 0])


def test_factors_hold_for_a_share_of_the_period_and_multiply():
    effects = [
        Effect(7, "factor", date(2026, 4, 1), date(2026, 4, 15), 3),
        Effect(7, "factor", date(2026, 4, 1), date(2026, 5, 31), 0.5),
    ]
    factors, sums = plan(effects, ROWS, MONTHS, ADDED)
    np.testing.assert_allclose(factors[0], [1, 1, 1, 2 * 0.5, 0.5, 1])
    assert not sums.any()


def test_nothing_planned_changes_nothing():
    factors, sums = plan([], ROWS, MONTHS, ADDED)
    assert (factors == 1).all()
    assert not sums.any()
    assert not mark_one_off([], ROWS, MONTHS).any()
