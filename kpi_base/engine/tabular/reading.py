"""Readings of a column: what its cells seem to be, and what else they can be."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from ..fault import _lt
from ..written_number import DECIMAL_MARKS, DecimalMark
from .cells import (
    DATE_ORDERS,
    CellError,
    DateOrder,
    Moment,
    UnreadableCell,
    YearPairs,
    clip_cell,
    is_ambiguous,
    is_dash,
    is_error_value,
    is_only_year_pair,
    is_serial,
    is_year_pair,
    number_marks,
    plain_cell,
    possible_orders,
    read_moment,
    read_number,
    read_text,
)
from .goals import find_goal_numbers, give_units, read_goal

Kind = Literal["text", "number", "moment", "boolean", "choice"]
_MOST_KNOWN = 10_000  # cells per column
_ANSWERS = {
    **dict.fromkeys(("1", "true", "yes", "y", "x", "ja", "oui", "si", "sí"), True),
    **dict.fromkeys(("0", "false", "no", "n", "-", "nein", "non"), False),
}


@dataclass(frozen=True)
class Reading:
    """Kind and format by which a column is read.

    :ivar is_dash_zero: whether “-” in a column of numbers is 0, as accountants write it
    :ivar has_goals: whether numbers may have a sign, or be a range, as of ``read_goal``
    :ivar known_units: that numbers may have, in lower case; None as of ``read_number``
    :ivar title_units: units of numbers without their own, by the title
    :ivar lost_factor: a factor in the title that nothing would multiply with
    :ivar no_values: lower-case texts that stand for an empty cell; one that is a
        number stands for that number however it is written
    :ivar choices: lower-case text → what it means, for the kind ``choice``
    """

    kind: Kind
    decimal_mark: DecimalMark = "."
    date_order: DateOrder | None = None
    is_1904: bool | None = None
    year_pairs: YearPairs | None = "month"
    is_dash_zero: bool = False
    has_goals: bool = False
    known_units: frozenset[str] | None = None
    title_units: tuple[str, ...] = ()
    lost_factor: str = ""
    no_values: frozenset[str] = frozenset()
    choices: Mapping[str, Any] = field(default_factory=dict)

    def reader(self) -> Callable[[Any], Any]:
        """A function of a cell: its value, or None where it stands for none.

        It raises :class:`CellError`.
        """
        read = getattr(self, f"_read_{self.kind}")
        if self.kind != "number":  # days and names come again and again
            read = lru_cache(_MOST_KNOWN, typed=True)(read)
        if not self.no_values:
            return read
        numbers = {
            read_number(text, self.decimal_mark)
            for text in self.no_values
            if self.decimal_mark in number_marks(text)
        }

        def read_unless_none(cell: Any) -> Any:
            is_known = not isinstance(cell, UnreadableCell)
            if is_known and str(cell).strip().casefold() in self.no_values:
                return None
            value = read(cell)
            return None if self.kind == "number" and value in numbers else value

        return read_unless_none

    def _read_text(self, cell: Any) -> str | None:
        return read_text(cell) or None

    def _read_number(self, cell: Any) -> float | None:
        if _is_blank(cell):
            return None
        if self.is_dash_zero and is_dash(cell):
            return 0.0
        read = read_goal if self.has_goals else read_number
        number = read(cell, self.decimal_mark, self.known_units)
        if self.lost_factor:
            raise CellError(
                _lt(
                    "“%(cell)s” is in %(unit)s, by the title. Enter the numbers in "
                    "full, and remove it."
                ),
                cell=clip_cell(cell),
                unit=self.lost_factor,
            )
        return give_units(number, self.title_units) if self.title_units else number

    def _read_moment(self, cell: Any) -> Moment | None:
        if _is_blank(cell):
            return None
        options = {"is_1904": self.is_1904, "year_pairs": self.year_pairs}
        return read_moment(cell, self.date_order, **options)

    def _read_boolean(self, cell: Any) -> bool | None:
        text = str(read_text(cell)).casefold()
        if text and text not in _ANSWERS:
            raise CellError(
                _lt("“%(cell)s” is not a yes/no value. Enter yes or no."),
                cell=clip_cell(cell),
            )
        return _ANSWERS.get(text)

    def _read_choice(self, cell: Any) -> Any:
        text = read_text(cell)
        if text and text.casefold() not in self.choices:
            raise CellError(
                _lt("“%(cell)s” is not one of: %(choices)s."),
                cell=clip_cell(cell),
                choices=", ".join(sorted(self.choices)),
            )
        return self.choices.get(text.casefold())


def _is_blank(cell: Any) -> bool:
    return isinstance(cell, str) and not cell.strip()


_DISTINCT = 5_000  # distinct texts that are counted; more say nothing new
_SHOWN = 8
MOST_TEXTS = 3  # that one fix takes for empty cells
_LONGEST_TEXT = 40
_CHOICES = {
    "number": (("decimal_mark", DECIMAL_MARKS),),
    "moment": (("date_order", DATE_ORDERS), ("year_pairs", ("month", "years"))),
}


@dataclass(frozen=True)
class Fix:
    """A change of a ``Reading`` that makes more cells readable than it takes away.

    :ivar option: name of the attribute of the reading
    :ivar value: what it becomes; of ``no_values``, the texts that are added
    :ivar gained: number of refused cells that can be read then
    :ivar lost: number of cells that can no longer be read then
    :ivar changed: number of cells that become another value
    """

    option: str
    value: Any
    gained: int
    lost: int = 0
    changed: int = 0


class ColumnProfile:
    """Collects evidence cell by cell: which marks and orders all cells agree on."""

    def __init__(self) -> None:
        self.sample = ""
        self.has_serials = False
        self.has_groups = False  # as a ``GroupProfile`` has it
        self._texts: Counter[str] = Counter()
        self._marks: Counter[str] = Counter()
        self._orders: Counter[str] = Counter()
        self._has_two_numbers = False
        self._has_two_days = False
        self.has_ordered_days = False
        self._has_year_pairs = False
        self._has_months_or_pairs = False

    def add(self, cell: Any) -> None:
        cell = plain_cell(cell)
        if cell is None or cell == "" or isinstance(cell, UnreadableCell):
            return
        if not self.sample:
            self.sample = clip_cell(cell)
        if is_serial(cell):
            self.has_serials = True
        if isinstance(cell, str) and not isinstance(cell, dt.date):
            self._add_text(cell)

    def _add_text(self, cell: str) -> None:
        text = cell.strip()[:100]
        if text in self._texts:
            self._texts[text] += 1
            return
        if len(self._texts) >= _DISTINCT:
            return
        self._texts[text] += 1
        for number in find_goal_numbers(text):
            marks = number_marks(number)
            if len(marks) == 1:
                self._marks.update(marks)
            self._has_two_numbers |= is_ambiguous(number)
        days = possible_orders(text)
        if len(days) == 1:
            self._orders.update(days.keys())
        self._has_two_days |= len(set(days.values())) == 2
        self.has_ordered_days |= bool(days)
        if is_only_year_pair(text):
            self._has_year_pairs = True
        else:
            self._has_months_or_pairs |= is_year_pair(text)

    @property
    def is_number(self) -> bool:
        """Whether the first filled cell is a number."""
        return bool(number_marks(self.sample)) and not is_year_pair(self.sample)

    @property
    def decimal_mark(self) -> str | None:
        """The mark that the cells need; None where some could mean two numbers."""
        return _weigh_evidence(self._marks, self._has_two_numbers, ".")

    @property
    def date_order(self) -> str | None:
        """The order that the days need; None where some could be two days."""
        return _weigh_evidence(self._orders, self._has_two_days, "dmy")

    @property
    def has_two_periods(self) -> bool:
        """Check whether cells such as “2010-11” could be a month or two years.

        They are months unless a cell such as “2012-13” says that years are meant.
        """
        return self._has_year_pairs and self._has_months_or_pairs

    @property
    def texts_among_numbers(self) -> list[str]:
        """The most frequent texts that are no numbers, where most cells are."""
        by_count = (text for text, _count in self._texts.most_common())
        return list(islice((t for t in by_count if not number_marks(t)), _SHOWN))


def _weigh_evidence(
    evidence: Counter[str], has_doubts: bool, default: str
) -> str | None:
    """Combine all evidence; None where cells in doubt are left to guessing."""
    if has_doubts and len(evidence) != 1:
        return None
    return max(evidence, key=evidence.__getitem__, default=default)


def find_fixes(
    reading: Reading,
    refused: Mapping[Any, int],
    others: Iterable[Any],
    *,
    may_be_empty: bool = False,
) -> list[Fix]:
    """Changes of ``reading`` that help, the most helpful first.

    ::

        find_fixes(Reading("number"), {"2,5": 7}, ["1", "3"])
        # [Fix("decimal_mark", ",", gained=7)]

    :param refused: cell that cannot be read → how often it is there
    :param others: cells of the column, also such as can be read
    :param may_be_empty: whether a cell of the column may hold nothing
    """
    read, cells, fixes = reading.reader(), None, []
    for option, value, changed in _variants(reading, refused, may_be_empty):
        reread = changed.reader()
        gained = sum(n for cell, n in refused.items() if _try(reread, cell)[0])
        if gained:
            cells = list(others) if cells is None else cells
            fixes.append(Fix(option, value, gained, *_compare(read, reread, cells)))
    useful = [fix for fix in fixes if fix.gained > fix.lost]
    return sorted(useful, key=lambda fix: fix.lost - fix.gained)


def _variants(
    reading: Reading, refused: Mapping[Any, int], may_be_empty: bool
) -> Iterator[tuple[str, Any, Reading]]:
    """Option, value and the reading that has it."""
    choices = list(_CHOICES.get(reading.kind, ()))
    if reading.kind == "moment" and reading.is_1904 is None:
        choices.append(("is_1904", (False, True)))
    for option, values in choices:
        for value in values:
            if getattr(reading, option) != value:
                yield option, value, replace(reading, **{option: value})
    if reading.kind == "number" and not reading.is_dash_zero:
        yield "is_dash_zero", True, replace(reading, is_dash_zero=True)
    if reading.kind == "number" and may_be_empty:
        texts = _texts_for_nothing(refused)
        no_values = reading.no_values | {text.casefold() for text in texts}
        yield "no_values", texts, replace(reading, no_values=no_values)


def _texts_for_nothing(refused: Mapping[Any, int]) -> tuple[str, ...]:
    """The most frequent texts without a digit, and failed formulas: “#DIV/0!”."""
    counts: Counter[str] = Counter()
    for cell, count in refused.items():
        is_text = isinstance(cell, str) and not isinstance(cell, UnreadableCell)
        text = cell.strip() if is_text else ""
        is_plain = text.isprintable() and not any(map(str.isdigit, text))
        is_plain |= is_error_value(text)
        if is_plain and ";" not in text and 0 < len(text) <= _LONGEST_TEXT:
            counts[text] += count
    return tuple(text for text, _count in counts.most_common(MOST_TEXTS))


def _compare(
    read: Callable[[Any], Any], changed: Callable[[Any], Any], cells: Iterable[Any]
) -> tuple[int, int]:
    """Number of cells that ``changed`` cannot read, and of those it reads otherwise."""
    lost = different = 0
    for cell in cells:
        was_readable, before = _try(read, cell)
        is_readable, value = _try(changed, cell)
        lost += was_readable and not is_readable
        different += was_readable and is_readable and value != before
    return lost, different


def _try(read: Callable[[Any], Any], cell: Any) -> tuple[bool, Any]:
    try:
        return True, read(cell)
    except CellError:
        return False, None
