"""Names that only the first row of a group has, as in pivot tables."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .cells import is_totals_row, number_marks, plain_cell
from .files import Row

MIN_BLANKS = 2  # fewer are names that are missing


@dataclass
class _Names:
    """What the rows read so far have in one column."""

    last: Any = None
    blank_count: int = 0
    can_be_groups: bool = True


class GroupProfile:
    """Finds columns in which an empty cell may mean the name above.

    It may if no row has the same name as the one above, and if each row without a name
    differs from the one above in another text, and has one behind the empty cell: it
    is of another month or KPI.
    """

    def __init__(self, width: int) -> None:
        """:param width: number of columns"""
        self._names = [_Names() for _place in range(width)]
        self._above: Sequence[Any] = ()

    def add(self, cells: Sequence[Any]) -> None:
        """Add the next row of the table."""
        if is_totals_row(cells):
            return
        for place, names in enumerate(self._names):
            if names.can_be_groups:
                self._add_cell(names, place, cells)
        self._above = cells

    def _add_cell(self, names: _Names, place: int, cells: Sequence[Any]) -> None:
        cell = plain_cell(cells[place]) if place < len(cells) else None
        if not _is_blank(cell):
            names.can_be_groups = cell != names.last
            names.last = cell
            return
        names.blank_count += 1
        texts = _list_texts(cells, place)
        # Groups are parted from left to right; a row of totals has nothing behind.
        has_parts = bool(texts) and texts[-1][0] > place
        names.can_be_groups = names.last is not None and (
            has_parts and texts != _list_texts(self._above, place)
        )

    def has_groups(self, place: int) -> bool:
        """Check whether empty cells of a column may mean the name above.

        :param place: index of the column
        """
        names = self._names[place]
        return names.can_be_groups and names.blank_count >= MIN_BLANKS


def fill_groups(
    rows: Iterable[Row], places: Sequence[int], *, is_text: bool
) -> Iterator[Row]:
    """Rows with the name above in the empty cells of some columns.

    A name ends those of the columns behind it: they are of the group before.

    :param places: indexes of these columns, in order
    :param is_text: as of ``has_other_width``
    """
    last: dict[int, Any] = {}
    for row in rows:
        if not is_totals_row(row.cells):
            for place in places:
                is_short = place >= len(row.cells)
                if is_short and is_text:
                    continue
                if is_short:
                    row.cells.extend([None] * (place + 1 - len(row.cells)))
                if _is_blank(row.cells[place]):
                    row.cells[place] = last.get(place)
                    continue
                last = {known: cell for known, cell in last.items() if known < place}
                last[place] = row.cells[place]
        yield row


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _list_texts(cells: Sequence[Any], place: int) -> list[Any]:
    """Cells that are no numbers, by their index, without the one at ``place``."""
    return [
        (other, cell)
        for other, cell in enumerate(cells)
        if other != place
        and not _is_blank(cell)
        and type(cell) not in (int, float)
        and not (isinstance(cell, str) and number_marks(cell))
    ]
