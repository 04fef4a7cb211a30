"""Questions for the value of a KPI: the names and the period in them.

A question is read only where every word of it is understood: a wrong number is worse
than a question back.
"""

import datetime as dt
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Words = tuple[str, ...]
K = TypeVar("K", bound=Hashable)

WORD = re.compile(r"\d{4}-w\d{1,2}|\d{4}-\d{2}(?:-\d{2})?|\w+")
FILLERS = frozenset(
    "a about as at be by can could current currently did do does for from give had has"
    " have how i in is it kpi kpis last latest let like many me much now of on our over"
    " please s show tell than the their there these this to us value values was we were"
    " what where which whose will with would you your".split()
)
MONTHS = (
    "january february march april may june july august september october november"
    " december"
).split()
GRAINS = ("day", "week", "month", "quarter", "year")
DAYS = {"today": 0, "yesterday": 1}
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Span:
    """A period that a question names.

    :param grain: its length
    :param day: a day in it
    :param back: so many periods before the one of ``day``
    :param stop: day after a period of the wall calendar, whose first day is ``day``;
        None where it is one such as “last month”, of whatever calendar there is
    """

    grain: str
    day: dt.date
    back: int = 0
    stop: dt.date | None = None


def words(text: str) -> Words:
    """The words of a text in small letters; a date is one word."""
    return tuple(WORD.findall(text.casefold()))


def find_names(
    names: Mapping[K, Iterable[Words]], asked: Words
) -> tuple[set[K], Words]:
    """Find the things named by the most words of a question, and the remaining words.

    :param names: thing → the names that it goes by
    :return: all things with a name that long, several if the question names
        them alike; the question with “…” instead of each
    """
    spans: dict[Words, set[K]] = {}
    for thing, known in names.items():
        for name in known:
            if name and _find_position(name, asked) is not None:
                spans.setdefault(name, set()).add(thing)
    longest = max(map(len, spans), default=0)
    chosen = {name: things for name, things in spans.items() if len(name) == longest}
    for name in chosen:
        position = _find_position(name, asked)
        if position is not None:
            asked = (*asked[:position], "…", *asked[position + len(name) :])
    return set().union(*chosen.values()), asked


def _find_position(name: Words, asked: Words) -> int | None:
    for position in range(len(asked) - len(name) + 1):
        if asked[position : position + len(name)] == name:
            return position
    return None


def find_named_period(asked: Words, today: dt.date) -> tuple[Span | None, Words]:
    """The period that is named, None for the latest, and the words beside it.

    :raises ValueError: a day that there is not, such as 2026-02-30
    """
    for length in (3, 2, 1):
        for position in range(len(asked) - length + 1):
            span = _span(asked[position : position + length], today)
            if span:
                return span, (*asked[:position], *asked[position + length :])
    return None, asked


def not_understood(asked: Words) -> list[str]:
    """The words that say something nobody has read."""
    return [word for word in asked if word != "…" and word not in FILLERS]


def _span(given: Sequence[str], today: dt.date) -> Span | None:
    match given:
        case [day, month, year] if day.isdecimal() and month in MONTHS:
            return _wall_day(_year(year), month, day)
        case [month, day, year] if day.isdecimal() and month in MONTHS:
            return _wall_day(_year(year), month, day)
        case ["week", week, year] if week.isdecimal():
            return _week(_year(year), week)
        case [("this" | "current"), grain] if grain in GRAINS:
            return Span(grain, today)
        case [("last" | "previous"), grain] if grain in GRAINS:
            return Span(grain, today, back=1)
        case [month, year] if month in MONTHS:
            return _wall(_year(year), MONTHS.index(month), 1, "month")
        case [quarter, year] if re.fullmatch("q[1-4]", quarter):
            return _wall(_year(year), int(quarter[1]) * 3 - 3, 3, "quarter")
        case [year, quarter] if re.fullmatch("q[1-4]", quarter):
            return _wall(_year(year), int(quarter[1]) * 3 - 3, 3, "quarter")
        case [word]:
            return _of_one_word(word, today)
    return None


def _of_one_word(word: str, today: dt.date) -> Span | None:
    if word in DAYS:
        return Span("day", today - dt.timedelta(days=DAYS[word]))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
        day = dt.date.fromisoformat(word)
        return Span("day", day, stop=day + dt.timedelta(days=1))
    if re.fullmatch(r"\d{4}-\d{2}", word):
        year, month = word.split("-")
        if not 1 <= int(month) <= 12:
            raise ValueError(f"{word} is not a month")
        return _wall(_year(year), int(month) - 1, 1, "month")
    if re.fullmatch(r"\d{4}-w\d{1,2}", word):
        year, week = word.split("-w")
        return _week(_year(year), week)
    if word in MONTHS:
        month = MONTHS.index(word) + 1
        return _wall(today.year - (month > today.month), month - 1, 1, "month")
    if _year(word):
        return _wall(_year(word), 0, 12, "year")
    return None


def _year(text: str) -> int | None:
    is_year = re.fullmatch("[0-9]{4}", text) and FIRST_YEAR <= int(text) <= LAST_YEAR
    return int(text) if is_year else None


def _wall(year: int | None, month: int, count: int, grain: str) -> Span | None:
    """So many months of the wall calendar from ``month``, 0 = January."""
    if year is None:
        return None
    after = year * 12 + month + count
    stop = dt.date(after // 12, after % 12 + 1, 1)
    return Span(grain, dt.date(year, month + 1, 1), stop=stop)


def _wall_day(year: int | None, month: str, day: str) -> Span | None:
    if year is None:
        return None
    found = dt.date(year, MONTHS.index(month) + 1, int(day))
    return Span("day", found, stop=found + dt.timedelta(days=1))


def _week(year: int | None, week: str) -> Span | None:
    if year is None:
        return None
    first = dt.date.fromisocalendar(year, int(week), 1)
    return Span("week", first, stop=first + dt.timedelta(days=7))
