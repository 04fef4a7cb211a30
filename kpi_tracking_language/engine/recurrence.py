"""How often a report is wanted: “every Monday at 8”, “monthly”."""

import re
from collections.abc import Sequence

from .intent import GRAINS, Schedule
from .pieces import Pieces

WEEKDAYS = (
    "",
    *"monday tuesday wednesday thursday friday saturday sunday".split(),
)
FREQUENCIES = {grain: often for often, grain in GRAINS.items()}
CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s?([ap])?m?")


def take_schedule(pieces: Pieces, people: Sequence[str]) -> Schedule | None:
    """The recurrence that is asked for, whose pieces are used up; None: once only."""
    frequency, day = _every(pieces)
    frequency = frequency or pieces.take("freq")
    if not frequency:
        return None
    recipients: tuple[str, ...] = ()
    for at in list(pieces.places("my_team")):
        if pieces.has(at - 1, "send", "to"):
            recipients = ("my_team",)
            pieces.use(at)
    if people and pieces.has_any("to", "send"):
        recipients = tuple(people)
        pieces.use_all("to")
    day = _day(pieces, day)
    if not day and frequency not in ("daily", "weekly"):
        day = _number_of_day(pieces)
    return Schedule(
        frequency=frequency, day=day, time=_time(pieces), recipients=recipients
    )


def _every(pieces: Pieces) -> tuple[str | None, str | int | None]:
    if pieces.take("every_morning") is not None:
        return "daily", None
    for at in list(pieces.places("by")):
        noun = pieces.skip(at + 1, "weekday", "unit", "morning")
        weekday, unit = pieces.value(noun, "weekday"), pieces.value(noun, "unit")
        often = "daily" if pieces.has(noun, "morning") else FREQUENCIES.get(unit or "")
        if weekday or often:
            pieces.use(*range(at, noun + 1))
            return ("weekly", WEEKDAYS[int(weekday)]) if weekday else (often, None)
    for at in pieces.places("weekday"):
        text = pieces.token(at).text
        if text.endswith("s") and not text.endswith(("es", "us")):
            day = WEEKDAYS[int(pieces.value(at, "weekday") or 0)]
            pieces.use(at)
            return "weekly", day
    return None, None


def _day(pieces: Pieces, day: str | int | None) -> str | int | None:
    """“on the first”, “on Monday” beside “weekly”."""
    for at in list(pieces.places("ord")):
        number = int(pieces.value(at, "ord") or 1)
        pieces.use(at)
        pieces.use(*(near for near in (at + 1,) if pieces.value(near, "unit") == "day"))
        return number
    for at in list(pieces.places("weekday")):
        day = WEEKDAYS[int(pieces.value(at, "weekday") or 0)]
        pieces.use(at)
    return day


def _number_of_day(pieces: Pieces) -> int | None:
    """“am 5. jedes Monats”: a number that is no hour."""
    for at in list(pieces.places("number")):
        number = pieces.number(at) or 0
        is_hour = pieces.has(at - 1, "clock") or pieces.has(at + 1, "clock")
        if number in range(1, 32) and not is_hour and _is_hour(pieces, at, most=31):
            pieces.use(at)
            return int(number)
    return None


def _time(pieces: Pieces) -> str | None:
    for at in range(len(pieces)):
        token = pieces.token(at)
        if token.kind == "clock" or (token.kind == "number" and _is_hour(pieces, at)):
            found = CLOCK.fullmatch(token.text)
            if not found:
                continue
            hour = int(found[1])
            if found[3]:
                hour = hour % 12 + 12 * (found[3] == "p")
            minute = int(found[2] or 0)
            if hour > 23 or minute > 59:
                continue
            pieces.use(at)
            if pieces.has(at + 1, "clock") or pieces.value(at + 1, "unit") == "hour":
                pieces.use(at + 1)
            if pieces.has(at - 1, "clock", "to"):
                pieces.use(at - 1)
            return f"{hour:02}:{minute:02}"
    return None


def _is_hour(pieces: Pieces, at: int, most: int = 24) -> bool:
    """Check for “16.30 Uhr” and “at 8”: a small number with nothing that it counts."""
    number = pieces.number(at)
    after = pieces.value(at + 1, "unit")
    if pieces.has(at - 1, "clock") or pieces.has(at + 1, "clock"):
        return True
    return (
        number is not None
        and number == int(number)
        and 0 <= number <= most
        and after in (None, "hour")
        and not pieces.has(at + 1, "measure", "scale", "kpi")
    )
