"""Working time in SQL: a table of working days, and the expressions that read it.

One row per calendar and local day holds the seconds worked before that day and its open
intervals. Joined by local day at the start and at the stop of a record, it gives the
seconds worked between them: any number of records in one statement, with the numbers of
:func:`~.worktime.work_seconds`.
"""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .periods import CalendarSpec, periods_between, utc_bounds
from .worktime import Timeline, WorkCalendar, to_instants

INLINE_SEGMENTS = 3  # days with more open intervals take the slower path in SQL


class WorkingDay(NamedTuple):
    """A local day of a calendar: a row of the table.

    :ivar seconds_before: seconds worked from the table's first day to this one
    :ivar segments: open intervals of the day, as seconds since 1970 in UTC: start,
        stop, start, stop, …, ascending
    """

    day: dt.date
    seconds_before: int
    segments: tuple[int, ...]


def day_table(
    calendar: WorkCalendar, first: dt.date, last: dt.date
) -> Iterator[WorkingDay]:
    """A row for every local day from ``first`` to ``last``, both included.

    :raises WorkTimeError: days outside of the years that a timeline covers
    """
    spec = CalendarSpec(tz=calendar.tz)
    days = periods_between(spec, "day", first, last)
    bounds = to_instants(bound for day in days for bound in utc_bounds(spec, day))
    bounds = bounds.reshape(-1, 2)
    timeline = Timeline(calendar)
    before = timeline.seconds_until(bounds)[:, 0]
    low = np.searchsorted(timeline.closes, bounds[:, 0], side="right")
    high = np.searchsorted(timeline.opens, bounds[:, 1], side="left")
    for i, (start, stop) in enumerate(bounds):
        opens = np.maximum(timeline.opens[low[i] : high[i]], start)
        closes = np.minimum(timeline.closes[low[i] : high[i]], stop)
        segments = np.stack([opens, closes], axis=1)[opens < closes]
        worked = int(before[i] - before[0])
        yield WorkingDay(days[i].start, worked, tuple(segments.ravel().tolist()))


def worked_seconds_sql(
    start: str, stop: str, *, start_day: str = "start_day", stop_day: str = "stop_day"
) -> str:
    """Expression (float8): seconds worked in ``[start, stop)``.

    0 where ``stop`` is before ``start``; NULL where an end is missing or its day is not
    in the table. Fractions of a second count, as in the timestamps.

    :param start: SQL expression, timestamp in UTC, as is ``stop``
    :param start_day: alias of the row of the calendar and the local day of ``start``
    :param stop_day: alias of that of ``stop``
    """
    return (
        f"CASE WHEN {stop} <= {start} THEN 0 "
        f"ELSE {_seconds_until_sql(stop, stop_day)} "
        f"- {_seconds_until_sql(start, start_day)} END"
    )


def _seconds_until_sql(moment: str, row: str) -> str:
    """W of :mod:`.worktime`, from the table's first day.

    ``least`` and ``greatest`` skip NULL: intervals that a day does not have add 0.
    """
    epoch = f"date_part('epoch', {moment})"
    inline = " + ".join(
        f"greatest(least({epoch}, {row}.segments[{i + 1}]) - {row}.segments[{i}], 0)"
        for i in range(1, 2 * INLINE_SEGMENTS, 2)
    )
    # Not a join on generate_series: PostgreSQL guesses 1,000 rows for it, and a cost at
    # which it compiles the statement, which takes longer than running it.
    every = (
        f"SELECT sum(least({epoch}, edge) * CASE mod(i, 2) WHEN 0 THEN 1 ELSE -1 END) "
        f"FROM unnest({row}.segments) WITH ORDINALITY AS edges(edge, i)"
    )
    return (
        f"({row}.seconds_before + CASE WHEN {moment} IS NULL THEN NULL "
        f"WHEN cardinality({row}.segments) <= {2 * INLINE_SEGMENTS} THEN {inline} "
        f"ELSE ({every}) END)"
    )
