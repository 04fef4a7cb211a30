"""How often a report is wanted: “every Monday at 8”, “monthly”."""

import re

from .intent import GRAINS, Schedule
from .pieces import Pieces

WEEKDAYS = (
    "",
    *"monday tuesday wednesday thursday friday saturday sunday".split(),
)
ME = {"me", "us", "mich", "mir", "uns", "moi", "nous"}
TO = {"an", "a"}  # also à
FREQUENCIES = {grain: often for often, grain in GRAINS.items()}
CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s?([ap])?m?")


def take_schedule(pieces: Pieces, found) -> Schedule | None:
    """The recurrence that is asked for, whose pieces are used up; None: once only.

    :param found: ``Found``, from which the recipients are taken
    """
    frequency, day = _every(pieces)
    frequency = frequency or pieces.take("freq")
    if not frequency:
        return None
    recipients = _take_recipients(pieces, found)
    day = _day(pieces, day)
    if not day and frequency not in ("daily", "weekly"):
        day = _number_of_day(pieces)
    return Schedule(
        frequency=frequency, day=day, time=_time(pieces), recipients=recipients
    )


def _take_recipients(pieces: Pieces, found) -> tuple[str, ...]:
    """“send Anna and me …”, “email … to Support”; in “the KPIs of Anna” she is none."""
    teams = [(at, "my_team") for at in pieces.places("my_team")]
    mine = [(at, "me") for at in pieces.places("me")]
    addressed: dict[int, str] = {}
    for place, key in sorted((*found.named, *teams, *mine)):
        before = place - 1
        if {"and", "or"} & pieces.all[before].meanings.keys():
            before -= 1
        piece = pieces.all[max(before, 0)]
        is_told = "send" in piece.meanings and not ME & set(piece.phrase)
        is_to = "to" in piece.meanings or piece.phrase[0] in TO
        is_other = before == place - 2 and (before in addressed or _is_me(piece))
        if is_told or is_to or is_other:
            addressed[place] = key
            pieces.use(before) if is_to else None
    pieces.use(*(place for place, key in addressed.items() if key in ("me", "my_team")))
    keys = dict.fromkeys(addressed.values())
    for names in (found.people, found.departments):
        names[:] = [key for key in names if key not in keys]
    if keys and any(_is_me(piece) for piece in pieces.all):
        keys["me"] = None
    return tuple(keys) if set(keys) != {"me"} else ()


def _is_me(piece) -> bool:
    """Check for “send me” and “to me”."""
    is_told = "send" in piece.meanings or piece.phrase[0] == "to"
    return is_told and bool(ME & set(piece.phrase))


def _every(pieces: Pieces) -> tuple[str | None, str | int | None]:
    if pieces.take("every_morning") is not None:
        return "daily", None
    for at in list(pieces.places("by")):
        noun = pieces.skip(at + 1, "weekday", "unit", "morning")
        weekday, unit = pieces.value(noun, "weekday"), pieces.value(noun, "unit")
        often = "daily" if pieces.has(noun, "morning") else FREQUENCIES.get(unit or "")
        if weekday and len(list(pieces.places("weekday"))) > 1:
            return None, None  # one email a week
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
