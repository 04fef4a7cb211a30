"""The titles of the columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice

from openpyxl.utils import get_column_letter

from ..fault import _lt
from .cells import MOST_COLUMNS
from .errors import TabularError
from .table import Row

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


def find_header(rows: Iterable[Row]) -> Header:
    """The first row that fills more than half of the table's columns.

    Names and notes above a table fill fewer; a column or two may lack a title.

    :raises TabularError: no titles, the same title twice, or far too many
    """
    first = list(islice(rows, _SEARCHED_ROWS))
    if not first:
        raise TabularError(_lt("The file has no rows."))
    widest = max(map(_count_filled, first))
    row = next(row for row in first if 2 * _count_filled(row) > widest)
    titles = [_title(cell) for cell in row.cells]
    while titles and not titles[-1]:
        titles.pop()
    _check_titles(row, titles)
    return Header(row.number, tuple(titles))


def _count_filled(row: Row) -> int:
    return sum(cell is not None and cell != "" for cell in row.cells)


def _title(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):  # a period as title
        return cell.isoformat()[:10]
    return " ".join(str(cell).split())


def _check_titles(row: Row, titles: list[str]) -> None:
    if len(titles) > MOST_COLUMNS:
        raise TabularError(
            _lt("Row %(row)s has too many columns. The limit is %(most)s."),
            row=row.number,
            most=f"{MOST_COLUMNS:,}",
        )
    if not any(any(map(str.isalpha, title)) for title in titles):
        raise TabularError(
            _lt(
                "Row %(row)s has no titles. Each column needs a title above its first "
                "value."
            ),
            row=row.number,
        )
    places: dict[str, int] = {}
    for place, title in enumerate(titles, start=1):
        if len(title) > LONGEST_TITLE:
            raise TabularError(
                _lt(
                    "The title of column %(column)s is longer than %(most)s characters:"
                    " is row %(row)s the one with the titles?"
                ),
                column=get_column_letter(place),
                most=LONGEST_TITLE,
                row=row.number,
            )
        earlier = title and places.setdefault(title.casefold(), place)
        if earlier and earlier != place:
            raise TabularError(
                _lt(
                    "The columns %(first)s and %(second)s have the same title "
                    "“%(title)s”. Rename one of them."
                ),
                first=get_column_letter(earlier),
                second=get_column_letter(place),
                title=title,
            )
