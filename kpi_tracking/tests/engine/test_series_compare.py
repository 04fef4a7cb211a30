"""Running periods beside others: each part with the same part of the other one.

Every day brings the number of its place in the year, or 1, so that sums of days can be
counted on the fingers.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pytest

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.periods import CalendarSpec

from ...engine.series import SeriesQuery, SeriesRows, make_series, stack_series

NAN = np.nan
GREGORIAN = CalendarSpec()
RETAIL = CalendarSpec(pattern="4-4-5")


class Kpi(NamedTuple):
    aggregation_time: str = "sum"
    direction: str = "higher"
    computation: str = "manual"
    change_days: tuple[str, ...] = ()


def compared(today, grain, *, fine="day", spec=GREGORIAN, is_year=False, kpi=None):
    """The earlier and the later value; a day, week or month brings 1."""
    kpi = kpi or Kpi()
    running = periods.period_of(spec, grain, today)
    earlier = (
        periods.same_period_last_year(spec, running)
        if is_year
        else periods.previous(spec, running)
    )
    shown = periods.periods_between(spec, grain, earlier.start, running.start)
    of_facts = shown
    if fine != grain:
        last = running.stop - (date(2026, 1, 2) - date(2026, 1, 1))
        of_facts = periods.periods_between(spec, fine, earlier.start, last)
    facts = [(1, each.start, 1.0, None) for each in of_facts if each.start <= today]
    query = SeriesQuery([1], (kpi,), shown, of_facts, today)
    series = make_series(query, SeriesRows([1], facts, [], []))
    before, after = series.compare(0, len(shown) - 1)
    return before[0], after[0]


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (date(2026, 11, 1), NAN),  # no day is over
        (date(2026, 11, 2), 1),
        (date(2026, 11, 15), 14),
        (date(2026, 11, 30), 29),
        (date(2028, 2, 29), 28),
        (date(2026, 3, 31), 28),  # February has no more
        (date(2028, 3, 31), 29),
    ],
)
def test_days_of_a_month_beside_as_many_of_the_month_before(today, days):
    np.testing.assert_array_equal(compared(today, "month"), (days, days))


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2027, 2, 28)])
def test_a_month_beside_that_of_last_year(today):
    expected = today.day - 1
    found = compared(today, "month", is_year=True)
    assert found == (expected, expected)


@pytest.mark.parametrize(
    ("today", "grain", "fine", "count"),
    [
        (date(2026, 10, 31), "quarter", "month", NAN),  # no month is over
        (date(2026, 11, 15), "quarter", "month", 1),
        (date(2026, 12, 31), "quarter", "month", 2),
        (date(2026, 11, 15), "quarter", "day", 45),
        (date(2026, 11, 15), "year", "month", 10),
        (date(2028, 12, 31), "year", "day", 365),
        (date(2026, 11, 15), "year", "quarter", 3),
        (date(2026, 11, 18), "week", "day", 2),
    ],
)
def test_quarters_years_and_weeks(today, grain, fine, count):
    found = compared(today, grain, fine=fine)
    np.testing.assert_array_equal(found, (count, count))


@pytest.mark.parametrize(
    ("today", "grain", "fine"),
    [
        (date(2026, 11, 18), "month", "week"),
        (date(2026, 11, 25), "quarter", "week"),
        (date(2026, 11, 25), "year", "month"),
        (date(2026, 2, 28), "month", "day"),
    ],
)
def test_retail_calendars_compare_the_parts_that_have_closed(today, grain, fine):
    before, after = compared(today, grain, fine=fine, spec=RETAIL)
    running = periods.period_of(RETAIL, grain, today)
    parts = periods.periods_between(RETAIL, fine, running.start, today)
    earlier = periods.previous(RETAIL, running)
    day = date(2026, 1, 2) - date(2026, 1, 1)
    others = periods.periods_between(RETAIL, fine, earlier.start, earlier.stop - day)
    closed = sum(each.stop <= today for each in parts)
    assert before == after == min(closed, len(others)) > 0


def test_facts_of_whole_periods_are_not_compared():
    found = compared(date(2026, 11, 15), "month", fine="month")
    np.testing.assert_array_equal(found, (NAN, NAN))


@pytest.mark.parametrize("aggregation", ["average", "last", "formula"])
def test_what_does_not_grow_is_compared_as_it_stands(aggregation):
    kpi = Kpi(aggregation_time=aggregation)
    found = compared(date(2026, 11, 15), "month", fine="month", kpi=kpi)
    assert found == (1, 1)


@pytest.mark.parametrize("aggregation", ["min", "max", "none"])
def test_extremes_and_distinct_counts_are_not_compared_with_whole_ones(aggregation):
    kpi = Kpi(aggregation_time=aggregation)
    found = compared(date(2026, 11, 15), "month", fine="month", kpi=kpi)
    np.testing.assert_array_equal(found, (NAN, NAN))


def test_closed_periods_are_compared_whole():
    shown = periods.periods_between(
        GREGORIAN, "month", date(2026, 8, 1), date(2026, 11, 1)
    )
    values = zip(shown, (8, 9, 10, 4), strict=True)
    facts = [(1, each.start, value, None) for each, value in values]
    query = SeriesQuery([1], (Kpi(),), shown, shown, date(2026, 11, 15))
    series = make_series(query, SeriesRows([1], facts, [], []))
    assert series.compare(0, 2).tolist() == [[8], [10]]
    months = [each.start for each in shown]
    pairs = [(months[1], months[2]), (months[2], months[3]), (date(2020, 1, 1),) * 2]
    assert series.list_compared(pairs) == {1: {pairs[0]: [9, 10], pairs[1]: [None] * 2}}


def test_stacked_series_compare_each_by_its_own_facts():
    today = date(2026, 11, 15)
    shown = periods.periods_between(GREGORIAN, "quarter", date(2026, 7, 1), today)
    months = periods.periods_between(
        GREGORIAN, "month", date(2026, 7, 1), date(2026, 12, 31)
    )
    parts = []
    for report_id, fine in ((1, months), (2, shown)):
        facts = [(report_id, each.start, 2.0, None) for each in fine]
        query = SeriesQuery([report_id], (Kpi(),), shown, fine, today)
        parts.append(make_series(query, SeriesRows([report_id], facts, [], [])))
    found = stack_series(parts).compare(0, 1)
    np.testing.assert_array_equal(found, [[2, NAN], [2, NAN]])
