"""Tables whatever the format of their file: CSV, TSV or XLSX, known by the content."""

import codecs
import csv
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO, TextIOWrapper
from itertools import islice
from typing import Any, Literal
from xml.parsers import expat

import openpyxl
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from ..fault import _lt
from ..number_format import read_as_shown
from ..spreadsheet import original_text
from .cells import (
    MOST_COLUMNS,
    CellError,
    CoveredCell,
    MergedCell,
    ShownNumber,
    TabularError,
    UnreadableCell,
    clip_cell,
)

Kind = Literal["text", "xlsx"]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PDF = _lt("This file is a PDF. Save the table as CSV or XLSX.")
_PICTURE = _lt("This file is a picture. Save the table as CSV or XLSX.")
_COMPRESSED = _lt("This file is compressed. Save the table as CSV or XLSX.")
_DOCUMENT = _lt("This file is a text document. Save the table as CSV or XLSX.")
# First bytes of files of other kinds. Odoo finds no terms beside bytes.
_OTHER_KINDS = {
    (b"%PDF",): _PDF,
    (b"\x89PNG", b"\xff\xd8\xff", b"GIF8"): _PICTURE,
    (b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf"): _COMPRESSED,
    (b"{\\rtf",): _DOCUMENT,
}
_JSON = re.compile(r'\s*(\{\s*"|\[\s*[\[{])')
_MARKUP = re.compile(r"\s*<[a-z!?/]", re.IGNORECASE)
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Signs without width around texts that were copied from web pages.
_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"
_LONGEST_BOM = 4  # bytes; UTF-16 has a 0 among so many of XML
ASSUMED = "cp1252"
SAMPLE = 65_536  # bytes
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_MOSTLY = 0.3  # of every second byte of European text in UTF-16 is 0
DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1_000_000  # characters
LONGEST_CELL = 131_072
LONGEST_ROW = 10_000_000  # over all of its lines
TOO_LONG = "field limit"  # in the words of ``csv``
_SAMPLE_ROWS = 50
LARGEST_PARTS = 250 * 2**20  # bytes of all parts together, unpacked
LARGEST_TEXTS = 60 * 2**20  # of the texts, which are held in memory
HIGHEST_RATIO = 300  # of unpacked to packed
CHECKED_RATIO = 2**20  # bytes from which the ratio says something
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_CHUNK = 65_536
_ROW_MARK = b"<row "
MOST_AREAS = 100_000  # of merged cells in one sheet
_AREA = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref=["'](\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+)["']"""
)
_LONGEST_MARK = 500  # bytes of an element that names merged cells
_DAMAGED = _lt("This workbook is damaged or incomplete. Save it again as XLSX.")
LARGEST_FILE = 100 * 2**20  # bytes


@dataclass(frozen=True)
class Row:
    """A row of the file.

    :ivar number: of the line of a text, or of the row in a sheet, from 1
    :ivar cells: text, number, date, datetime, bool or None; in a sheet also a
        ``MergedCell`` or an ``UnreadableCell``
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
    _book: "Workbook | None" = field(default=None, repr=False, compare=False)

    @property
    def is_text(self) -> bool:
        return self.kind == "text"

    def rows(self) -> Iterator[Row]:
        """All rows that have a filled cell.

        The apostrophe by which our files keep texts from being computed is taken off.

        :raises TabularError: what is wrong with the file, and on which line
        """
        if self._book:
            rows = self._book.rows(self.sheet)
        else:
            rows = read_delimited(self.content, self.encoding, self.delimiter)
            if not self.content.isascii():
                rows = (
                    (n, [cell.strip(_INVISIBLE) for cell in row]) for n, row in rows
                )
            if b"'" in self.content:
                rows = ((n, [original_text(cell) for cell in row]) for n, row in rows)
        for number, cells in rows:
            if _is_filled(cells):
                yield Row(number, cells)

    def rows_below(self, number: int) -> Iterator[Row]:
        """Rows below the one of the titles: cells merged with titles have no values.

        :param number: of the row of titles
        """
        if self._book:
            rows = (Row(*row) for row in self._book.rows(self.sheet, number))
            rows = (row for row in rows if _is_filled(row.cells))
        else:
            rows = self.rows()
        return (row for row in rows if row.number > number)

    def row_count_estimate(self) -> int:
        """About how many rows there are, without reading them one by one."""
        if self.is_text:
            return max(self.content.count(b"\n"), 1)
        return self._book.row_count_estimate(self.sheet)


def _is_filled(cells: list[Any]) -> bool:
    # zeros are no blanks; that there are only such is seldom
    return any(cells) or any(cell is not None and cell != "" for cell in cells)


def sniff(content: bytes) -> Kind:
    """Detect whether ``content`` is text or a workbook, whatever its name says.

    :raises TabularError: neither, saying what it is and what to do
    """
    if not content:
        raise TabularError(_lt("The file is empty."))
    if content.startswith(b"PK"):
        return "xlsx"
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise TabularError(
                _lt("This workbook is password-protected. Save it without a password.")
            )
        raise TabularError(
            _lt("This is an old Excel file (.xls). Save it as XLSX or CSV.")
        )
    for marks, reason in _OTHER_KINDS.items():
        if content.startswith(marks):
            raise TabularError(reason)
    # ASCII of any encoding: enough to recognise markup.
    sample = content[:SAMPLE].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    text = sample.decode("latin-1")
    if _JSON.match(text):
        raise TabularError(_lt("This file is JSON. Save the table as CSV or XLSX."))
    if _MARKUP.match(text):
        raise TabularError(
            _lt(
                "This file is a web page or XML. Open it in a spreadsheet and save "
                "it as CSV or XLSX."
            )
        )
    return "text"


def detect_encoding(content: bytes) -> tuple[str, bool]:
    """The encoding of ``content`` and whether it is only assumed.

    A byte order mark decides, then whether everything is UTF-8, then the pattern of
    UTF-16 without mark. Anything else is taken for Western European (Windows).

    :raises TabularError: no text at all
    """
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return encoding, False
    sample = content[:SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    pairs = len(sample) // 2
    if pairs > 1 and not even and odd / pairs > _MOSTLY:
        return "utf-16-le", True
    if pairs > 1 and not odd and even / (len(sample) - pairs) > _MOSTLY:
        return "utf-16-be", True
    if _CONTROL.search(sample):
        raise TabularError(
            _lt("This is not a text file. Save the table as CSV or XLSX.")
        )
    text = TextIOWrapper(BytesIO(content), "utf-8")
    try:
        while text.read(SAMPLE):
            pass
    except UnicodeDecodeError:
        return ASSUMED, True
    return "utf-8", False


def detect_delimiter(content: bytes, encoding: str) -> str:
    """The delimiter that cuts the first rows into the most equal number of columns.

    :return: a comma where nothing cuts them: a table of one column
    """
    shares = {mark: _regularity(content, encoding, mark) for mark in DELIMITERS}
    return max(shares, key=shares.__getitem__)  # the comma is the first of all


def _regularity(content: bytes, encoding: str, delimiter: str) -> tuple[float, int]:
    """Share of rows as wide as most of them, and that width."""
    widths: Counter[int] = Counter()
    with suppress(TabularError):  # said when the file is read for good
        rows = read_delimited(content, encoding, delimiter)
        for _number, cells in islice(rows, _SAMPLE_ROWS):
            widths[len(cells)] += bool(cells)
    if not widths:
        return 0, 0
    width, count = widths.most_common(1)[0]
    return (count / widths.total(), width) if width > 1 else (0, 0)


def read_delimited(
    content: bytes, encoding: str, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """``(line number, cells)`` of each row; blank lines are rows without cells.

    :raises TabularError: broken quotes, a NUL character, an endless line or bytes that
        are not of ``encoding``, naming the line
    """
    lines = _Lines(TextIOWrapper(BytesIO(content), encoding, newline=""))
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    first = 1
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise _fault(first, rows.line_num, str(error)) from error
        except UnicodeError as error:
            raise TabularError(
                _lt(
                    "Line %(line)s or a following line does not match the encoding "
                    "%(encoding)s. Choose another encoding."
                ),
                line=rows.line_num + 1,
                encoding=encoding,
            ) from error
        # The limit of ``csv`` is the process's, and Odoo sets it to half a gigabyte.
        if lines.row_length > LONGEST_CELL and max(map(len, cells)) > LONGEST_CELL:
            raise _fault(first, rows.line_num, TOO_LONG)
        lines.row_length = 0
        yield first, cells
        first = rows.line_num + 1


@dataclass
class _Lines:
    """Lines that can be part of a table, and how much the row at hand has of them."""

    text: TextIOWrapper
    row_length: int = 0

    def __iter__(self) -> Iterator[str]:
        read = iter(lambda: self.text.readline(LONGEST_LINE + 1), "")
        for number, line in enumerate(read, start=1):
            self.row_length += len(line)
            if len(line) > LONGEST_LINE:
                raise TabularError(
                    _lt(
                        "Line %(line)s is longer than %(most)s characters: the file is "
                        "damaged or not a table."
                    ),
                    line=number,
                    most=f"{LONGEST_LINE:,}",
                )
            if self.row_length > LONGEST_ROW:
                raise csv.Error(TOO_LONG)
            if "\0" in line:
                raise TabularError(
                    _lt(
                        "Line %(line)s is damaged (NUL character). Save the table "
                        "again as CSV or XLSX."
                    ),
                    line=number,
                )
            yield line


def _fault(first: int, last: int, error: str) -> TabularError:
    if TOO_LONG in error and first == last:
        return TabularError(
            _lt(
                "Line %(line)s contains an oversized cell: the file is damaged or "
                "not a table."
            ),
            line=first,
        )
    return TabularError(
        _lt(
            "Line %(line)s: unclosed quotation mark. Close it, and double "
            "quotation marks inside text."
        ),
        line=first,
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
            raise TabularError(
                _lt(
                    "This workbook has no visible worksheet. Unhide "
                    "the sheet to import."
                )
            )
        self._areas: dict[str, list[_Area]] = {}
        # whether serial dates count from 1904-01-01 (old Macs), not 1900
        self.is_1904 = self._book.epoch == CALENDAR_MAC_1904

    def row_count_estimate(self, title: str) -> int:
        """Number of rows that the sheet stores, filled or not; cells are not read."""
        count, tail = 0, b""
        with self._book[title]._get_source() as source:
            while chunk := source.read(_CHUNK):
                chunk = tail + chunk
                count += chunk.count(_ROW_MARK)
                tail = chunk[-len(_ROW_MARK) + 1 :]
        return max(count, 1)

    def rows(self, title: str, below: int = 0) -> Iterator[tuple[int, list[Any]]]:
        """``(row number, cells)``, the cells as in ``Row``.

        Only rows that the sheet stores. What stands farther right than titles may be
        is put behind the last of these. A value of merged cells stands in all of their
        rows that have something else.

        :param below: number of a row; merged cells that begin in it or above it are
            taken for single ones
        :raises TabularError: damaged, or a cell beyond all rows or columns of a sheet
        """
        sheet = self._book[title]
        areas = [area for area in self._find_areas(title) if area.first_row > below]
        merged = _MergedCells(areas)
        last = 0
        with sheet._get_source() as source:
            # ``iter_rows`` makes all rows and cells up to the last one that is used.
            rows = _SheetParser(
                source,
                sheet._shared_strings,
                data_only=True,
                epoch=self._book.epoch,
                date_formats=self._book._date_formats,
                timedelta_formats=self._book._timedelta_formats,
            ).parse()
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
                    if _is_filled(cells):
                        merged.fill(number, cells)
                    yield number, cells

    def _find_areas(self, title: str) -> list["_Area"]:
        """Merged cells of a sheet by their first row; they stand behind its rows."""
        if title not in self._areas:
            try:
                with self._book[title]._get_source() as source:
                    found = [_Area.parse(text) for text in _list_areas(source)]
            except TabularError:
                raise
            except Exception as error:  # as above
                raise TabularError(_DAMAGED) from error
            self._areas[title] = sorted(found, key=lambda area: area.first_row)
        return self._areas[title]


class _SheetParser(WorkSheetParser):
    """Reads the values that a sheet stores.

    A formula that no spreadsheet program has calculated has none: it is no empty cell.
    One whose result is an empty text is.
    """

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell = super().parse_cell(element)
        if cell["value"] is None and cell["data_type"] != "str":
            formula = element.find(FORMULA_TAG)
            if formula is not None:
                cell["value"] = _mark_uncalculated(formula.text or "…")
        return cell


def _mark_uncalculated(formula: str) -> UnreadableCell:
    text = f"={formula}"
    error = CellError(
        _lt(
            "The formula “%(cell)s” has no stored value. Open and save the file in "
            "your spreadsheet program."
        ),
        cell=clip_cell(text),
    )
    return UnreadableCell(text, error)


@dataclass(frozen=True, slots=True)
class _Area:
    """Merged cells; rows and columns from 1, the last ones included."""

    name: str
    first_column: int
    first_row: int
    last_column: int
    last_row: int

    @classmethod
    def parse(cls, name: str) -> "_Area":
        return cls(name, *range_boundaries(name))


def _list_areas(source: Any) -> Iterator[str]:
    """References of the merged cells that a sheet has; its cells are not read.

    :raises TabularError: so many that somebody wants to fill the memory
    """
    tail, count = b"", 0
    while chunk := source.read(_CHUNK):
        part, end = tail + chunk, 0
        if b"mergeCell" in part:
            for found in _AREA.finditer(part):
                end = found.end()
                count += 1
                if count > MOST_AREAS:
                    raise TabularError(
                        _lt("This sheet has too many merged cells. Unmerge them.")
                    )
                yield found[1].decode()
        tail = part[max(end, len(part) - _LONGEST_MARK) :]


class _MergedCells:
    """Puts the values of merged cells into their rows, which come in order."""

    def __init__(self, areas: list[_Area]) -> None:
        self._coming = areas[::-1]  # the next one last
        # with the cell that stands in the column of the value, and that of the others
        self._current: list[tuple[_Area, Any, CoveredCell]] = []

    def fill(self, number: int, cells: list[Any]) -> None:
        """Mark the cells of row ``number`` that lie in merged cells with a value."""
        while self._coming and self._coming[-1].first_row <= number:
            area = self._coming.pop()
            place = area.first_column - 1
            value = cells[place] if place < len(cells) else None
            # What begins in a row that has nothing has no value.
            is_blank = isinstance(value, str) and not value.strip()
            if area.first_row == number and value is not None and not is_blank:
                is_unreadable = isinstance(value, UnreadableCell)
                own = value if is_unreadable else MergedCell(value, area.name)
                self._current.append((area, own, _mark_covered(value, area)))
        if not self._current:
            return
        self._current = [one for one in self._current if one[0].last_row >= number]
        for area, own, covered in self._current:
            last = min(area.last_column, MOST_COLUMNS)
            cells.extend([None] * (last - len(cells)))
            for place in range(area.first_column - 1, last):
                cells[place] = covered if place >= area.first_column else own


def _mark_covered(value: Any, area: _Area) -> CoveredCell:
    error = CellError(
        _lt(
            "“%(cell)s” is in merged cells (%(area)s) of several columns. Unmerge "
            "them and enter the value of each column."
        ),
        cell=clip_cell(value),
        area=area.name,
    )
    return CoveredCell(value, error)


def _spread_cells(sheet: Any, stored: list[dict[str, Any]]) -> list[Any]:
    """The stored cells of a row by column; ValueError: no sheet has the column."""
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
    """A cell as people see it: 0.825 shown as 82.5% is 82.5."""
    value = cell.value
    if isinstance(value, datetime):
        return value if value.time() != value.min.time() else value.date()
    if type(value) in (int, float):
        number, units = read_as_shown(value, cell.number_format or "")
        return ShownNumber(number, units) if units else number
    if type(value) is str:  # no formula without a value
        value = value.strip(_INVISIBLE)
        return original_text(value) if value.startswith("'") else value
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
                    _lt("This is a ZIP archive. Upload the table in it as CSV or XLSX.")
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_no_entities(archive, part)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        if isinstance(error, TabularError):
            raise
        raise TabularError(_DAMAGED) from error
    except (RuntimeError, zipfile.zlib.error) as error:
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
                    "%(part)s is too large when unpacked. Save the table as CSV or "
                    "split it."
                ),
                part=part.filename,
            )
    if sum(part.file_size for part in parts) > LARGEST_PARTS:
        raise TabularError(
            _lt(
                "This workbook is too large when unpacked. Save the table as CSV "
                "or split it."
            )
        )


def _check_no_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a document type: it is what entities that blow up are declared in.

    Refuse UTF-16 as well: merged cells would not be found in it.
    """
    parser = expat.ParserCreate()
    seen = []
    parser.StartDoctypeDeclHandler = lambda *args: seen.append("doctype")
    parser.StartElementHandler = lambda *args: seen.append("element")
    try:
        with archive.open(part) as stream:
            if b"\0" in stream.read(_LONGEST_BOM):
                raise TabularError(
                    _lt(
                        "This workbook is encoded in UTF-16. Save it again as XLSX or "
                        "CSV."
                    )
                )
            stream.seek(0)
            while not seen and (chunk := stream.read(_CHUNK)):
                parser.Parse(chunk)
    except expat.ExpatError as error:
        raise TabularError(_DAMAGED) from error
    if "doctype" in seen:
        raise TabularError(
            _lt("This workbook contains XML entities. Save it again as XLSX.")
        )


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
                _lt("Sheet “%(sheet)s” does not exist. Choose one of: %(sheets)s."),
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
