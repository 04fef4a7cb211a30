"""Rows of CSV and TSV text, with the number of the line on which each begins."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO, TextIOWrapper
from itertools import islice

from .errors import TabularError

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1_000_000  # characters
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
    lines = _checked_lines(text)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    first = 1
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise TabularError(_reason(first, rows.line_num, str(error))) from error
        except UnicodeError as error:
            raise TabularError(
                f"Line {rows.line_num + 1} or one soon after it holds characters that"
                f" are not of the encoding {encoding}. Choose another encoding."
            ) from error
        yield first, cells
        first = rows.line_num + 1


def _checked_lines(text: TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise TabularError(
                f"Line {number} is longer than {LONGEST_LINE:,} characters: the file is"
                " damaged or not a table."
            )
        if "\0" in line:
            raise TabularError(
                f"Line {number} holds a NUL character: the file is damaged. Save the"
                " table anew as CSV or XLSX."
            )
        yield line


def _reason(first: int, last: int, error: str) -> str:
    if "field limit" in error and first == last:
        return (
            f"Line {first} holds a cell that is too long: the file is damaged or not a"
            " table."
        )
    return (
        f"Line {first}: the quotes are broken. A quotation mark that is opened must be"
        " closed, and one within a text is written twice."
    )
