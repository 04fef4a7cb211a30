"""Rows of an XLSX workbook, which is looked at before anything is unpacked."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any
from xml.parsers import expat

import openpyxl
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import WorkSheetParser

from ..fault import _lt
from .cells import MOST_COLUMNS
from .errors import TabularError

LARGEST_PARTS = 250 * 2**20  # bytes of all parts together, unpacked
LARGEST_TEXTS = 60 * 2**20  # of the texts, which are held in memory
HIGHEST_RATIO = 300  # of unpacked to packed
CHECKED_RATIO = 2**20  # bytes from which the ratio says something
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_CHUNK = 65_536
_ROW_MARK = b"<row "
_DIGITS = 12
_DAMAGED = _lt(
    "This workbook is damaged or incomplete. Open it and save it again as XLSX."
)


class Workbook:
    """The sheets of a workbook.

    :raises TabularError: no workbook, a damaged one, or one that would blow up
    """

    def __init__(self, content: bytes) -> None:
        _check_archive(content)
        try:
            self._book = openpyxl.load_workbook(
                BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
        except Exception as error:  # whatever openpyxl stumbles over in odd files
            raise TabularError(_DAMAGED) from error
        self.sheets = [
            sheet.title
            for sheet in self._book.worksheets
            if sheet.sheet_state == "visible"
        ]
        if not self.sheets:
            raise TabularError(_lt("This workbook has no sheet with cells."))

    @property
    def is_1904(self) -> bool:
        """Check whether serial dates count from 1904-01-01 (old Macs), not 1900."""
        return self._book.epoch == CALENDAR_MAC_1904

    def row_count_estimate(self, title: str) -> int:
        """Number of rows that the sheet stores, filled or not; cells are not read."""
        count, tail = 0, b""
        with self._book[title]._get_source() as source:
            while chunk := source.read(_CHUNK):
                chunk = tail + chunk
                count += chunk.count(_ROW_MARK)
                tail = chunk[-len(_ROW_MARK) + 1 :]
        return max(count, 1)

    def rows(self, title: str) -> Iterator[tuple[int, list[Any]]]:
        """``(row number, cells)``: text, number, date, datetime, bool or None.

        Only rows that the sheet stores. What stands farther right than titles may be
        is put behind the last of these.

        :raises TabularError: damaged, or a cell beyond all rows or columns of a sheet
        """
        sheet = self._book[title]
        last = 0
        with sheet._get_source() as source:
            rows = self._parser(sheet, source).parse()
            while True:
                try:
                    number, stored = next(rows)
                    cells = _spread_cells(sheet, stored)
                except StopIteration:
                    return
                except Exception as error:  # as above
                    raise TabularError(_DAMAGED) from error
                if number > LAST_ROW:
                    raise TabularError(_DAMAGED)
                if number > last:  # a row that is there again is left out
                    last = number
                    yield number, cells

    def _parser(self, sheet: Any, source: Any) -> WorkSheetParser:
        # ``iter_rows`` makes all rows and cells up to the last one that is used.
        return WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=self._book.epoch,
            date_formats=self._book._date_formats,
            timedelta_formats=self._book._timedelta_formats,
        )


def _spread_cells(sheet: Any, stored: list[dict[str, Any]]) -> list[Any]:
    """The cells of a row by column, of those that are stored.

    :raises ValueError: a column that no sheet has
    """
    cells: list[Any] = []
    for cell in stored:
        if cell["column"] > LAST_COLUMN:
            raise ValueError(cell["column"])
        value = _value(ReadOnlyCell(sheet, **cell))
        place = min(cell["column"], MOST_COLUMNS + 1) - 1
        cells.extend([None] * (place + 1 - len(cells)))
        if value is not None or place < MOST_COLUMNS:
            cells[place] = value
    return cells


def _value(cell: Any) -> Any:
    """A cell as people see it: 0.825 shown as 82.5 % is 82.5."""
    value = cell.value
    if isinstance(value, datetime):
        return value if value.time() != value.min.time() else value.date()
    if type(value) in (int, float) and "%" in (cell.number_format or ""):
        return round(value * 100, _DIGITS)
    if isinstance(value, str | int | float | date) or value is None:
        return value
    return str(value)


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            if "[Content_Types].xml" not in archive.NameToInfo:
                raise TabularError(
                    _lt(
                        "This is a ZIP archive, not a workbook. Upload the table in it "
                        "as CSV or XLSX."
                    )
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_no_entities(archive, part)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        if isinstance(error, TabularError):
            raise
        raise TabularError(_DAMAGED) from error
    except (NotImplementedError, RuntimeError, zipfile.zlib.error) as error:
        raise TabularError(_DAMAGED) from error


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip bomb by its table of contents."""
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        is_texts = part.filename.endswith("sharedStrings.xml")
        if (
            (part.file_size > CHECKED_RATIO and ratio > HIGHEST_RATIO)
            or (is_texts and part.file_size > LARGEST_TEXTS)
            or part.flag_bits & 1
        ):
            raise TabularError(
                _lt(
                    "Unpacked, %(part)s is too large. Save the table as CSV or split it"
                    " into several files."
                ),
                part=part.filename,
            )
    if sum(part.file_size for part in parts) > LARGEST_PARTS:
        raise TabularError(
            _lt(
                "Unpacked, this workbook is too large. Save the table as CSV or split "
                "it into several files."
            )
        )


def _check_no_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a document type: it is what entities that blow up are declared in."""
    parser = expat.ParserCreate()
    seen = []
    parser.StartDoctypeDeclHandler = lambda *args: seen.append("doctype")
    parser.StartElementHandler = lambda *args: seen.append("element")
    try:
        with archive.open(part) as stream:
            while not seen and (chunk := stream.read(_CHUNK)):
                parser.Parse(chunk)
    except expat.ExpatError as error:
        raise TabularError(_DAMAGED) from error
    if "doctype" in seen:
        raise TabularError(
            _lt(
                "This workbook contains XML entities, which are not allowed. Open it "
                "and save it again as XLSX."
            )
        )
