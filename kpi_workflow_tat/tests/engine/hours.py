"""Calendars and moments of the clock's tests, and a clock that walks every minute."""

import datetime as dt
from zoneinfo import ZoneInfo

from odoo.addons.kpi_base.engine.worktime import Attendance, WorkCalendar

HOUR, MINUTE = 3600, 60
BRUSSELS = "Europe/Brussels"
OFFICE = tuple(
    Attendance(weekday, *hours) for weekday in range(5) for hours in ((8, 12), (13, 17))
)
NIGHT = tuple(  # 22 to 6, every night
    Attendance(weekday, *hours) for weekday in range(7) for hours in ((0, 6), (22, 24))
)


def at(text, tz=BRUSSELS):
    """Instant of a local time such as ``2026-03-27 16:30``."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz))
    return int(moment.timestamp())


def local(instant, tz=BRUSSELS):
    moment = dt.datetime.fromtimestamp(int(instant), ZoneInfo(tz))
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def utc(text, tz=BRUSSELS):
    """Naive UTC of a local time."""
    return dt.datetime.fromtimestamp(at(text, tz), dt.timezone.utc).replace(tzinfo=None)


WEEK = WorkCalendar(BRUSSELS, OFFICE)
NIGHTS = WorkCalendar(BRUSSELS, NIGHT)
ALWAYS = WorkCalendar.always(BRUSSELS)
MONDAY_OFF = WorkCalendar(
    BRUSSELS, OFFICE, leaves=((utc("2026-03-30 00:00"), utc("2026-03-31 00:00")),)
)
EMPTY = WorkCalendar("UTC")


def walk(calendar, clock, stop):
    """What ``clock`` shows at ``stop``, found by looking at each minute on the wall."""
    zone = ZoneInfo(calendar.tz)
    elapsed = clock.elapsed_before
    for minute in range(clock.start, stop, MINUTE):
        moment = dt.datetime.fromtimestamp(minute, zone)
        naive = dt.datetime.fromtimestamp(minute, dt.timezone.utc).replace(tzinfo=None)
        hour = moment.hour + moment.minute / 60
        is_open = any(
            line.weekday == moment.weekday() and line.hour_from <= hour < line.hour_to
            for line in calendar.attendances
        )
        is_leave = any(start <= naive < end for start, end in calendar.leaves)
        is_held = any(pause.start <= minute < pause.stop for pause in clock.pauses)
        elapsed += MINUTE * (is_open and not is_leave and not is_held)
    return elapsed
