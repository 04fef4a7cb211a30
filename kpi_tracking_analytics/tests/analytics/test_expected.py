from datetime import date

import pytest

from odoo.addons.kpi_base.engine.periods import CalendarSpec, period_of

from ...analytics.expected import Expected, as_arrays, list_coming

SPEC = CalendarSpec()
TODAY = date(2026, 3, 11)
YEAR = [date(2026, month, 1) for month in range(3, 13)]  # forecast from March on


def month(number, year=2026):
    return period_of(SPEC, "month", date(year, number, 1))


@pytest.mark.parametrize(
    ("last", "shown", "starts", "months"),
    [
        (month(2), 12, YEAR, [3, 4, 5]),  # a quarter of twelve
        (month(3), 12, YEAR, [4, 5, 6]),  # the running one is shown already
        (month(2), 3, YEAR, [3, 4]),  # the running and the next one at least
        (month(3), 3, YEAR, [4]),
        (month(2), 40, YEAR, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        (month(2), 12, YEAR[:1], [3]),  # no further than it is known
        (month(2), 12, [], []),
        (month(1), 3, YEAR, [2, 3, 4]),  # late by a month: March comes all the same
        (month(12, 2025), 3, YEAR, [1, 2, 3, 4]),
        (month(11, 2025), 3, YEAR, []),  # a line that leads on from there says nothing
        (month(11, 2025), 12, YEAR, [12, 1, 2, 3, 4]),
    ],
)
def test_a_chart_goes_on_as_far_as_there_is_room(last, shown, starts, months):
    coming = list_coming(SPEC, last, TODAY, shown, starts)
    assert [period.start.month for period in coming] == months


def test_numbers_are_of_the_last_period_only_while_it_runs():
    points = {
        start: Expected(at + 1.0, at - 1.0, at + 3.0) for at, start in enumerate(YEAR)
    }
    coming = [month(4), month(5)]
    assert as_arrays(points, month(3), coming, TODAY) == {
        "values": [1, 2, 3],
        "lows": [-1, 0, 1],
        "highs": [3, 4, 5],
    }
    over = as_arrays(points, month(3), coming, date(2026, 4, 1))
    assert over["values"] == [None, 2, 3]
    gap = as_arrays(points, month(1), [month(2), month(3)], TODAY)
    assert gap["values"] == [None, None, 1]


def test_where_nothing_is_expected_there_are_no_numbers():
    assert as_arrays({}, month(3), [month(4)], TODAY) is None
    only = {date(2026, 3, 1): Expected(5.0, None, None)}
    found = as_arrays(only, month(3), [], TODAY)
    assert found == {"values": [5], "lows": [None], "highs": [None]}


def test_nothing_expected_is_no_zero():
    points = {date(2026, 4, 1): Expected(0.0, 0.0, 0.0)}
    found = as_arrays(points, month(3), [month(4), month(5)], TODAY)
    assert found["values"] == [None, 0, None]
