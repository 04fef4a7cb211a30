"""Columns: their titles, what they can be imported as, and what their rows say."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, pairwise
from typing import Any, Literal

from openpyxl.utils import get_column_letter

from ..fault import _lt
from ..postgres import is_finite
from .cells import (
    MOST_COLUMNS,
    CellError,
    CoveredCell,
    MergedCell,
    Moment,
    TabularError,
    UnreadableCell,
    join_year,
    parse_period,
    plain_cell,
)
from .files import Row
from .reading import Kind

UnitKind = Literal["money", "percent"]


@dataclass(frozen=True)
class TargetColumn:
    """Something that rows say about the records they become.

    :ivar aliases: titles by which it is recognised, beside its key and label
    :ivar choices: text → value, for the kind ``choice``
    :ivar has_periods: whether it may fill several columns, one per period
    :ivar named_by: key of the column that its title stands for, where several columns
        of it are of a record each: “KPI” of columns with the values of one KPI each
    :ivar has_units: whether its target compares the unit of an ``Amount`` with that of
        the record; the numbers of others are in the company's currency or in percent
    :ivar has_goals: whether its numbers are targets: with a sign, or a range
    :ivar unit: the one that such other numbers may have, where it is one of these
    :ivar year_of: key of the column whose periods are in its year, where they have none
    :ivar can_group: whether an empty cell may mean the name above, as in pivot tables
    """

    key: str
    label: str
    kind: Kind = "text"
    is_required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, Any] = field(default_factory=dict)
    has_periods: bool = False
    has_units: bool = False
    unit: UnitKind | None = None
    has_goals: bool = False
    named_by: str = ""
    can_group: bool = False
    year_of: str = ""

    @property
    def names(self) -> set[str]:
        return {_plain(name) for name in (self.key, self.label, *self.aliases)}


LONGEST_TITLE = 500
_SEARCHED_ROWS = 20


@dataclass(frozen=True)
class Header:
    """The row of titles.

    :ivar number: of that row
    :ivar titles: by column; an untitled column has an empty one and is not read
    """

    number: int
    titles: tuple[str, ...]

    @property
    def untitled_columns(self) -> list[str]:
        """Letters of the columns without a title, between titled ones."""
        return [
            get_column_letter(place)
            for place, title in enumerate(self.titles, start=1)
            if not title
        ]


OptionKind = Literal["boolean", "choice", "number", "text"]


@dataclass(frozen=True)
class TargetOption:
    """A question that one target asks; the form draws it by its kind.

    :ivar choices: pairs of value and label, for the kind ``choice``
    :ivar default: what counts where nothing was chosen; None: nothing
    :ivar needs: key of the yes-or-no option without which nobody is asked
    :ivar is_remembered: whether the next similar file begins with what was chosen;
        not where the choice is about what this file says
    """

    key: str
    label: str
    kind: OptionKind = "boolean"
    default: Any = None
    help: str = ""
    choices: Sequence[tuple[Any, str]] = ()
    needs: str = ""
    is_remembered: bool = True

    def is_possible(self, value: Any) -> bool:
        """Check whether somebody can choose this value."""
        if self.kind == "choice":
            # True is 1, but no choice.
            keys = [(type(key), key) for key, _label in self.choices]
            return (type(value), value) in keys
        if self.kind == "number":
            return type(value) in (int, float) and is_finite(value)
        return isinstance(value, bool if self.kind == "boolean" else str)


@dataclass(slots=True)
class Entry:
    """One record to be: of a row, or of a cell where periods have columns.

    :ivar number: of the row
    :ivar values: key of a ``TargetColumn`` → value; empty cells are left out
    """

    number: int
    values: dict[str, Any]


@dataclass(frozen=True)
class ColumnReader:
    """One column of a file, and how its cells are read.

    :ivar index: of the column, from 0
    :ivar key: of the ``TargetColumn`` that it is
    :ivar read: gives the value of a filled cell, None where it stands for none; it
        raises :class:`CellError`
    :ivar moment: the period that the column's values are for; None where rows say it
    :ivar kind: of what is read
    :ivar given: key → value that the column's title stands for
    :ivar year_index: of the column with the year of its periods
    """

    index: int
    title: str
    key: str
    read: Callable[[Any], Any]
    moment: Moment | None = None
    kind: Kind = "text"
    given: Mapping[str, Any] = field(default_factory=dict)
    year_index: int | None = None

    @property
    def is_record(self) -> bool:
        """Whether each filled cell is a record."""
        return bool(self.moment or self.given)

    def complete(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """``values`` with those that hold for the whole column."""
        moment = {"moment": self.moment} if self.moment else {}
        return {**values, **moment, **self.given}

    def find_cell(self, cells: Sequence[Any]) -> Any:
        """The column's cell in a row; None where it is empty or the row ends before."""
        cell = cells[self.index] if self.index < len(cells) else None
        if cell in ("", None):
            return None
        if self.year_index is None or self.year_index >= len(cells):
            return cell
        return join_year(cell, cells[self.year_index], self.title)


@dataclass(frozen=True)
class CellFault:
    """A cell that could not be read, and why."""

    column: ColumnReader
    cell: Any
    error: CellError


class EntryReader:
    """Reader of rows whose columns are known.

    ::

        entries, faults = EntryReader(columns).read_row(row)

    :ivar columns: in their order; those with a ``moment`` or ``given`` values make an
        entry each
    """

    def __init__(self, columns: Sequence[ColumnReader]) -> None:
        self.columns = columns
        self._common = [column for column in columns if not column.is_record]
        self._periods = [column for column in columns if column.is_record]

    def read_row(self, row: Row) -> tuple[list[Entry], list[CellFault]]:
        """Entries of a row, and its cells that cannot be read.

        One entry; where columns have a period or a name, one for each of these that is
        filled.
        """
        values, faults = _read_values(row, self._common)
        if not self._periods:
            return [Entry(row.number, values)], faults
        entries = []
        for column in self._periods:
            value, wrong = _read_values(row, [column])
            faults += wrong
            if value:
                known = column.complete({**values, **value})
                entries.append(Entry(row.number, known))
        return entries, faults

    def read_parts(self, row: Row) -> list[tuple[dict[str, Any], set[str]]]:
        """What is known of each record of a row with cells that cannot be read.

        :return: pairs of its values and of the keys of cells that cannot be read
        """
        values, faults = _read_values(row, self._common)
        wrong = {fault.column.key for fault in faults}
        if not self._periods:
            return [(values, wrong)]
        parts = []
        for column in self._periods:
            value, faults = _read_values(row, [column])
            if value or faults:
                known = column.complete({**values, **value})
                parts.append((known, wrong | {fault.column.key for fault in faults}))
        return parts


def suggest(
    titles: Sequence[str], columns: Sequence[TargetColumn]
) -> dict[int, TargetColumn]:
    """Index of a title → the column it names; each column is suggested once.

    A title must be one of the column's names: similar ones mean something else too
    often, such as “Target date” and “Target”.
    """
    found: dict[int, TargetColumn] = {}
    for place, title in enumerate(titles):
        for column in columns:
            if _plain(title) in column.names and column not in found.values():
                found[place] = column
                break
    return found


def fingerprint(titles: Sequence[str]) -> str:
    """The same for files with the same titles in the same order."""
    return "\n".join(map(_plain, titles))


def _plain(title: str) -> str:
    return re.sub(r"[\W_]+", "", title.casefold())


def find_header(rows: Iterable[Row]) -> Header:
    """The first row that fills more than half of the table's columns.

    Names and notes above a table fill fewer, or have a blank row below them; a column
    or two may lack a title. Where
    titles of it are merged over several columns, the row below may have those of each
    column: it is the row of titles then, with those above that are merged down to it.

    :raises TabularError: no titles, the same title twice, or far too many
    """
    first = list(islice(rows, _SEARCHED_ROWS))
    if not first:
        raise TabularError(_lt("The file has no rows."))
    widest = max(map(_count_filled, first))
    wide = [n for n, row in enumerate(first) if 2 * _count_filled(row) > widest]
    place = next((n for n in wide if not _is_note(first, n, widest)), wide[0])
    row = first[place]
    titles = [_read_title(cell) for cell in row.cells]
    years = (
        (upper, lower, groups)
        for upper, lower in pairwise(first[max(place - 1, 0) : place + 2])
        if (groups := _find_years_above(upper, lower))
    )
    if second := _find_second_titles(row, first[place + 1 : place + 2]):
        titles = _join_titles(second, _find_groups(row))
        row = second
    elif found := next(years, None):
        upper, row, groups = found
        titles = _join_titles(row, groups, upper)
    width = max(
        (n for n, cell in enumerate(row.cells, 1) if _is_title(cell)), default=0
    )
    del titles[width:]
    _check_titles(row, titles)
    return Header(row.number, tuple(titles))


def _is_note(rows: Sequence[Row], place: int, widest: int) -> bool:
    """Check whether a row is above a table, apart from it: “As of”, “30 Nov 2026”."""
    row, below = rows[place], rows[place + 1 : place + 2]
    is_apart = bool(below) and below[0].number > row.number + 1
    return is_apart and _count_filled(row) < widest


def _find_second_titles(row: Row, below: Sequence[Row]) -> Row | None:
    """The row below titles that are merged over several columns, if it has theirs.

    Such a row has texts or periods below merged titles and nothing else.
    """
    groups = _find_groups(row)
    second = next(iter(below), None)
    if not groups or not second or second.number != row.number + 1:
        return None
    own = {
        place: cell
        for place, cell in enumerate(second.cells)
        if cell not in (None, "") and not isinstance(cell, MergedCell | CoveredCell)
    }
    are_titles = all(
        isinstance(cell, date)
        or (isinstance(cell, str) and any(map(str.isalpha, cell)))
        for cell in own.values()
    )
    is_below = own.keys() <= groups.keys() and len(own) > 1
    return second if are_titles and is_below else None


def _find_groups(row: Row) -> dict[int, str]:
    """Index of each column below a title of several columns → that title."""
    groups: dict[int, str] = {}
    title = ""
    for place, cell in enumerate(row.cells):
        if not isinstance(cell, CoveredCell):
            title = _read_title(cell)
        elif place:
            groups |= {place - 1: title, place: title}
    return groups


def _find_years_above(upper: Row, lower: Row) -> dict[int, str]:
    """Index of each column → the year in the row above it, or to the left of that.

    Of “2026” above “Jan”, which nothing merges with “Feb”. Empty unless the lower row
    has nothing but texts, and several that are periods with these years only.
    """
    cells = [cell for cell in lower.cells if cell not in (None, "")]
    are_titles = all(
        type(cell) is str and any(map(str.isalpha, cell)) for cell in cells
    )
    is_readable = not any(isinstance(cell, UnreadableCell) for cell in upper.cells)
    if lower.number != upper.number + 1 or not are_titles or not is_readable:
        return {}
    groups: dict[int, str] = {}
    year = ""
    for place, cell in enumerate(lower.cells):
        title = _read_title(upper.cells[place]) if place < len(upper.cells) else ""
        year = title or year
        own = _read_title(cell)
        if _is_year(year) and own and not parse_period(own):
            groups[place] = year
    periods = [
        place
        for place, year in groups.items()
        if parse_period(f"{_read_title(lower.cells[place])} {year}")
    ]
    return groups if len(periods) > 1 else {}


def _is_year(title: str) -> bool:
    period = parse_period(title)
    return bool(period) and period.grain == "year"


def _join_titles(
    second: Row, groups: Mapping[int, str], upper: Row | None = None
) -> list[str]:
    """Titles of two rows: the lower one, with the one above where it needs that.

    :param groups: index of a column → title above it and others
    :param upper: row whose titles have none below them
    """
    lower = [_read_title(cell) for cell in second.cells]
    for place, cell in enumerate(upper.cells[: len(lower)] if upper else ()):
        lower[place] = lower[place] or _read_title(cell)
    counts = Counter(title.casefold() for title in lower)
    titles = []
    for place, title in enumerate(lower):
        both = f"{title} {groups.get(place, '')}".strip()
        is_needed = counts[title.casefold()] > 1 or parse_period(both)
        titles.append(both if title and place in groups and is_needed else title)
    return titles


def _is_title(cell: Any) -> bool:
    return isinstance(cell, CoveredCell) or bool(_read_title(cell))


def _read_title(cell: Any) -> str:
    if isinstance(cell, CoveredCell):
        return ""
    if isinstance(cell, UnreadableCell):
        raise TabularError(cell.error.template, **cell.error.parameters)
    cell = plain_cell(cell)
    if isinstance(cell, date):  # a period as title
        return cell.isoformat()[:10]
    return "" if cell is None else " ".join(str(cell).split())


def _count_filled(row: Row) -> int:
    return sum(
        cell is not None and cell != "" and not isinstance(cell, CoveredCell)
        for cell in row.cells
    )


def _check_titles(row: Row, titles: list[str]) -> None:
    if len(titles) > MOST_COLUMNS:
        raise TabularError(
            _lt("Row %(row)s has more than %(most)s columns."),
            row=row.number,
            most=f"{MOST_COLUMNS:,}",
        )
    if not any(any(map(str.isalpha, title)) for title in titles):
        raise TabularError(
            _lt("Row %(row)s has no titles. Add a title to each column."),
            row=row.number,
        )
    places: dict[str, int] = {}
    for place, title in enumerate(titles, start=1):
        if len(title) > LONGEST_TITLE:
            raise TabularError(
                _lt(
                    "The title of column %(column)s is longer than %(most)s "
                    "characters. Check that row %(row)s contains titles."
                ),
                column=get_column_letter(place),
                most=LONGEST_TITLE,
                row=row.number,
            )
        earlier = title and places.setdefault(title.casefold(), place)
        if earlier and earlier != place:
            raise TabularError(
                _lt(
                    "Columns %(first)s and %(second)s have the same title "
                    "“%(title)s”. Rename one."
                ),
                first=get_column_letter(earlier),
                second=get_column_letter(place),
                title=title,
            )


class OptionError(ValueError):
    """No value of this option; its text says which."""


def read_options(
    options: Sequence[TargetOption], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Key → value of each option: what was given, else its default.

    What no longer is a value, such as a choice that is gone, counts as not given.
    """
    values = {option.key: option.default for option in options}
    for option in options:
        value = given.get(option.key)
        if value is not None and option.is_possible(value):
            values[option.key] = value
    return values


def check_options(options: Sequence[TargetOption], given: Mapping[str, Any]) -> None:
    """Refuse what none of ``options`` asks for.

    :raises OptionError: an unknown key, or a value that its option does not have
    """
    by_key = {option.key: option for option in options}
    for key, value in given.items():
        if key not in by_key:
            raise OptionError(key)
        if value is not None and not by_key[key].is_possible(value):
            raise OptionError(f"{by_key[key].label}: {value}")


def has_other_width(cells: Sequence[Any], expected: int, *, is_text: bool) -> bool:
    """Check whether a row is cut into other columns than the titles.

    Cells of a text are parted by its marks, so that a missing one is an error; in a
    sheet empty cells at the end are usual.

    :param expected: number of the titles
    """
    if is_text and len(cells) < expected:
        return True
    return any(
        cell not in (None, "") and not isinstance(cell, CoveredCell)
        for cell in cells[expected:]
    )


def _read_values(
    row: Row, columns: Iterable[ColumnReader]
) -> tuple[dict[str, Any], list[CellFault]]:
    values, faults = {}, []
    for column in columns:
        cell = column.find_cell(row.cells)
        if cell is None:
            continue
        try:
            value = column.read(cell)
        except CellError as error:
            faults.append(CellFault(column, cell, error))
            continue
        if value is not None:
            values[column.key] = value
    return values, faults
