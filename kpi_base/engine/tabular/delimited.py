"""Rows of CSV and TSV text, with the number of the line on which each begins."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO, TextIOWrapper
from itertools import islice

from ..fault import _lt
from .errors import TabularError

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1_000_000  # characters
LONGEST_CELL = 131_072
LONGEST_ROW = 10_000_000  # over all of its lines
TOO_LONG = "field limit"  # in the words of ``csv``
_SAMPLE_ROWS = 50


def detect_delimiter(content: bytes, encoding: str) -> str:
    """The delimiter that cuts the first rows into the most equal number of columns.

    :return: a comma where nothing cuts them: a table of one column
    """
    found = [(_regularity(content, encoding, mark), mark) for mark in DELIMITERS]
    best, delimiter = max(found, key=lambda each: each[0])
    return delimiter if best > (0, 0) else ","


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
    text = TextIOWrapper(BytesIO(content), encoding, newline="")
    lines = _Lines(text)
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
                    "Line %(line)s or one of the next lines contains characters that do"
                    " not fit the encoding %(encoding)s. Choose another encoding."
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


class _Lines:
    """Lines that can be part of a table, and how much the row at hand has of them."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text
        self._number = 0
        self.row_length = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self.row_length += len(line)
        if len(line) > LONGEST_LINE:
            raise TabularError(
                _lt(
                    "Line %(line)s is longer than %(most)s characters: the file is "
                    "damaged or not a table."
                ),
                line=self._number,
                most=f"{LONGEST_LINE:,}",
            )
        if self.row_length > LONGEST_ROW:
            raise csv.Error(TOO_LONG)
        if "\0" in line:
            raise TabularError(
                _lt(
                    "Line %(line)s contains a NUL character: the file is damaged. Save "
                    "the table again as CSV or XLSX."
                ),
                line=self._number,
            )
        return line


def _fault(first: int, last: int, error: str) -> TabularError:
    if TOO_LONG in error and first == last:
        return TabularError(
            _lt(
                "Line %(line)s holds a cell that is too long: the file is damaged or "
                "not a table."
            ),
            line=first,
        )
    return TabularError(
        _lt(
            "Line %(line)s: a quotation mark is not closed. Close it, and double each "
            "quotation mark inside a text."
        ),
        line=first,
    )
