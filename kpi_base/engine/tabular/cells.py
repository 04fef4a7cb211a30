"""Cells: texts, numbers, days and periods as people and spreadsheets write them."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from babel.dates import get_day_names, get_month_names

from ..fault import Fault, _lt
from ..periods import GRAINS, Grain
from ..postgres import is_storable
from ..written_number import (
    DecimalMark,
    convert_number,
    find_marks,
    normalize_number,
)

MOST_COLUMNS = 1_000  # that a table may have
LONGEST_TEXT = 32_767  # characters, as in a spreadsheet
LONGEST_NUMBER = 100  # characters
_CLIPPED = 40
_TOTALS = re.compile(
    r"(?:grand |overall )?(?:sub-?\s?)?totals?|sum|summe|gesamt(?:summe)?|zwischensumme"
    r"|total g[ée]n[ée]ral|sous-?total|totaal|suma|totale",
    re.IGNORECASE,
)
_SIGNS = "$€£¥₹₽₩₺₴₫฿"
# What looks like a currency; which there are is for others to say.
_MONEY = rf"(?:[A-Z]{{3}}|[{_SIGNS}]|kr|zł)"
_UNIT = rf"(?:[%‰]|(?:[^\W\d_]|[{_SIGNS}])+\.?)"
# A number with units before or behind it: “$ 5”, “5%”, “5 Mio. €”.
_AFFIXES = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<before>{_UNIT})?"
    r"\s*(?P<number>[+-]?[\d., ']*\d[\d., ']*(?:[eE][+-]?\d+)?)"
    rf"\s*(?P<after>{_UNIT})?\s*(?P<last>{_UNIT})?"
)
# as SAP writes negative numbers: “1.234,50-”
_MINUS_BEHIND = re.compile(rf"(?P<number>[^+-]*\d)-(?P<unit>\s*{_UNIT})?")
# amounts without cents in Switzerland and Germany: “12.–”, “12,-”
_NO_CENTS = re.compile(rf"(?<=\d)[.,][-–—]{{1,2}}(?=(?:\s*{_UNIT})?$)")
# as accountants do: “(12.50)”, “€ (12.50)”
_IN_BRACKETS = re.compile(
    rf"(?P<before>{_UNIT})?\s*\((?P<number>[^()]*)\)\s*(?P<after>{_UNIT})?"
)
_USUAL_UNIT = re.compile(rf"%|{_MONEY}")
_DASH = re.compile(rf"{_MONEY}?\s*[-–—\u2212]{{1,3}}\s*{_MONEY}?")
_ERROR_VALUE = re.compile(
    r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!|BLOCKED!"
    r"|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA)|Err:\d{3}",
    re.IGNORECASE,
)
_OTHER_MARK = {
    ".": _lt(
        "“%(cell)s” has a decimal comma. Enter 12.5, or choose “12,5” as the "
        "column's decimal mark."
    ),
    ",": _lt(
        "“%(cell)s” has a decimal point. Enter 12,5, or choose “12.5” as the "
        "column's decimal mark."
    ),
}
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_WHOLE = re.compile(r"[1-9]\d{0,15}\.0")  # as programs write columns of numbers
_FAST = re.compile(r"-?\d+(?:\.\d+)?")
DateOrder = Literal["dmy", "mdy"]
YearPairs = Literal["month", "years"]
DATE_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy")
MONTH_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
_ORDER_REASONS: dict[DateOrder | None, str] = {
    None: _lt("“%(cell)s” could be two dates. Choose day first or month first."),
    "dmy": _lt("“%(cell)s” is not a day-first date such as 31/12/2026."),
    "mdy": _lt("“%(cell)s” is not a month-first date such as 12/31/2026."),
}
_EPOCHS = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}
_SERIALS = range(10_000, 100_000)  # 1927 to 2173
_SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?", re.ASCII)  # a day, perhaps with its time
_YEARS = range(1900, 2101)
_THURSDAY = 4
_TIME = (
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2}|[AaPp][Mm])?)?"
)
_NAME = r"(?P<name>[^\W\d_]+)\.?"
_ISO = re.compile(rf"(?P<y>\d{{4}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}}){_TIME}")
_ORDERED = re.compile(
    rf"(?P<a>\d{{1,2}})([-/.])(?P<b>\d{{1,2}})\2(?P<y>\d{{4}}|\d\d){_TIME}"
)
_YEAR_PAIR = re.compile(r"(?P<y>\d{4})[-/. ]?(?P<next>\d\d)")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)")
_DAY = r"(?P<d>\d{1,2})(?:\.|st|nd|rd|th|er|º)?"
_DAY_NAMES = (
    re.compile(
        rf"{_DAY}[\s-]*(?:de )?{_NAME}(?:[\s,-]*(?:de )?(?P<y>\d{{4}})"
        rf"|[\s-](?P<short>\d\d)){_TIME}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_NAME}\s*{_DAY},?\s+(?P<y>\d{{4}}){_TIME}", re.IGNORECASE),
)
_QUARTER = r"(?:Quarter|Qtr\.?|Quartal|Kwartaal|Trimestre|Trim\.?)"
_WEEK = r"(?:[WK]W?|CW|Wk|Week|Woche|Kalenderwoche|Semaine|Semana|Settimana)"


_HAS_YEAR = re.compile(r"\d{4}|\d[-/.]\d\d$|['’]\d\d$")
# what the numbers of a column with this title are
_NUMBERED = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        ("W", r"week|woche|\bkw\b|\bcw\b|semaine|semana|settimana"),
        ("Q", r"quart|trimest|\bqtr\b"),
        ("M", r"month|monat|\bmois\b|\bmes\b|\bmese\b|maand|\bmês\b"),
    )
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or a period by one of its days.

    :ivar day: the day, or one in the middle of the period: it lies in that period
        wherever a calendar moves the edges by some days
    :ivar grain: ``day``, or the period's own
    :ivar is_two_years: the year begins in one calendar year and ends in the next
    """

    day: dt.date
    grain: Grain
    is_two_years: bool = False


class UnreadableCell(str):
    """Text of a cell that has no value for any column: a formula without a result.

    :ivar error: why
    """

    error: "CellError"

    def __new__(cls, text: str, error: "CellError") -> "UnreadableCell":
        cell = super().__new__(cls, text)
        cell.error = error
        return cell


class CoveredCell(UnreadableCell):
    """A cell that lies in merged cells, in another column than their value."""

    @property
    def area(self) -> str:
        """Reference of the merged cells: ``B2:C4``."""
        return self.error.parameters["area"]


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A cell of merged ones, in the column of their value.

    A name or period applies to all of their rows; a number may be that of each row or
    of all together.

    :ivar value: of the merged cells
    :ivar area: reference of the merged cells: ``B2:B4``
    """

    value: Any
    area: str

    def __str__(self) -> str:
        return str(self.value)


def plain_cell(cell: Any) -> Any:
    """The value of a cell, of merged cells that of all."""
    return cell.value if isinstance(cell, MergedCell) else cell


def write_merged(cell: Any, *, is_number: bool) -> Any:
    """A cell for another file of some of the rows: one without merged cells or formats.

    :param is_number: whether it is in a column of numbers, where the value of merged
        cells is not that of each row; it is no number in the other file either
    """
    if isinstance(cell, CoveredCell) or (is_number and isinstance(cell, MergedCell)):
        return f"{cell} ({cell.area})"
    cell = plain_cell(cell)
    return str(cell) if is_number and isinstance(cell, ShownNumber) else cell


def clip_cell(cell: Any) -> str:
    """A cell as it is quoted in a sentence."""
    cell = plain_cell(cell)
    if isinstance(cell, datetime):
        cell = cell.isoformat(" ", "minutes")
    text = " ".join(str(cell)[: 2 * _CLIPPED].split())
    text = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text
    )
    return text if len(text) <= _CLIPPED else f"{text[: _CLIPPED - 1]}…"


def read_text(cell: Any) -> str:
    """A cell as text, without blanks around it; 12.0 is “12”, as in spreadsheets.

    :raises CellError: too long, with characters that no text may hold, or without value
    """
    if isinstance(cell, UnreadableCell):
        raise cell.error
    cell = plain_cell(cell)
    if isinstance(cell, float):
        cell = int(cell) if cell.is_integer() else float(cell)
    text = str(cell).strip()
    if _WHOLE.fullmatch(text):
        text = text[:-2]
    if len(text) > LONGEST_TEXT:
        raise CellError(
            _lt("“%(cell)s” is longer than %(most)s characters. Shorten it."),
            cell=clip_cell(text),
            most=f"{LONGEST_TEXT:,}",
        )
    if not is_storable(text):
        raise CellError(
            _lt("“%(cell)s” contains characters that cannot be stored."),
            cell=clip_cell(text),
        )
    return text


def is_totals_row(cells: Sequence[Any]) -> bool:
    """Check whether a row adds up those above it: “Total” is its first text."""
    first = next((cell for cell in cells if cell not in (None, "")), None)
    first = plain_cell(first)
    return isinstance(first, str) and bool(_TOTALS.fullmatch(first.strip(" :")))


class TableFault(Fault):
    """Something that cannot be read."""


class TabularError(TableFault):
    """A file that cannot be read."""


class CellError(TableFault):
    """A cell that does not hold what its column should."""


class Amount(float):
    """A number with its units.

    :ivar units: as they are written, without a point at the end: ``("EUR",)``
    :ivar is_titled: whether they are those of the column's title
    """

    __slots__ = ("is_titled", "units")

    def __new__(
        cls, number: float, units: tuple[str, ...], *, is_titled: bool = False
    ) -> "Amount":
        amount = super().__new__(cls, number)
        amount.units = units
        amount.is_titled = is_titled
        return amount


class ShownNumber(float):
    """The number of a cell whose format shows units next to it: “12 Mio”.

    :ivar units: as of ``Amount``
    """

    __slots__ = ("units",)

    def __new__(cls, number: float, units: tuple[str, ...]) -> "ShownNumber":
        shown = super().__new__(cls, number)
        shown.units = units
        return shown

    def __str__(self) -> str:
        return " ".join((f"{float(self):.15g}", *self.units))


def number_marks(text: str) -> frozenset[DecimalMark]:
    """Decimal marks with which ``text`` is a number, as ``find_marks`` has them.

    A percent sign or what looks like a currency may precede or follow it.
    """
    bare, units = _split_units(text)
    return find_marks(bare) if all(map(_USUAL_UNIT.fullmatch, units)) else frozenset()


def is_dash(cell: Any) -> bool:
    """Check whether a cell is what accountants write for nothing: “-”, “$ -”."""
    return isinstance(cell, str) and bool(_DASH.fullmatch(cell.strip()))


def is_error_value(text: str) -> bool:
    """Check whether ``text`` is what a formula gives that failed: “#DIV/0!”."""
    return bool(_ERROR_VALUE.fullmatch(text.strip()))


def is_ambiguous(text: str) -> bool:
    """Check whether ``text`` is another number with a comma than with a point."""
    return bool(_EITHER.fullmatch(_split_units(text)[0]))


def read_number(
    cell: Any, mark: DecimalMark = ".", known_units: Collection[str] | None = None
) -> float:
    """The number in ``cell``; “82.5%” is 82.5, “(12)” is -12.

    :param known_units: that it may have, in lower case; None: the percent sign and what
        looks like a currency
    :return: an ``Amount`` if it has units
    :raises CellError: no finite number, not one with the decimal mark ``mark``, or in
        another unit, whose factor would be lost
    """
    if isinstance(cell, UnreadableCell):
        raise cell.error
    if isinstance(cell, MergedCell):
        raise CellError(
            _lt(
                "“%(cell)s” is in merged cells (%(area)s). Unmerge them and enter the "
                "value of each row."
            ),
            cell=clip_cell(cell),
            area=cell.area,
        )
    if isinstance(cell, str):
        is_plain = mark == "." and _FAST.fullmatch(cell)
        number = float(cell) if is_plain else _read_written(cell, mark, known_units)
    elif isinstance(cell, ShownNumber):
        for unit in cell.units:
            _check_unit(str(cell), unit, known_units)
        number = Amount(cell, cell.units)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        number = float(cell) if abs(cell) < 1e308 else math.inf
    else:
        raise CellError(_lt("“%(cell)s” is not a number."), cell=clip_cell(cell))
    if not math.isfinite(number):
        raise CellError(_lt("“%(cell)s” is not a finite number."), cell=clip_cell(cell))
    return number


def _read_written(
    cell: str, mark: DecimalMark, known_units: Collection[str] | None
) -> float:
    bare, units = _split_units(cell)
    marks = find_marks(bare)
    if mark not in marks:
        if marks:
            raise CellError(_OTHER_MARK[mark], cell=clip_cell(cell))
        raise CellError(
            _lt("“%(cell)s” is not a number such as %(example)s."),
            cell=clip_cell(cell),
            example="12.5" if mark == "." else "12,5",
        )
    for unit in units:
        _check_unit(cell, unit, known_units)
    number = convert_number(bare, mark)
    return Amount(number, units) if units else number


def _split_units(text: str) -> tuple[str, tuple[str, ...]]:
    """``text`` without its units, and these; an empty text if it is no number."""
    text = text.strip()
    if len(text) > LONGEST_NUMBER:
        return "", ()
    text = _NO_CENTS.sub("", normalize_number(text))
    is_negative = False
    if bracketed := _IN_BRACKETS.fullmatch(text):
        text = " ".join(filter(None, bracketed.group("before", "number", "after")))
        is_negative = True
    elif behind := _MINUS_BEHIND.fullmatch(text):
        text = behind["number"] + (behind["unit"] or "")
        is_negative = True
    found = _AFFIXES.fullmatch(text.strip())
    if not found:
        return "", ()
    sign = "-" if is_negative else found["sign"]
    units = filter(None, found.group("before", "after", "last"))
    return sign + found["number"].strip(), tuple(unit.rstrip(".") for unit in units)


def split_units(text: str) -> tuple[str, ...]:
    """Units in a text that has no number, as an ``Amount`` would have them."""
    return tuple(unit.rstrip(".") for unit in re.findall(_UNIT, text))


def _check_unit(cell: str, unit: str, known_units: Collection[str] | None) -> None:
    if known_units is None:
        is_known = _USUAL_UNIT.fullmatch(unit)
    else:
        is_known = unit.casefold() in known_units
    if not is_known:
        raise CellError(
            _lt(
                "“%(cell)s”: “%(unit)s” is not a known unit. Enter the number in "
                "full, without it."
            ),
            cell=clip_cell(cell),
            unit=clip_cell(unit),
        )


def month_of_year(year: int, month: int) -> Moment:
    return Moment(dt.date(year, month, 15), "month")


def _quarter(year: int, quarter: int) -> Moment:
    return Moment(dt.date(year, 3 * quarter - 1, 15), "quarter")


def _week(year: int, week: int) -> Moment:
    return Moment(dt.date.fromisocalendar(year, week, _THURSDAY), "week")


def _month_by_name(year: int, name: str) -> Moment:
    return month_of_year(year, _month_number(name))


_PERIODS: tuple[tuple[re.Pattern[str], Callable[..., Moment]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), make)
    for pattern, make in (
        (r"(?P<y>\d{4})[-/. ]?M?(?P<n>\d{1,2})", month_of_year),
        (r"M?(?P<n>\d{1,2})[-/. ](?P<y>\d{4})", month_of_year),
        (r"(?P<y>\d{4}|\d\d)[-/. ]?[QT](?P<n>[1-4])", _quarter),
        (r"[QT](?P<n>[1-4])[-/. ]?(?P<y>\d{4})", _quarter),
        (r"Q(?P<n>[1-4])[-/. '’]['’]?(?P<y>\d\d)", _quarter),
        (r"(?P<n>[1-4])[QT][-/. '’]?(?P<y>\d{4}|\d\d)", _quarter),
        (
            r"(?P<n>[1-4])(?:\.|st|nd|rd|th|er|e|ème|º)?\s*"
            rf"{_QUARTER}[-/. ,]*(?P<y>\d{{4}})",
            _quarter,
        ),
        (rf"{_QUARTER}\s*(?P<n>[1-4])[-/. ,]*(?P<y>\d{{4}})", _quarter),
        (rf"(?P<y>\d{{4}})[-/. ,]*{_QUARTER}\s*(?P<n>[1-4])", _quarter),
        (rf"(?P<y>\d{{4}})[-/. ]?{_WEEK}\.?\s*(?P<n>\d{{1,2}})", _week),
        (
            rf"{_WEEK}\.?\s*(?P<n>\d{{1,2}})(?:,? |[-/.])(?P<y>\d{{4}}|\d\d)",
            _week,
        ),
        (rf"(?P<n>\d{{1,2}})\. ?{_WEEK}[-/. ,]*(?P<y>\d{{4}})", _week),
        (rf"{_NAME}[-/ ,]*(?:de )?(?P<y>\d{{4}})", _month_by_name),
        (rf"{_NAME}[-'’ ]['’]?(?P<y>\d\d)", _month_by_name),
        (rf"(?P<y>\d{{4}})[-/ ]*{_NAME}", _month_by_name),
        (r"(?P<y>\d{4})", lambda year, _n: Moment(dt.date(year, 7, 1), "year")),
    )
)


@cache
def _month_names() -> dict[str, int]:
    # Excel and Austria write some German ones in their own way.
    numbers: dict[str, int] = {"sept": 9, "mrz": 3, "jän": 1, "jänner": 1}
    for language in MONTH_LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                names = get_month_names(width, context, language)
                for number, name in names.items():
                    numbers.setdefault(name.casefold().rstrip("."), number)
    for name, number in list(numbers.items()):
        numbers.setdefault(_remove_accents(name), number)
    return numbers


def _remove_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


@cache
def _day_names() -> frozenset[str]:
    return frozenset(
        name.casefold().rstrip(".")
        for language in MONTH_LANGUAGES
        for width in ("wide", "abbreviated", "short")
        for name in get_day_names(width, "format", language).values()
    )


def _remove_day_name(text: str) -> str:
    """“2 Feb 2026” of “Mon, 2 Feb 2026”."""
    name, _space, rest = text.strip().partition(" ")
    return rest.strip() if name.casefold().rstrip(".,") in _day_names() else text


def _month_number(name: str) -> int:
    """1 to 12; ValueError where ``name`` is no month in the languages known."""
    number = _month_names().get(name.casefold().rstrip("."))
    if not number:
        raise ValueError(name)
    return number


def parse_period(text: str) -> Moment | None:
    """The period that ``text`` names with its year: “Jan 2026”, “2026-Q1”, “2026”."""
    text = text.strip()
    for pattern, make in _PERIODS:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            number = parts.get("name") or int(parts.get("n") or 0)
            try:
                return make(_full_year(parts["y"]), number)
            except ValueError:  # month 13, week 60, a word that is no month
                continue
    return None


def parse_title_period(title: str) -> Moment | None:
    """The period of a title: “Jan 2026”, or a day in it, as date cells of titles have.

    ::

        parse_title_period("2026-01-31")  # 31 January 2026
    """
    if day := _unambiguous_day(title.strip()):
        return Moment(day, "day")
    return parse_period(title)


def list_period_titles(titles: Sequence[str]) -> list[int]:
    """Indexes of the titles that are periods of the shortest kind.

    Next to months, quarters and years are totals.
    """
    grains: dict[int, Grain] = {}
    for place, title in enumerate(titles):
        if moment := parse_title_period(title):
            grains[place] = moment.grain
        elif period_without_year(title):
            grains[place] = "month"
    shortest = min(grains.values(), key=list(GRAINS).index, default=None)
    return [place for place, grain in grains.items() if grain == shortest]


def period_without_year(text: str) -> int | None:
    """1 to 12 where ``text`` is the name of a month alone: “OCT”."""
    try:
        return _month_number(text.strip())
    except ValueError:
        return None


def join_year(cell: Any, year: Any, title: str) -> Any:
    """A period without its year as one with it: “January” or 1 and 2026.

    ::

        join_year("January", 2026, "Month")  # "January 2026"
        join_year(5, 2026, "Week")  # "W5 2026"

    :param title: of the column of ``cell``, which says what a number is
    :return: ``cell`` where it has its year, or is a number of something else
    """
    if isinstance(cell, dt.date | UnreadableCell) or isinstance(year, UnreadableCell):
        return cell
    text, year_text = _write_whole(cell), _write_whole(year)
    if not year_text or _HAS_YEAR.search(text):
        return cell
    if text.isdecimal():
        kind = next((kind for kind, words in _NUMBERED if words.search(title)), None)
        if kind is None:
            return cell
        text = f"{kind}{text}"
    return f"{text} {year_text}"


def _write_whole(cell: Any) -> str:
    """The text of a cell; 2026.0 is “2026”."""
    cell = plain_cell(cell)
    if cell is None:
        return ""
    is_whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if is_whole else cell).strip()


def possible_orders(text: str) -> dict[DateOrder, dt.date]:
    """Days that “03/04/2026” can be, by order; empty where the order says nothing."""
    found = _ORDERED.fullmatch(_remove_day_name(text.strip()))
    if not found:
        return {}
    first, second, year = int(found["a"]), int(found["b"]), _full_year(found["y"])
    days: dict[DateOrder, dt.date] = {}
    for order, day, month in (("dmy", first, second), ("mdy", second, first)):
        try:
            days[order] = dt.date(year, month, day)
        except ValueError:
            continue
    return days


def is_year_pair(text: str) -> bool:
    """Check whether ``text`` can be a year and the next: “2012-13”, also “2010-11”."""
    found = _YEAR_PAIR.fullmatch(text.strip())
    return bool(found) and (int(found["y"]) + 1) % 100 == int(found["next"])


def is_only_year_pair(text: str) -> bool:
    """Check whether ``text`` is a year and the next and no month: “2012-13”."""
    return is_year_pair(text) and not parse_period(text)


def is_serial(cell: Any) -> bool:
    """Check whether ``cell`` is a number that spreadsheets show as a day."""
    if isinstance(cell, str):
        return bool(_SERIAL.fullmatch(cell)) and int(cell[:5]) in _SERIALS
    return type(cell) in (int, float) and int(cell) in _SERIALS


def read_moment(
    cell: Any,
    order: DateOrder | None = None,
    *,
    is_1904: bool | None = None,
    year_pairs: YearPairs | None = "month",
) -> Moment:
    """The day or period in ``cell``.

    :param order: of days and months that are written as numbers; None: not known
    :param is_1904: whether serial days count from 1904; None: not known
    :param year_pairs: what “2010-11” is, a month or two years; None: not known
    :raises CellError: neither, or it could mean two days and nobody said which
    """
    if isinstance(cell, UnreadableCell):
        raise cell.error
    cell = plain_cell(cell)
    if isinstance(cell, dt.datetime):
        return Moment(cell.date(), "day")
    if isinstance(cell, dt.date):
        return Moment(cell, "day")
    if is_serial(cell):
        if is_1904 is None:
            raise CellError(
                _lt(
                    "“%(cell)s” is a spreadsheet date number. Choose date system "
                    "1900 or 1904."
                ),
                cell=int(float(cell)),
            )
        return Moment(_EPOCHS[is_1904] + dt.timedelta(days=int(float(cell))), "day")
    if type(cell) in (int, float) and _is_written_moment(cell):
        cell = str(int(cell))
    if not isinstance(cell, str):
        raise CellError(_lt("“%(cell)s” is not a date."), cell=clip_cell(cell))
    text = " ".join(cell.split())
    if year_pairs != "month" and is_year_pair(text):
        if year_pairs is None and not is_only_year_pair(text):
            raise CellError(
                _lt(
                    "“%(cell)s” could be a month or a range of two years. Choose "
                    "its meaning."
                ),
                cell=text,
            )
        # New Year lies in the year, whichever month but January it begins with.
        return Moment(dt.date(int(text[:4]) + 1, 1, 1), "year", is_two_years=True)
    return _from_text(text, order)


def _from_text(text: str, order: DateOrder | None) -> Moment:
    if day := _unambiguous_day(text):
        return Moment(day, "day")
    if days := possible_orders(text):
        if order is None and len(set(days.values())) == 1:
            order = next(iter(days))
        if order not in days:
            raise CellError(_ORDER_REASONS[order], cell=clip_cell(text))
        return Moment(days[order], "day")
    if period := parse_period(text):
        return period
    if (rest := _remove_day_name(text)) != text:
        return _from_text(rest, order)
    raise CellError(
        _lt(
            "“%(cell)s” is not a date or period such as 2026-01-31, 01/2026 or Jan "
            "2026."
        ),
        cell=clip_cell(text),
    )


def _is_written_moment(number: float) -> bool:
    """Check whether a number is a year, 202601 or 20260131."""
    if not math.isfinite(number) or not float(number).is_integer():
        return False
    return int(number) in _YEARS or (
        int(number) // 100 in _YEARS or int(number) // 10_000 in _YEARS
    )


def _unambiguous_day(text: str) -> dt.date | None:
    """A day that can be read in one way only."""
    for pattern in (_ISO, _COMPACT, *_DAY_NAMES):
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            try:
                month = parts.get("m") or _month_number(parts["name"])
                year = _full_year(parts["y"] or parts["short"])
                return dt.date(year, int(month), int(parts["d"]))
            except ValueError:
                return None
    return None


def _full_year(text: str) -> int:
    """2026 of “26”: two digits mean this century."""
    return int(text) if len(text) == 4 else 2000 + int(text)
