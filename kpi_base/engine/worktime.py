"""Working time between instants: elapsed and due, in bulk.

A :class:`WorkCalendar` is plain data. A :class:`Timeline` turns it into open intervals
in UTC with the seconds worked before each, so that any question is a binary search:
``worked(start, stop) = W(stop) - W(start)``. Daylight saving is settled once, where
local hours become UTC; pauses are measured in worked seconds, so a pause never counts
hours that were closed anyway.

Instants are int64 seconds since 1970 in UTC, durations int64 seconds. Hours are
rounded to whole seconds when the calendar is read: a day of 0 to 24 h has 86,400.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike

from .periods import PeriodError, zone

FOREVER = 2**60  # stop of a pause that still runs; due time while it runs
YEARS = (1900, 2300)  # what a timeline may cover
HORIZON_YEARS = 100  # how far ahead a due time is searched

_DAY = 86_400  # seconds
_EPOCH = dt.date(1970, 1, 1).toordinal()
_LEAVE = -(2**20)  # weight: leaves beat attendances

Moments = tuple[tuple[dt.datetime, dt.datetime], ...]


class WorkTimeError(ValueError):
    """Working hours that cannot answer; the text is for the calendar's owner."""


@dataclass(frozen=True)
class Attendance:
    """Hours of one weekday, local time.

    :param weekday: 0 = Monday … 6 = Sunday
    :param hour_from: 0 to 24; a night shift is two lines
    :param hour_to: not before ``hour_from``, up to 24
    :param week: 0 or 1 in a calendar that alternates between two weeks, else None;
        as Odoo counts: full weeks since Monday 1 January of the year 1, modulo 2
    """

    weekday: int
    hour_from: float
    hour_to: float
    week: int | None = None

    def __post_init__(self) -> None:
        if self.weekday not in range(7) or self.week not in (None, 0, 1):
            raise WorkTimeError(f"No such weekday or week: {self}.")
        if not 0 <= self.hour_from <= self.hour_to <= 24:
            raise WorkTimeError(
                "Working hours lie between 0 and 24 h and end after they begin, "
                f"got {self.hour_from} to {self.hour_to}."
            )


@dataclass(frozen=True)
class WorkCalendar:
    """Working hours as plain data.

    :param tz: zone of the attendances
    :param attendances: where lines overlap, the time counts once
    :param leaves: closed ``[start, stop)``, naive UTC
    :raises WorkTimeError: unknown zone
    """

    tz: str
    attendances: tuple[Attendance, ...] = ()
    leaves: Moments = ()

    def __post_init__(self) -> None:
        try:
            zone(self.tz)
        except PeriodError as error:
            raise WorkTimeError(str(error)) from error

    @classmethod
    def always(cls, tz: str = "UTC", leaves: Moments = ()) -> "WorkCalendar":
        """Open 24 hours a day, 7 days a week."""
        days = tuple(Attendance(weekday, 0, 24) for weekday in range(7))
        return cls(tz, days, leaves)

    @classmethod
    def flexible(
        cls, tz: str, hours_per_day: float, hours_per_week: float, leaves: Moments = ()
    ) -> "WorkCalendar":
        """Hours a day centred on noon, from Monday until the week has its hours."""
        days, left = [], hours_per_week
        for weekday in range(7):
            half = min(hours_per_day, left, 24) / 2
            if half > 0:
                days.append(Attendance(weekday, 12 - half, 12 + half))
                left -= 2 * half
        return cls(tz, tuple(days), leaves)

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever an answer of this calendar could change."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


class Timeline:
    """Open intervals of a calendar and the seconds worked before each.

    Grows by itself to the instants it is asked about: reuse one per calendar.

    :ivar opens: starts of the open intervals, ascending; they do not touch
    :ivar closes: their stops
    :ivar before: seconds worked before each, one more than intervals; 0 lies at the
        first instant ever asked about
    """

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self.opens = self.closes = np.empty(0, np.int64)
        self.before = np.zeros(1, np.int64)
        self._days = (0, 0)
        self._origin: int | None = None
        self._usual: Timeline | None = None

    def clone(self) -> "Timeline":
        """One that knows as much and grows by itself: arrays are never changed."""
        other = copy(self)
        other._usual = self._usual and self._usual.clone()
        return other

    def without_leaves(self) -> "Timeline":
        """The usual hours; itself where the calendar has no leaves. Made once."""
        hours = self.calendar
        if not hours.leaves:
            return self
        if self._usual is None:
            self._usual = Timeline(WorkCalendar(hours.tz, hours.attendances))
        return self._usual

    def cover(self, low: int, high: int) -> None:
        """Load the instants from ``low`` to ``high``.

        :raises WorkTimeError: outside of :data:`YEARS`
        """
        try:
            years = [
                dt.date.fromordinal(int(moment) // _DAY + _EPOCH).year
                for moment in (low, high)
            ]
        except (ValueError, OverflowError):
            years = [0, 0]
        if years[0] < YEARS[0] or years[1] > YEARS[1]:
            raise WorkTimeError(
                f"Working time is known for the years {YEARS[0]} to {YEARS[1]}: "
                "check the dates."
            )
        first = dt.date(years[0], 1, 1).toordinal()
        stop = dt.date(years[1] + 1, 1, 1).toordinal()
        if self._origin is None:
            self._origin = int(low)
        elif self._days[0] <= first and stop <= self._days[1]:
            return
        else:
            first, stop = min(first, self._days[0]), max(stop, self._days[1])
        self.opens, self.closes = _open_intervals(self.calendar, first, stop)
        self.before = np.append(0, np.cumsum(self.closes - self.opens))
        self.before = self.before - self._seconds_until(np.int64(self._origin))
        self._days = (first, stop)

    def seconds_until(self, moments: ArrayLike) -> np.ndarray:
        """W: seconds worked before each instant; differences of W are what counts."""
        moments = np.asarray(moments, np.int64)
        if moments.size:
            self.cover(moments.min(), moments.max())
        return self._seconds_until(moments)

    def instant_of(self, worked: np.ndarray, *, last: bool) -> np.ndarray:
        """First or last instant at which W has each value, which it must pass later
        than at the first instant that the timeline knows.

        :raises WorkTimeError: not that much work in :data:`HORIZON_YEARS`
        """
        if worked.size:
            self._grow_to(int(worked.max()), last)
        side = "right" if last else "left"
        place = np.searchsorted(self.before, worked, side=side) - 1
        return self.opens[place] + worked - self.before[place]

    def _seconds_until(self, moments: np.ndarray) -> np.ndarray:
        begun = np.searchsorted(self.opens, moments, side="right")
        ends = np.append(-FOREVER, self.closes)[begun]
        return self.before[begun] - np.maximum(ends - moments, 0)

    def _grow_to(self, worked: int, last: bool) -> None:
        if not self.calendar.attendances:
            raise WorkTimeError(
                "This calendar has no working hours. Add working hours, or "
                "choose another calendar."
            )
        end = self._days[1] - 1 - _EPOCH
        for years in (0, 1, 2, 5, 10, 20, 50, HORIZON_YEARS):
            self.cover(self._origin, (end + 366 * years) * _DAY)
            if self.before[-1] > worked or (self.before[-1] == worked and not last):
                return
        raise WorkTimeError(
            "These working hours do not reach the due time before "
            f"{dt.date.fromordinal(self._days[1])}. Add working hours, or shorten "
            "the allowed time or the leaves."
        )


def work_seconds(
    timeline: Timeline, start: ArrayLike, stop: ArrayLike
) -> np.ndarray | int:
    """Seconds worked in ``[start, stop)``; 0 where ``stop`` is before ``start``.

    :param start: instants of any shape, broadcast with ``stop``
    :return: int64 of that shape, an int for scalars
    """
    start, stop = _int_arrays(start, stop)
    worked = timeline.seconds_until(np.stack([start, np.maximum(start, stop)]))
    return _plain(worked[1] - worked[0])


def elapsed_seconds(
    timeline: Timeline, start: ArrayLike, stop: ArrayLike, pauses: ArrayLike = ()
) -> np.ndarray | int:
    """Seconds worked in ``[start, stop)`` without those of the pauses.

    A time limit T is broken where ``elapsed_seconds > T``. Comparing ``stop`` with the
    due time is not the same: work done up to closing time is in time all night.

    :param start: instants, scalar or of shape (rows,), broadcast with ``stop``
    :param pauses: shape (pauses, 3), any order: row of ``start`` (0 for a scalar),
        start and stop of the pause, :data:`FOREVER` where it still runs; they may
        overlap and reach beyond ``[start, stop)``
    """
    start, stop = _int_arrays(start, stop)
    low, high = start.ravel(), np.maximum(start, stop).ravel()
    worked = work_seconds(timeline, low, high)
    for row, begin, end in _disjoint(timeline, pauses, low, high):
        worked[row] -= end - begin
    return _plain(worked.reshape(start.shape))


def due(
    timeline: Timeline, start: ArrayLike, seconds: ArrayLike, pauses: ArrayLike = ()
) -> np.ndarray | int:
    """First instant at which ``seconds`` have elapsed since ``start``.

    The inverse of :func:`elapsed_seconds`: 1 h from 16:00 is due at 17:00, closing
    time, and 0 h at ``start`` itself.

    :param seconds: 0 or more, broadcast with ``start``
    :param pauses: as in :func:`elapsed_seconds`
    :return: instants; :data:`FOREVER` where a pause that still runs comes first
    :raises WorkTimeError: negative seconds, or not that much work in
        :data:`HORIZON_YEARS`
    """
    return _instants_after(timeline, start, seconds, pauses, last=False)


def overdue_from(
    timeline: Timeline, start: ArrayLike, seconds: ArrayLike, pauses: ArrayLike = ()
) -> np.ndarray | int:
    """Last instant at which no more than ``seconds`` have elapsed since ``start``.

    Any work after it is late: 1 h from 16:00 is late from 08:00 on the next working
    day. Everything else is as in :func:`due`.
    """
    return _instants_after(timeline, start, seconds, pauses, last=True)


def to_instants(moments: Iterable[dt.datetime]) -> np.ndarray:
    """int64 seconds since 1970 of naive UTC or aware datetimes; fractions are cut."""
    naive = [
        moment.astimezone(dt.timezone.utc).replace(tzinfo=None)
        if moment.tzinfo
        else moment
        for moment in moments
    ]
    return np.array(naive, "datetime64[s]").astype(np.int64)


def to_datetime(instant: int) -> dt.datetime:
    """Naive UTC datetime of an instant."""
    return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=int(instant))


def _int_arrays(*numbers: ArrayLike) -> list[np.ndarray]:
    return np.broadcast_arrays(*(np.asarray(number, np.int64) for number in numbers))


def _plain(numbers: ArrayLike) -> np.ndarray | int:
    return numbers if np.ndim(numbers) else int(numbers)


def _instants_after(
    timeline: Timeline,
    start: ArrayLike,
    seconds: ArrayLike,
    pauses: ArrayLike,
    last: bool,
) -> np.ndarray | int:
    start, seconds = _int_arrays(start, seconds)
    low, wanted = start.ravel(), seconds.ravel()
    if np.any(wanted < 0):
        raise WorkTimeError("The time allowed must not be negative.")
    target = timeline.seconds_until(low) + wanted
    never = np.full_like(low, FOREVER)
    for row, begin, end in _disjoint(timeline, pauses, low, never):
        hit = (begin <= target[row]) if last else (begin < target[row])
        target[row] += np.where(hit, end - begin, 0)
    held = target >= FOREVER // 2
    moves = ~held & (last | (wanted > 0))
    result = np.where(held, FOREVER, low)
    result[moves] = timeline.instant_of(target[moves], last=last)
    return _plain(result.reshape(start.shape))


def _disjoint(
    timeline: Timeline, pauses: ArrayLike, low: np.ndarray, high: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Pauses as values of W, clipped to ``[low, high)`` and not overlapping in a row.

    Yields the first pause of every row that has one, then the second, and so on, each
    as (rows, begin, end); no row comes twice in one step.
    """
    row, begin, end = np.asarray(pauses, np.int64).reshape(-1, 3).T
    begin = np.clip(begin, low[row], high[row])
    end = np.clip(end, begin, high[row])
    runs = end >= FOREVER
    begin, end = timeline.seconds_until(np.stack([begin, np.where(runs, begin, end)]))
    end = np.where(runs, FOREVER, end)
    order = np.lexsort((begin, row))
    row, begin, end = row[order], begin[order], end[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    reached = np.full(len(low), -FOREVER)
    for step in range(rank.max(initial=-1) + 1):
        now = rank == step
        left = np.maximum(begin[now], reached[row[now]])
        reached[row[now]] = right = np.maximum(end[now], left)
        yield row[now], left, right


def _open_intervals(
    calendar: WorkCalendar, first: int, stop: int
) -> tuple[np.ndarray, np.ndarray]:
    """Open intervals in the UTC days ``[first, stop)``, given as ordinals."""
    days = np.arange(first - 1, stop + 1)  # a local day may begin in the next UTC day
    midnights = (days - _EPOCH) * _DAY
    walls = [np.empty((2, 0), np.int64)]  # local starts and stops
    for attendance in calendar.attendances:
        holds = (days - 1) % 7 == attendance.weekday
        if attendance.week is not None:
            holds &= (days - 1) // 7 % 2 == attendance.week
        edges = (attendance.hour_from, attendance.hour_to)
        walls.append(np.stack([midnights[holds] + round(e * 3600) for e in edges]))
    hours = _wall_to_utc(ZoneInfo(calendar.tz), np.concatenate(walls, axis=1))
    leaves = to_instants(moment for leave in calendar.leaves for moment in leave)
    opens, closes = _subtract(hours, leaves.reshape(-1, 2).T)
    low, high = (first - _EPOCH) * _DAY, (stop - _EPOCH) * _DAY
    opens, closes = np.maximum(opens, low), np.minimum(closes, high)
    inside = opens < closes
    return opens[inside], closes[inside]


def _wall_to_utc(local: ZoneInfo, walls: np.ndarray) -> np.ndarray:
    """Instants of local times. Clocks are asked once a day, and once per time on the
    days on which they change."""
    if not walls.size:
        return walls
    days = walls // _DAY
    first = int(days.min())
    midnights = range(first * _DAY, (int(days.max()) + 2) * _DAY, _DAY)
    offsets = np.array([_standard_offset(local, midnight) for midnight in midnights])
    result = walls - offsets[days - first]
    for i in np.argwhere(offsets[days - first] != offsets[days - first + 1]):
        wall = int(walls[tuple(i)])
        result[tuple(i)] = wall - _standard_offset(local, wall)
    return result


def _standard_offset(local: ZoneInfo, wall: int) -> int:
    """Seconds that a local time is ahead of UTC; where clocks skip it or show it twice,
    by standard time, as Odoo reads it."""
    moment = to_datetime(wall).replace(tzinfo=local)
    offsets = (moment.utcoffset(), moment.replace(fold=1).utcoffset())
    return int(min(offsets).total_seconds())


def _subtract(hours: np.ndarray, leaves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts and stops of the maximal intervals in hours and in no leave.

    :param hours, leaves: starts and stops; empty and reversed ones are dropped
    """
    times, steps = [], []
    for (starts, stops), weight in ((hours, 1), (leaves, _LEAVE)):
        real = starts < stops
        times += [starts[real], stops[real]]
        steps += [np.full(real.sum(), weight), np.full(real.sum(), -weight)]
    moments, place = np.unique(np.concatenate(times), return_inverse=True)
    change = np.zeros(len(moments), np.int64)
    np.add.at(change, place, np.concatenate(steps))
    active = np.cumsum(change) > 0
    edges = moments[np.flatnonzero(np.diff(active, prepend=False))]
    return edges[::2], edges[1::2]
