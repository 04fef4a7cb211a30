"""What a clock counted, in a line: “Fri 16–17 + Mon 8–10”."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .statement import Interval

FIRST, LAST = 2, 3  # stretches that are named where there are more
_WEEK = timedelta(days=7)

Stretch = tuple[datetime, datetime]


def say_stretches(
    intervals: Sequence[Interval], tz: str, say_day: Callable[[date, bool], str]
) -> str:
    """The stretches that counted, in order; days that are named once.

    Of more than five the first and last ones.

    :param intervals: of a clock statement
    :param tz: zone of the reader
    :param say_day: day and whether its weekday is enough → its name
    """
    stretches = [
        (_to_local(one.start, tz), _to_local(one.stop, tz))
        for one in intervals
        if one.kind == "counted"
    ]
    if not stretches:
        return ""
    within_week = stretches[-1][1] - stretches[0][0] < _WEEK

    def say(some: Sequence[Stretch]) -> str:
        days: dict[date, list[Stretch]] = {}
        for one in some:
            days.setdefault(one[0].date(), []).append(one)
        return " + ".join(
            f"{say_day(day, within_week)} "
            + ", ".join(_say_stretch(*one, say_day, within_week) for one in of_day)
            for day, of_day in days.items()
        )

    if len(stretches) <= FIRST + LAST:
        return say(stretches)
    return f"{say(stretches[:FIRST])} + … + {say(stretches[-LAST:])}"


def say_duration(seconds: int) -> str:
    """Hours, minutes and seconds, without those that are zero: “3 h 5 min”."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    said = [f"{number}\u202f{unit}" for number, unit in parts if number]
    return " ".join(said) or "0\u202fh"


def _say_stretch(
    start: datetime,
    stop: datetime,
    say_day: Callable[[date, bool], str],
    within_week: bool,
) -> str:
    if stop.date() == start.date():
        return f"{_say_time(start)}–{_say_time(stop)}"
    if _say_time(stop) == "0" and stop.date() - start.date() == timedelta(days=1):
        return f"{_say_time(start)}–24"
    return f"{_say_time(start)} – {say_day(stop.date(), within_week)} {_say_time(stop)}"


def _say_time(moment: datetime) -> str:
    if moment.second:
        return f"{moment:%-H:%M:%S}"
    return f"{moment:%-H:%M}" if moment.minute else f"{moment:%-H}"


def _to_local(instant: int, tz: str) -> datetime:
    return datetime.fromtimestamp(instant, ZoneInfo(tz))
