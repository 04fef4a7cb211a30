"""Calendar periods: days, weeks, months, quarters and years of a company.

A period is a half-open range of local days. Every grain numbers its periods with
consecutive integers, so a period, its neighbours and all periods of a range come from
two functions: the number of the period that holds a day, and the first day of a number.
"""

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Grain = Literal["day", "week", "month", "quarter", "year"]
Pattern = Literal["gregorian", "4-4-5", "4-5-4", "5-4-4"]
YearEnd = Literal["last", "nearest"]

GRAINS: tuple[Grain, ...] = get_args(Grain)
FIRST_DAY = dt.date(1900, 1, 1)
LAST_FISCAL_DAY = 28  # the last day that every month has

_DAY = dt.timedelta(days=1)
_WEEKS_IN_QUARTER = 13
_IN_YEAR = {"month": 12, "quarter": 4, "year": 1}


class PeriodError(ValueError):
    """A calendar or a period that cannot exist; the text is for the KPI's owner."""


@dataclass(frozen=True)
class CalendarSpec:
    """Rules by which a company divides time into periods.

    ``gregorian``: months begin on ``fiscal_day`` (29 to 31 count as 28, which every
    month has); quarters and years begin with ``fiscal_month``.

    ``4-4-5``, ``4-5-4``, ``5-4-4``: a year has 52 or 53 full weeks and four quarters
    of 13 weeks, cut into months of that many weeks; a 53rd week joins the last month.
    The year ends on the last day of a week: the last one before the fiscal start
    (``year_end="last"``) or the one nearest to it (``"nearest"``, as the calendar of
    the National Retail Federation does).

    :param tz: name of a zone of the IANA database
    :param week_start: first day of the week, 0 = Monday … 6 = Sunday
    :param fiscal_month: month in which the fiscal year begins, 1 to 12
    :param fiscal_day: day on which fiscal months begin, 1 to 31
    :raises PeriodError: unknown zone or a part out of its range
    """

    tz: str = "UTC"
    week_start: int = 0
    fiscal_month: int = 1
    fiscal_day: int = 1
    pattern: Pattern = "gregorian"
    year_end: YearEnd = "last"

    def __post_init__(self) -> None:
        zone(self.tz)
        _check_range("first day of the week", self.week_start, 0, 6)
        _check_range("first month of the fiscal year", self.fiscal_month, 1, 12)
        _check_range("first day of the fiscal month", self.fiscal_day, 1, 31)
        _check_choice("pattern of the year", self.pattern, get_args(Pattern))
        _check_choice("end of the year", self.year_end, get_args(YearEnd))

    @property
    def month_start(self) -> int:
        """Day of the month on which fiscal months begin, 1 to 28."""
        return min(self.fiscal_day, LAST_FISCAL_DAY)

    @property
    def is_week_based(self) -> bool:
        """Check whether months, quarters and years consist of full weeks."""
        return self.pattern != "gregorian"


@dataclass(frozen=True, order=True)
class Period:
    """The local days ``[start, stop)`` of one ``grain``."""

    grain: Grain
    start: dt.date
    stop: dt.date

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.stop

    @property
    def days(self) -> int:
        return (self.stop - self.start).days


def zone(name: str) -> ZoneInfo:
    """The time zone called ``name``.

    :raises PeriodError: no such zone
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as error:
        raise PeriodError(
            f'Unknown time zone "{name}". Choose one such as "Europe/Brussels".'
        ) from error


def period_of(spec: CalendarSpec, grain: Grain, day: dt.date) -> Period:
    """The period of ``grain`` that holds the local ``day``.

    :raises PeriodError: unknown grain, a day before 1900, a period that ends after 9999
    """
    if grain == "day" and FIRST_DAY <= day < dt.date.max:
        return Period(grain, day, day + _DAY)
    return _period(spec, grain, _number(spec, grain, day))


def periods_between(
    spec: CalendarSpec, grain: Grain, first: dt.date, last: dt.date
) -> list[Period]:
    """All periods that hold a day from ``first`` to ``last`` (both included), in order.

    :return: empty where ``last`` is before ``first``
    """
    if last < first:
        return []
    low, high = _number(spec, grain, first), _number(spec, grain, last)
    starts = [_first_day(spec, grain, number) for number in range(low, high + 2)]
    return [Period(grain, start, stop) for start, stop in pairwise(starts)]


def previous(spec: CalendarSpec, period: Period, n: int = 1) -> Period:
    """The period ``n`` steps before ``period``; a negative ``n`` looks forward."""
    number = _number(spec, period.grain, max(period.start, FIRST_DAY))
    return _period(spec, period.grain, number - n)


def same_period_last_year(spec: CalendarSpec, period: Period) -> Period:
    """The period that people compare ``period`` with, a year earlier.

    ======== ============================== ===============================
    grain    gregorian                      4-4-5 and its kin
    ======== ============================== ===============================
    day      same date; 29 Feb → 28 Feb     same weekday of the same week
    week     same week number (below)       same week of the fiscal year
    others   same months                    same number in the fiscal year
    ======== ============================== ===============================

    Weeks are numbered as ISO 8601 does, with ``week_start`` as their first day: week 1
    is the one with at least four days in January. A 53rd week without counterpart is
    compared with the 52nd.
    """
    number = _number(spec, period.grain, period.start)
    if period.grain in _IN_YEAR:
        return _period(spec, period.grain, number - _IN_YEAR[period.grain])
    if period.grain == "day" and not spec.is_week_based:
        day = period.start
        if (day.month, day.day) == (2, 29):
            day -= _DAY
        return period_of(spec, "day", day.replace(year=day.year - 1))
    year, start = _week_year(spec, period.start)
    before = _week_year_start(spec, year - 1)
    week, weekday = divmod((period.start - start).days, 7)
    week = min(week, (start - before).days // 7 - 1)
    return period_of(spec, period.grain, before + (7 * week + weekday) * _DAY)


def a_year_later(spec: CalendarSpec, grain: Grain, day: dt.date) -> dt.date:
    """The day as far into the period that is compared with that of ``day`` a year on.

    The last day of it where it is shorter: 29 Feb → 28 Feb, 31 → 30.
    """
    period = period_of(spec, grain, day)
    steps = {"day": (365, 366, 364, 371), "week": (52, 53)}.get(grain)
    later = [previous(spec, period, -step) for step in steps or (_IN_YEAR[grain],)]
    same = (each for each in later if same_period_last_year(spec, each) == period)
    found = next(same, later[0])
    return min(found.start + (day - period.start), found.stop - _DAY)


def nests(spec: CalendarSpec, finer: Grain, coarser: Grain) -> bool:
    """Check whether every ``finer`` period lies inside one ``coarser`` period.

    Days nest in everything; weeks nest in months, quarters and years only where the
    year is made of full weeks. A grain nests in itself.
    """
    low, high = _rank(finer), _rank(coarser)
    if finer == "week" and coarser != "week":
        return spec.is_week_based and high > low
    return low <= high


def longer_grains(spec: CalendarSpec, finest: Grain, coarsest: Grain) -> list[Grain]:
    """Grains whose periods are made of full ones of ``finest``, itself first.

    :param coarsest: the longest of them; empty = ``finest``
    """
    longer = GRAINS[_rank(finest) + 1 : _rank(coarsest or finest) + 1]
    return [finest, *(grain for grain in longer if nests(spec, finest, grain))]


def indexes_in(coarse: list[Period], fine: list[Period]) -> list[int]:
    """Index, for each of the ``fine`` periods, of the coarse one that it is in."""
    starts = [period.start for period in coarse]
    return [bisect_right(starts, period.start) - 1 for period in fine]


def utc_bounds(spec: CalendarSpec, period: Period) -> tuple[dt.datetime, dt.datetime]:
    """First instant of the period and of what follows it, as naive UTC times.

    The instant of a local midnight. Where clocks skip midnight the first instant after
    the jump is taken; where midnight comes twice, the first.
    """
    local = zone(spec.tz)
    return _midnight(local, period.start), _midnight(local, period.stop)


def _period(spec: CalendarSpec, grain: Grain, number: int) -> Period:
    start = _first_day(spec, grain, number)
    stop = _first_day(spec, grain, number + 1)
    if stop <= FIRST_DAY:
        raise PeriodError(f"The {grain} from {start} lies before 1900.")
    return Period(grain, start, stop)


def _number(spec: CalendarSpec, grain: Grain, day: dt.date) -> int:
    """Number of the period that holds ``day``; consecutive for consecutive periods."""
    _rank(grain)
    if day < FIRST_DAY:
        raise PeriodError(f"{day} lies before 1900: periods begin on 1900-01-01.")
    if grain == "day":
        return day.toordinal()
    if grain == "week":
        return (day.toordinal() - 1 - spec.week_start) // 7
    if spec.is_week_based:
        year, start = _week_year(spec, day)
        week = (day - start).days // 7
        firsts = _retail_weeks(spec, grain)
        in_year = max(i for i, first in enumerate(firsts) if first <= week)
        return year * len(firsts) + in_year
    month = day.year * 12 + day.month - 1 - (day.day < spec.month_start)
    return (month - spec.fiscal_month + 1) // (12 // _IN_YEAR[grain])


def _first_day(spec: CalendarSpec, grain: Grain, number: int) -> dt.date:
    """First day of the period with that number: the inverse of :func:`_number`."""
    try:
        if grain == "day":
            return dt.date.fromordinal(number)
        if grain == "week":
            return dt.date.fromordinal(number * 7 + 1 + spec.week_start)
        if spec.is_week_based:
            firsts = _retail_weeks(spec, grain)
            year, in_year = divmod(number, len(firsts))
            return _week_year_start(spec, year) + 7 * firsts[in_year] * _DAY
        month = number * (12 // _IN_YEAR[grain]) + spec.fiscal_month - 1
        return dt.date(month // 12, month % 12 + 1, spec.month_start)
    except (ValueError, OverflowError) as error:
        raise PeriodError(
            f"This {grain} lies outside the years 1900 to 9999."
        ) from error


def _retail_weeks(spec: CalendarSpec, grain: Grain) -> list[int]:
    """First week, from 0, of each period of ``grain`` within a year of full weeks."""
    if grain == "year":
        return [0]
    if grain == "quarter":
        return [quarter * _WEEKS_IN_QUARTER for quarter in range(4)]
    lengths = [int(weeks) for weeks in spec.pattern.split("-")] * 4
    return [0, *accumulate(lengths[:-1])]


def _week_year(spec: CalendarSpec, day: dt.date) -> tuple[int, dt.date]:
    """Year made of full weeks that holds ``day``, and its first day."""
    year = day.year + 1
    while (start := _week_year_start(spec, year)) > day:
        year -= 1
    return year, start


def _week_year_start(spec: CalendarSpec, year: int) -> dt.date:
    """First day of the year of full weeks that begins around the fiscal start.

    Gregorian calendars number their weeks as ISO 8601 does: the week start nearest to
    1 January, whatever the fiscal year.
    """
    try:
        if spec.is_week_based:
            day = dt.date(year, spec.fiscal_month, spec.month_start)
        else:
            day = dt.date(year, 1, 1)
        if spec.year_end == "nearest" or not spec.is_week_based:
            day += 3 * _DAY  # the start of a week nearest to it, else the last before
        return day - (day.weekday() - spec.week_start) % 7 * _DAY
    except (ValueError, OverflowError) as error:
        raise PeriodError(
            f"The year {year} lies outside the years 1900 to 9999."
        ) from error


def _midnight(local: ZoneInfo, day: dt.date) -> dt.datetime:
    """Naive UTC instant at which the local ``day`` begins."""
    wall = dt.datetime.combine(day, dt.time())
    try:
        instant = _to_utc(local, wall, fold=0)
        if _to_wall(local, instant) == wall:
            return instant
        low = _to_utc(local, wall, fold=1)
    except OverflowError as error:
        raise PeriodError(f"{day} lies outside the years 1900 to 9999.") from error
    while instant - low > dt.timedelta(seconds=1):  # skipped: search for the jump
        middle = low + (instant - low) // 2
        middle = middle.replace(microsecond=0)
        if _to_wall(local, middle) >= wall:
            instant = middle
        else:
            low = middle
    return low if _to_wall(local, low) >= wall else instant


def _to_utc(local: ZoneInfo, wall: dt.datetime, fold: int) -> dt.datetime:
    aware = wall.replace(tzinfo=local, fold=fold)
    return aware.astimezone(dt.timezone.utc).replace(tzinfo=None)


def _to_wall(local: ZoneInfo, instant: dt.datetime) -> dt.datetime:
    aware = instant.replace(tzinfo=dt.timezone.utc).astimezone(local)
    return aware.replace(tzinfo=None, fold=0)


def _rank(grain: Grain) -> int:
    if grain not in GRAINS:
        raise PeriodError(
            f'Unknown period "{grain}". Choose one of {", ".join(GRAINS)}.'
        )
    return GRAINS.index(grain)


def _check_range(what: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or not low <= value <= high:
        raise PeriodError(f"The {what} must be from {low} to {high}, got {value}.")


def _check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise PeriodError(f'Unknown {what} "{value}". Choose {", ".join(choices)}.')
