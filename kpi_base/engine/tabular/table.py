"""A table whatever the format of its file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..fault import _lt
from .delimited import detect_delimiter, read_delimited
from .encoding import detect_encoding
from .errors import TabularError
from .sniff import sniff
from .workbook import Workbook

LARGEST_FILE = 100 * 2**20  # bytes


@dataclass(frozen=True)
class Row:
    """A row of the file.

    :ivar number: of the line of a text, or of the row in a sheet, from 1
    :ivar cells: text, number, date, datetime, bool or None
    """

    number: int
    cells: list[Any]


@dataclass(frozen=True)
class Table:
    """File as a table; its rows are read anew by every call of :meth:`rows`.

    :ivar is_encoding_assumed: nothing in the file says that the encoding is right
    :ivar is_1904: serial dates count from 1904; None where the file does not say
    """

    content: bytes = field(repr=False)
    kind: str
    encoding: str = ""
    is_encoding_assumed: bool = False
    delimiter: str = ""
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    is_1904: bool | None = None
    _book: Workbook | None = field(default=None, repr=False, compare=False)

    @property
    def is_text(self) -> bool:
        return self.kind == "text"

    def rows(self) -> Iterator[Row]:
        """All rows that have a filled cell.

        :raises TabularError: what is wrong with the file, and on which line
        """
        if self._book:
            rows = self._book.rows(self.sheet)
        else:
            rows = read_delimited(self.content, self.encoding, self.delimiter)
        for number, cells in rows:
            if any(cell is not None and cell != "" for cell in cells):
                yield Row(number, cells)

    def row_count_estimate(self) -> int:
        """About how many rows there are, without reading them one by one."""
        if self.is_text:
            return max(self.content.count(b"\n"), 1)
        return self._book.row_count_estimate(self.sheet)


def open_table(
    content: bytes, *, encoding: str = "", delimiter: str = "", sheet: str = ""
) -> Table:
    """Find out how ``content`` is to be read.

    :param encoding, delimiter, sheet: as somebody said; detected where empty (the
        first sheet)
    :raises TabularError: not a table, or none that can be read safely
    """
    if len(content) > LARGEST_FILE:
        raise TabularError(
            _lt("The file is larger than %(most)s MB. Split it into several files."),
            most=LARGEST_FILE // 2**20,
        )
    if sniff(content) == "xlsx":
        book = Workbook(content)
        if sheet and sheet not in book.sheets:
            raise TabularError(
                _lt("There is no sheet “%(sheet)s”. Choose one of: %(sheets)s."),
                sheet=sheet,
                sheets=", ".join(book.sheets),
            )
        return Table(
            content,
            "xlsx",
            sheets=tuple(book.sheets),
            sheet=sheet or book.sheets[0],
            is_1904=book.is_1904,
            _book=book,
        )
    assumed = False
    if not encoding:
        encoding, assumed = detect_encoding(content)
    delimiter = delimiter or detect_delimiter(content, encoding)
    return Table(content, "text", encoding, assumed, delimiter)
