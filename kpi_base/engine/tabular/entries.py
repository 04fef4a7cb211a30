"""Entries: the records to be that the rows of a table say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import CellError
from .moments import Moment
from .reading import Kind
from .table import Row


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
    """

    index: int
    title: str
    key: str
    read: Callable[[Any], Any]
    moment: Moment | None = None
    kind: Kind = "text"

    def find_cell(self, cells: Sequence[Any]) -> Any:
        """The column's cell in a row; None where it is empty or the row ends before."""
        cell = cells[self.index] if self.index < len(cells) else None
        return None if cell == "" else cell


@dataclass(frozen=True)
class CellFault:
    """A cell that could not be read, and why."""

    column: ColumnReader
    cell: Any
    error: CellError


@dataclass(frozen=True)
class EntryReader:
    """Reader of rows whose columns are known.

    ::

        entries, faults = EntryReader(columns).read_row(row)

    :ivar columns: in their order; those with a ``moment`` make an entry each
    """

    columns: Sequence[ColumnReader]
    _common: list[ColumnReader] = field(init=False, repr=False)
    _periods: list[ColumnReader] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        common = [column for column in self.columns if not column.moment]
        object.__setattr__(self, "_common", common)
        periods = [column for column in self.columns if column.moment]
        object.__setattr__(self, "_periods", periods)

    def read_row(self, row: Row) -> tuple[list[Entry], list[CellFault]]:
        """Entries of a row, and its cells that cannot be read.

        One entry; where columns have a period, one for each of these that is filled.
        """
        values, faults = _read_values(row, self._common)
        if not self._periods:
            return [Entry(row.number, values)], faults
        entries = []
        for column in self._periods:
            value, wrong = _read_values(row, [column])
            faults += wrong
            if value:
                entries.append(
                    Entry(row.number, {**values, **value, "moment": column.moment})
                )
        return entries, faults


def has_other_width(cells: Sequence[Any], expected: int, *, is_text: bool) -> bool:
    """Check whether a row is cut into other columns than the titles.

    Cells of a text are parted by its marks, so that a missing one is an error; in a
    sheet empty cells at the end are usual.

    :param expected: number of the titles
    """
    if is_text and len(cells) < expected:
        return True
    return any(cell not in (None, "") for cell in cells[expected:])


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
