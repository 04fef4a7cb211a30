"""Turn-around clock of one person on one level of a request.

Instants are int seconds since 1970 in UTC, durations whole seconds, as in
``worktime``. Elapsed time is what was worked since the clock began, without pauses, and
what was taken over: from whoever had the request before, or from before the rules were
changed. It is broken where it is *more* than what was allowed: done at closing time is
done in time, all night.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from odoo.addons.kpi_base.engine.worktime import (
    FOREVER,
    Timeline,
    WorkCalendar,
    WorkTimeError,
    due,
    elapsed_seconds,
    overdue_from,
)

BREACH = 100  # percent
Priority = Literal["express", "standard"]
MOST_HOURS = 8760  # a year of the clock
_HOUR, _TEST_HOUR = 3600, 60  # seconds; in test mode an hour lasts a minute
MOST = 10  # reminders before it is overdue


@dataclass(frozen=True)
class Pause:
    """A pause ``[start, stop)``; ``FOREVER`` where it still runs.

    :raises WorkTimeError: it ends before it begins
    """

    start: int
    stop: int = FOREVER

    def __post_init__(self) -> None:
        if self.stop < self.start:
            raise WorkTimeError("The hold ends before it begins.")


def merge_pauses(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """The same time as pauses that neither overlap nor touch, in their order.

    Those of no length are left out.
    """
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda each: each.start):
        if pause.start == pause.stop:
            continue
        if merged and pause.start <= merged[-1].stop:
            before = merged.pop()
            pause = Pause(before.start, max(before.stop, pause.stop))
        merged.append(pause)
    return tuple(merged)


@dataclass(frozen=True)
class Clock:
    """What a clock counts by.

    :param start: instant from which it counts
    :param allowed: seconds, more than 0
    :param elapsed_before: seconds taken over, 0 or more
    :param pauses: any order, may overlap
    :raises WorkTimeError: nothing allowed, or less than nothing taken over
    """

    start: int
    allowed: int
    elapsed_before: int = 0
    pauses: tuple[Pause, ...] = ()

    def __post_init__(self) -> None:
        if self.allowed <= 0 or self.elapsed_before < 0:
            raise WorkTimeError(
                "A clock needs allowed time, and takes over none or some, "
                f"got {self.allowed} s and {self.elapsed_before} s."
            )


@dataclass(frozen=True)
class Reading:
    """What a clock shows at one instant; all in seconds.

    :ivar elapsed: what counts, with what was taken over
    :ivar wall: of the clock on the wall since the start, pauses included
    :ivar remaining: negative where it is exceeded
    """

    elapsed: int
    wall: int
    allowed: int

    @property
    def remaining(self) -> int:
        return self.allowed - self.elapsed

    @property
    def is_breached(self) -> bool:
        return self.elapsed > self.allowed

    @property
    def percent(self) -> float:
        return 100 * self.elapsed / self.allowed


@dataclass(frozen=True)
class Plan:
    """When things fall due; None while a pause runs that comes first.

    :ivar thresholds: percent → instant; of 100 the first second that is late
    :ivar due_at: instant at which all that is allowed has elapsed
    """

    thresholds: dict[int, int | None]
    due_at: int | None


def read_clock(timeline: Timeline, clock: Clock, moment: int) -> Reading:
    """What the clock shows; before its start what was taken over."""
    (reading,) = read_clocks(timeline, [clock], moment)
    return reading


def read_clocks(
    timeline: Timeline, clocks: Sequence[Clock], moments: int | Sequence[int]
) -> list[Reading]:
    """What clocks by the same hours show, each at its moment or all at one."""
    starts = np.array([clock.start for clock in clocks], np.int64)
    stops = np.broadcast_to(np.asarray(moments, np.int64), starts.shape)
    worked = elapsed_seconds(timeline, starts, stops, _list_rows(clocks))
    walls = np.maximum(stops - starts, 0).tolist()
    return [
        Reading(clock.elapsed_before + int(done), wall, clock.allowed)
        for clock, done, wall in zip(clocks, worked, walls, strict=True)
    ]


def plan_clock(
    timeline: Timeline, clock: Clock, thresholds: Iterable[int] = (50, 75, BREACH)
) -> Plan:
    """When the thresholds of a clock fall due.

    Every threshold but 100% falls on the first instant at which so much has elapsed;
    100% on the first second that is late: 1 h from Friday 16:00 is due at 17:00 and
    broken from Monday 08:00:01. What was passed before falls on the start.

    :param thresholds: percentages above 0; 100 is always among the result
    :raises WorkTimeError: the calendar does not reach the due time
    """
    moments = {}
    for percent in sorted({*thresholds, BREACH}):
        wanted = count_threshold_seconds(clock.allowed, percent)
        if percent != BREACH:
            moments[percent] = _find_due(timeline, clock, wanted)
            continue
        left = wanted - clock.elapsed_before
        last = clock.start - 1
        if left >= 0:
            last = overdue_from(timeline, clock.start, left, _list_rows([clock]))
        moments[percent] = None if last >= FOREVER else last + 1
    return Plan(moments, _find_due(timeline, clock, clock.allowed))


def count_threshold_seconds(allowed: int, percent: int) -> int:
    """Elapsed seconds at which a threshold is reached: whole ones, never too early."""
    if percent <= 0:
        raise WorkTimeError(f"A threshold is more than 0%, got {percent}%.")
    return -(-allowed * percent // 100)


def _find_due(timeline: Timeline, clock: Clock, wanted: int) -> int | None:
    left = max(0, wanted - clock.elapsed_before)
    moment = due(timeline, clock.start, left, _list_rows([clock]))
    return None if moment >= FOREVER else moment


def _list_rows(clocks: Sequence[Clock]) -> list[tuple[int, int, int]]:
    """Pauses as ``worktime`` takes them: row, start, stop."""
    return [
        (row, pause.start, pause.stop)
        for row, clock in enumerate(clocks)
        for pause in merge_pauses(clock.pauses)
    ]


def count_allowed_seconds(hours: float, *, is_test: bool = False) -> int:
    """Whole seconds of so many hours.

    :param is_test: an hour lasts a minute
    :raises WorkTimeError: nothing, negative, more than :data:`MOST_HOURS`, no number
    """
    if not (math.isfinite(hours) and 0 < hours <= MOST_HOURS):
        raise WorkTimeError(
            f"The allowed time is more than 0 and up to {MOST_HOURS:,} hours, "
            f"got {hours:,g}."
        )
    return max(1, round(hours * (_TEST_HOUR if is_test else _HOUR)))


def choose_calendar(
    priority: Priority, working_hours: WorkCalendar, *, is_test: bool = False
) -> WorkCalendar:
    """The hours that count: of the clock for express, of work for standard.

    In test mode those of the clock always.
    """
    if priority == "express" or is_test:
        return WorkCalendar.always(working_hours.tz)
    return working_hours


def parse_thresholds(text: str) -> tuple[int, ...]:
    """The percentages of a text such as “50, 75, 90”, ascending.

    That of what is overdue, 100, is never among them: it is always announced.

    :raises WorkTimeError: anything but whole numbers from 1 to 99, each once
    """
    parts = [part.strip(" %\u00a0\u202f") for part in (text or "").split(",")]
    if parts == [""]:
        return ()
    if not all(part.isascii() and part.isdigit() and len(part) < 3 for part in parts):
        raise WorkTimeError(
            f"Reminders are whole percentages from 1 to 99 with commas between them, "
            f"such as 50, 75; got “{text}”."
        )
    numbers = sorted(int(part) for part in parts)
    if 0 in numbers or len(set(numbers)) < len(numbers) or len(numbers) > MOST:
        raise WorkTimeError(
            f"Reminders are up to {MOST} percentages from 1 to 99, each once; "
            f"got “{text}”."
        )
    return tuple(numbers)


@dataclass(frozen=True)
class Reminder:
    """The one threshold to announce.

    :ivar superseded: lower ones that were passed and never announced, ascending: the
        server was down, or the request came with most of its time used
    """

    percent: int
    superseded: tuple[int, ...] = ()


def find_reminder(
    moments: Mapping[int, int | None], announced: int, now: int
) -> Reminder | None:
    """The highest threshold that was passed, unless it or a higher one is announced.

    :param moments: percent → instant that it falls due, None = not foreseeable
    :param announced: highest percentage that was announced before; 0: none was
    """
    passed = sorted(
        percent
        for percent, moment in moments.items()
        if moment is not None and moment <= now and percent > announced
    )
    return Reminder(passed[-1], tuple(passed[:-1])) if passed else None


def find_next_moment(moments: Mapping[int, int | None], announced: int) -> int | None:
    """When a clock has to be looked at next; None = never, as it stands."""
    return min(
        (
            moment
            for percent, moment in moments.items()
            if moment is not None and percent > announced
        ),
        default=None,
    )
