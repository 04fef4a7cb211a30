"""Dates, numbers, percents and values of KPIs as a reader's language writes them.

Everything that a language has in it is in one table, :func:`language_table`, made of
babel's data and of the signs of the language in Odoo. The same functions with the same
results are in ``static/src/eager/formatting/formatting.js``, which gets the table as
JSON; both are tested with ``static/tests/formatting_cases.json``::

    table = language_table("de_DE", decimal_point=",", thousands_sep=".")
    day(table, date(2026, 11, 6))                        # 6. Nov. 2026
    day(table, date(2026, 11, 6), date(2026, 12, 24))    # 6. Nov.
    percent(table, 0.125)                                # 12,5%
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, Protocol

from babel import Locale
from babel.dates import get_datetime_format, match_skeleton, parse_pattern

from .number_text import compact as scale
from .number_text import group_digits, round_half

Table = Mapping[str, Any]

NARROW_SPACE = "\u202f"
MINUS = "\u2212"
# A text between these neither turns the words around it nor is turned by them.
ISOLATE, END = "\u2068", "\u2069"
FROM_LEFT = "\u200e"
CAP = 999  # percent, as in the engine of KPIs
LIMITS_STEP = 5  # percent, in whose steps limits of statuses usually are
ROUNDING = 1e-9  # percent, by which numbers may differ from what they are
MAX_RELATIVE = 10  # beyond tenfold a percentage says less than the difference
MAX_DECIMALS = 6
MOST_DECIMALS = 100  # that a browser writes
MAX_TABLES = 256

WORDS = {
    "yes": "Yes",
    "no": "No",
    "point": "%s point",
    "points": "%s points",
    "minute": "min",
    "hour": "h",
    "day": "d",
    "week": "W%(week)s %(year)s",
}
# What each form is called here → skeleton of CLDR, which knows the order and the dots.
SKELETONS = {
    "day": "MMMd",
    "day_year": "yMMMd",
    "weekday": "MMMEd",
    "weekday_year": "yMMMEd",
    "month": "yMMM",
    "long_month": "yMMMM",
    "quarter": "yQQQ",
}
WIDTHS = {"MMM": "abbreviated", "MMMM": "wide", "LLL": "abbreviated", "LLLL": "wide"}
INVISIBLE = re.compile("[\u200e\u200f\u061c]")


@dataclass(frozen=True)
class Currency:
    """The sign of a currency, and its side."""

    symbol: str
    is_before: bool = False


class UnitFields(Protocol):
    """Fields of a KPI that name its unit: a definition, or a plain tuple."""

    unit: str
    decimals: int
    unit_symbol: str | Literal[False] | None
    duration_unit: str | Literal[False] | None


@dataclass(frozen=True)
class Unit:
    """Unit of a KPI's values.

    :param kind: as ``unit`` of a KPI: number, percent, currency, duration …
    :param symbol: of a unit of its own
    :param duration_unit: ``minute``, ``hour`` or ``day``
    """

    kind: str = "number"
    decimals: int = 0
    symbol: str = ""
    currency: Currency | None = None
    duration_unit: str = "day"


@lru_cache(MAX_TABLES)
def language_table(
    code: str,
    *,
    decimal_point: str = ".",
    thousands_sep: str = ",",
    grouping: str = "[3,0]",
    is_rtl: bool = False,
) -> Table:
    """Everything that writing in a language takes; not to be changed.

    :param code: as Odoo has it, such as ``de_DE``; one that babel does not know is
        written with English names
    :param grouping: sizes of the groups of digits, as Odoo stores them
    :return: plain values only, as JSON takes them
    """
    locale = _find_locale(code)
    before, after = _percent_signs(locale)
    return {
        "code": code,
        "rtl": is_rtl,
        "decimal": decimal_point,
        "thousands": thousands_sep,
        "grouping": [int(size) for size in re.findall(r"-?\d+", grouping)],
        "percent": [before, after],
        "months": {
            field: list(_month_names(locale, field[0], width))
            for field, width in WIDTHS.items()
        },
        "weekdays": {
            "E": [locale.days["format"]["abbreviated"][day] for day in range(7)],
            "EEEE": [locale.days["format"]["wide"][day] for day in range(7)],
            "cccc": [locale.days["stand-alone"]["wide"][day] for day in range(7)],
        },
        "quarters": [
            locale.quarters["format"]["abbreviated"][number] for number in range(1, 5)
        ],
        "halves": [_half_of_day(locale, half) for half in ("am", "pm")],
        "patterns": _patterns(locale),
        "words": WORDS,
    }


def _find_locale(code: str) -> Locale:
    try:
        return Locale.parse(code)
    except Exception:  # of many kinds: a code is free text
        return Locale.parse("en_US")


def _month_names(locale, field, width):
    names = locale.months["stand-alone" if field == "L" else "format"][width]
    return [names[month] for month in range(1, 13)]


def _half_of_day(locale, half):
    return locale.day_periods["format"]["abbreviated"].get(half, half.upper())


def _percent_signs(locale):
    """What stands before and behind the number, with the space that babel has."""
    symbols = locale.number_symbols
    signs = symbols.get("latn", symbols)  # babel 2.14 keeps them by kind of digits
    sign = signs.get("percentSign", "%")
    pattern = locale.percent_formats[None].pattern.split(";")[0]
    before, after = re.split(r"[#0,.]+", pattern, maxsplit=1)
    texts = (part.replace("%", sign).replace("'", "") for part in (before, after))
    return [INVISIBLE.sub("", text) for text in texts]  # the isolate does their work


def _patterns(locale):
    def read(pattern):
        text = parse_pattern(pattern).format
        return re.sub(r"%\((\w+)\)s", r"{\1}", text).replace("%%", "%")

    patterns = {}
    for name, skeleton in SKELETONS.items():
        known = locale.datetime_skeletons
        found = skeleton if skeleton in known else match_skeleton(skeleton, known)
        patterns[name] = read(known[found].pattern if found else "y-MM-dd")
    patterns["full"] = read(locale.date_formats["full"].pattern)
    patterns["time"] = read(locale.time_formats["short"].pattern)
    patterns["seconds"] = read(locale.time_formats["medium"].pattern)
    joint = str(get_datetime_format("medium", locale)).replace("'", "")
    patterns["moment"] = joint.format("{time}", "{day}")
    plain = {"time": "{HH}:{mm}", "seconds": "{HH}:{mm}:{ss}"}
    return {
        name: pattern
        if name == "moment" or all(part in FIELDS for part in _fields_of(pattern))
        else plain.get(name, "{y}-{MM}-{dd}")
        for name, pattern in patterns.items()
    }


def _fields_of(pattern):
    return re.findall(r"\{(\w+)\}", pattern)


FIELDS = {
    "d": lambda table, value: str(value.day),
    "dd": lambda table, value: f"{value.day:02}",
    "M": lambda table, value: str(value.month),
    "MM": lambda table, value: f"{value.month:02}",
    "L": lambda table, value: str(value.month),
    "LL": lambda table, value: f"{value.month:02}",
    "y": lambda table, value: str(value.year),
    "yy": lambda table, value: f"{value.year % 100:02}",
    "yyyy": lambda table, value: f"{value.year:04}",
    "E": lambda table, value: table["weekdays"]["E"][value.weekday()],
    "EEE": lambda table, value: table["weekdays"]["E"][value.weekday()],
    "EEEE": lambda table, value: table["weekdays"]["EEEE"][value.weekday()],
    "cccc": lambda table, value: table["weekdays"]["cccc"][value.weekday()],
    "ccc": lambda table, value: table["weekdays"]["E"][value.weekday()],
    "Q": lambda table, value: str((value.month + 2) // 3),
    "QQQ": lambda table, value: table["quarters"][(value.month - 1) // 3],
    "h": lambda table, value: str(value.hour % 12 or 12),
    "hh": lambda table, value: f"{value.hour % 12 or 12:02}",
    "H": lambda table, value: str(value.hour),
    "HH": lambda table, value: f"{value.hour:02}",
    "mm": lambda table, value: f"{value.minute:02}",
    "ss": lambda table, value: f"{value.second:02}",
    "a": lambda table, value: table["halves"][value.hour >= 12],
}
FIELDS |= {
    name: lambda table, value, name=name: table["months"][name][value.month - 1]
    for name in WIDTHS
}


@lru_cache(MAX_TABLES)
def _parts_of(pattern):
    """(Text, function or None, text, …) of a pattern: “{d}. {MMM}”."""
    parts = re.split(r"\{(\w+)\}", pattern)
    return tuple(
        (FIELDS[part], "") if place % 2 else (None, part)
        for place, part in enumerate(parts)
        if part
    )


def _write_date(table, name, value):
    parts = _parts_of(table["patterns"][name])
    return "".join([read(table, value) if read else text for read, text in parts])


def day(
    table: Table,
    value: date,
    today: date | None = None,
    *,
    form: Literal["day", "weekday"] = "day",
) -> str:
    """A day: “Nov 6”, “6. Nov.”, with its year if that is not the one of ``today``.

    :param form: ``weekday`` also names the day of the week
    """
    is_this_year = today is not None and value.year == today.year
    return _write_date(table, form if is_this_year else f"{form}_year", value)


def full_day(table: Table, value: date) -> str:
    """A day with all its names: “Friday, November 6, 2026”."""
    return _write_date(table, "full", value)


def clock(table: Table, value, *, with_seconds: bool = False) -> str:
    """The time of a day, to the minute: “2:30 PM”, “14:30”."""
    return _write_date(table, "seconds" if with_seconds else "time", value)


def moment(
    table: Table,
    value: datetime,
    today: date | None = None,
    *,
    form: Literal["day", "weekday"] = "day",
    with_seconds: bool = False,
) -> str:
    """A moment in the reader's time zone, to the minute: “Nov 6, 2:30 PM”.

    :param form: ``weekday`` also names the day of the week
    """
    return (
        table["patterns"]["moment"]
        .replace("{day}", day(table, value, today, form=form))
        .replace("{time}", clock(table, value, with_seconds=with_seconds))
    )


def month(table: Table, value: date, *, is_long: bool = False) -> str:
    """A month: “Nov 2026”, or “November 2026”."""
    return _write_date(table, "long_month" if is_long else "month", value)


def month_name(table: Table, number: int) -> str:
    """The name of a month (1 to 12) that stands alone: “November”."""
    return table["months"]["LLLL"][number - 1]


def weekday_name(table: Table, number: int) -> str:
    """The name of a day of the week (0 = Monday) that stands alone."""
    return table["weekdays"]["cccc"][number]


def period(
    table: Table,
    start: date,
    grain: str,
    stop: date | None = None,
    *,
    is_iso_week: bool = True,
) -> str:
    """A period: “Nov 2026”, “Q4 2026”, “W45 2026”.

    Where months or years do not follow the wall calendar, a name such as “Q3” would be
    read differently by everybody: these are named by their first and last month or day.

    :param grain: ``day``, ``week``, ``month``, ``quarter`` or ``year``
    :param stop: first day after it, where it may not be a usual one
    :param is_iso_week: weeks begin on Mondays and have numbers
    """
    if grain == "week" and is_iso_week:
        year, week, _weekday = start.isocalendar()
        return table["words"]["week"] % {"week": week, "year": year}
    name = _period_pattern(start, grain, stop)
    first = _write_period(table, name, start)
    if stop is None:
        return first
    last = _write_period(table, name, stop - timedelta(days=1))
    return first if first == last else f"{first} – {last}"


def is_whole_month(start: date, stop: date, grain: str) -> bool:
    """Check whether a period is one month of the wall calendar."""
    is_month = _period_pattern(start, grain, stop) == "month"
    last = stop - timedelta(days=1)
    return is_month and (start.year, start.month) == (last.year, last.month)


def _period_pattern(start, grain, stop):
    """Coarsest pattern that names the period without doubt."""
    if grain in ("day", "week") or start.day != 1 or (stop and stop.day != 1):
        return "day_year"
    if grain == "quarter" and start.month % 3 == 1:
        return "quarter"
    return "year" if grain == "year" and start.month == 1 else "month"


def _write_period(table, name, value):
    return str(value.year) if name == "year" else _write_date(table, name, value)


def number(table: Table, value: float, decimals: int) -> str:
    """A number with so many decimals; nothing has no sign."""
    rounded = round_half(float(value), decimals)
    whole, _point, fraction = f"{rounded:.{decimals}f}".partition(".")
    text = group_digits(whole, table["thousands"], table["grouping"])
    return f"{text}{table['decimal']}{fraction}" if fraction else text


def plain(table: Table, value: float, decimals: int) -> str:
    """A number with at most so many decimals, none that add nothing: 12, 12.5."""
    rounded = round_half(float(value), decimals)
    while decimals and round_half(rounded, decimals - 1) == rounded:
        decimals -= 1
    return number(table, rounded, decimals)


def significant(table: Table, value: float, digits: int) -> str:
    """A number with at most so many significant digits: 1.5, 140, 0.00123.

    Those before the decimal point are all written.
    """
    exponent = math.floor(math.log10(abs(value) or 1))
    decimals = min(max(0, digits - 1 - exponent), MOST_DECIMALS)
    return plain(table, value, decimals)


def percent(table: Table, ratio: float, digits: int = 1) -> str:
    """A share, 0 to 1, in percent: “12%”, “12.5%”, in German “12,5%”."""
    return percent_text(table, plain(table, 100 * float(ratio), digits))


def percent_text(table: Table, text: str) -> str:
    """A number that is written already, as a percentage."""
    return isolate(table, percent_sign(table, text))


def percent_sign(table: Table, text: str) -> str:
    """As ``percent_text``, to be put beside a sign: without an isolate."""
    before, after = table["percent"]
    before, text = _sign_first(before, text)
    return f"{before}{text}{after}"


def isolate(table: Table, text: str) -> str:
    """Hold a number, its sign and its unit together where words run from the right."""
    if not table["rtl"]:
        return text
    start = FROM_LEFT if text[:1] in ("-", MINUS, "+", "±", ">") else ""
    return f"{ISOLATE}{start}{text}{END}"


def bare(text: str) -> str:
    """A text without its isolate, to be put into another one."""
    return text.removeprefix(ISOLATE).removesuffix(END).removeprefix(FROM_LEFT)


def compact_parts(table: Table, value: float, unit: Unit) -> tuple[str, str, str]:
    """A value with three significant digits: before, number, behind."""
    scaled, decimals, letter = scale(value, unit.decimals)
    return _split(table, value, unit, number(table, scaled, decimals), letter)


def compact(table: Table, value: float, unit: Unit) -> str:
    """A value in one line, three significant digits: “2.49 M€”."""
    return join_parts(table, *compact_parts(table, value, unit))


def fixed(table: Table, value: float, unit: Unit) -> str:
    """A value with the decimals of its KPI, for a table."""
    return join_parts(
        table, *_split(table, value, unit, number(table, value, unit.decimals))
    )


def exact(table: Table, value: float, unit: Unit) -> str:
    """A value with all its digits."""
    text = plain(table, value, max(unit.decimals, MAX_DECIMALS))
    return join_parts(table, *_split(table, value, unit, text))


def is_far(value: float, reference: float) -> bool:
    """Return whether a percentage says less than the two numbers: of almost nothing."""
    is_same_side = value * reference > 0
    return is_same_side and abs(value - reference) >= MAX_RELATIVE * abs(reference)


def change(table: Table, value: float, reference: float, unit: Unit) -> str:
    """Difference of a value from another, with its sign.

    In percent where that means something, in points for percentages, as a difference
    else. Never an infinite percentage.
    """
    difference = value - reference
    is_part = unit.kind not in ("percent", "boolean") and value * reference > 0
    relative = difference / abs(reference) if is_part else MAX_RELATIVE
    if abs(relative) >= MAX_RELATIVE:
        return add_sign(table, difference, distance(table, abs(difference), unit))
    size = abs(relative) * 100
    text = percent_sign(table, plain(table, size, 1 if size < 1 else 0))
    return add_sign(table, difference, text)


def distance(table: Table, size: float, unit: Unit) -> str:
    """Distance of two values: in points for percentages, else in the unit."""
    if unit.kind == "percent":
        text = plain(table, size, 1)
        return table["words"]["point" if text == "1" else "points"] % text
    kind = "number" if unit.kind == "boolean" else unit.kind
    return compact(table, size, replace(unit, kind=kind))


def achievement(table: Table, value: float) -> str:
    """An achievement in percent, from 0% to “>999%”.

    What misses its target, or the limit of a status, never reads as if it had reached
    it: “99.9%” and “94.6%”, not 100% and 95%.
    """
    if value >= CAP:
        return isolate(table, f">{percent_sign(table, str(CAP))}")
    above = math.floor(value + 0.5)  # as whole percent read
    if above > 0 and above % LIMITS_STEP == 0 and value < above - ROUNDING:
        text = plain(table, math.floor(10 * value + ROUNDING) / 10, 1)
    else:
        text = plain(table, max(value, 0.0), 0)
    return isolate(table, percent_sign(table, text))


def unit_symbols(table: Table, unit: Unit, letter: str = "") -> tuple[str, str]:
    """Texts before and behind the number; ``letter`` counts thousands."""
    if unit.kind == "currency" and unit.currency:
        if unit.currency.is_before:
            symbol = unit.currency.symbol
            # “$729k”, but “CHF 729k”
            return symbol + (NARROW_SPACE if symbol[-1:].isalpha() else ""), letter
        return "", NARROW_SPACE + letter + unit.currency.symbol
    behind_letter = NARROW_SPACE + letter if letter else ""
    if unit.kind == "percent":
        before, after = table["percent"]
        return before, behind_letter + after
    words = {
        "duration": table["words"].get(unit.duration_unit, ""),
        "custom": unit.symbol,
    }
    word = words.get(unit.kind)
    return "", behind_letter + (NARROW_SPACE + word if word else "")


def add_sign(table: Table, difference: float, text: str) -> str:
    """The sign of a difference before the text of its size."""
    size = bare(text)
    if not any(letter.isdecimal() and int(letter) for letter in size):
        return isolate(table, f"±{size}")
    return isolate(table, (MINUS if difference < 0 else "+") + size)


def join_parts(table: Table, before: str, text: str, after: str) -> str:
    """A value with what stands around it, as one."""
    return isolate(table, before + text + after)


def _sign_first(before, text):
    """The sign of a number stands before its unit, where that is before it: “-$5”."""
    if before and text.startswith("-"):
        return f"-{before}", text[1:]
    return before, text


def _split(table, value, unit, text, letter=""):
    if unit.kind != "boolean":
        before, after = unit_symbols(table, unit, letter)
        return *_sign_first(before, text), after
    if value in (0, 1):
        return "", table["words"]["yes" if value else "no"], ""
    before, after = table["percent"]
    return before, plain(table, value * 100, 0), after


def unit_description(
    kpi: UnitFields, currency_id: int | Literal[False] | None
) -> dict[str, Any]:
    """The unit of a KPI as the web client's formatting takes it."""
    return {
        "kind": kpi.unit,
        "decimals": kpi.decimals,
        "currencyId": currency_id or False,
        "symbol": kpi.unit_symbol or "",
        "durationUnit": kpi.duration_unit or False,
    }
