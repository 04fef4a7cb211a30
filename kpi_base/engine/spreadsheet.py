"""Spreadsheets: text stays text, whatever a program takes it for.

Nothing that somebody typed becomes a formula or a link; numbers are numbers.
"""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

_FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20")  # = + - @ of East Asian texts
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", *_FULL_WIDTH)
GUARDED = "' \u00a0\u3000"  # what may stand before a formula
# xlsxwriter turns texts into formulas, links and numbers unless told not to.
_SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def neutral_text(cell: Any) -> Any:
    """``cell``, with an apostrophe before a text that a spreadsheet would compute.

    Such a text can send a row's figures elsewhere, or start a program. Numbers stay
    numbers, also negative ones. For CSV, and for XLSX that is copied elsewhere;
    ``original_text`` takes it off again.
    """
    if isinstance(cell, str) and _is_computed(cell):
        return f"'{cell}"
    return cell


def original_text(text: str) -> str:
    """The text that ``neutral_text`` was given, where ``text`` is what it returned."""
    if text.startswith("'") and _is_computed(text[1:]):
        return text[1:]
    return text


def _is_computed(text: str) -> bool:
    # A text that had an apostrophe before gets one more, so that it comes back too.
    return text.lstrip(GUARDED).startswith(FORMULA_STARTS)


def new_workbook(file: BytesIO, **options: Any) -> xlsxwriter.Workbook:
    """An XLSX file in which what is written as text stays text.

    :param options: further ones of xlsxwriter
    """
    return xlsxwriter.Workbook(file, {**_SAFE, **options})


def sheet_name(title: str) -> str:
    """A name that a sheet may have: at most 31 characters, none of those forbidden."""
    name = title.translate(_FORBIDDEN).strip()[:31] or "KPI"
    return f"{name}_" if name.casefold() == "history" else name  # Excel's own


class Formats:
    """Formats of cells, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._known = {}
        self.bold = book.add_format({"bold": True})
        self.right = book.add_format({"align": "right"})
        self.head = book.add_format({"bold": True, "bottom": 1, "align": "right"})
        self.head_left = book.add_format({"bold": True, "bottom": 1})

    def write_number(
        self,
        sheet: xlsxwriter.worksheet.Worksheet,
        line: int,
        column: int,
        number: float,
        digits: int,
        *,
        colour: str | None = None,
        before: str = "",
        after: str = "",
    ) -> None:
        """Write a number as it is read.

        A percentage is written as the fraction that spreadsheets calculate with: 82.5
        as 0.825 in a format with a percent sign, so that each program, and an import,
        reads 82.5%.

        :param number: percentages as people read them: 82.5
        :param digits: number of decimals that are shown
        :param before, after: text around the number, such as its unit
        """
        if "%" in (before.strip(), after.strip()):
            number /= 100
        style = self._number(digits, colour, before, after)
        sheet.write_number(line, column, number, style)

    def _number(
        self, digits: int, colour: str | None, before: str, after: str
    ) -> xlsxwriter.format.Format:
        key = (digits, colour, before, after)
        if key not in self._known:
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            options = {"num_format": _literal(before) + pattern + _literal(after)}
            if colour:
                options |= {"font_color": colour, "bold": True}
            self._known[key] = self._book.add_format(options)
        return self._known[key]


def _literal(text: str) -> str:
    """A text as patterns of numbers hold it; they know no quotation mark.

    A percent sign alone is that of the pattern, which multiplies by 100.
    """
    bare = text.replace('"', "")
    if bare.strip() == "%":
        return "%".join(f'"{part}"' if part else "" for part in bare.split("%"))
    return f'"{bare}"' if bare else ""


def write_csv(rows: Iterable[Sequence[Any]], *, delimiter: str = ",") -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to see that it is."""
    stream = StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    for cells in rows:
        writer.writerow([neutral_text(cell) for cell in cells])
    return stream.getvalue().encode("utf-8-sig", errors="replace")


def write_xlsx(rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet; texts are written as texts and computed by nothing."""
    stream = BytesIO()
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with new_workbook(stream, **options) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, [neutral_text(cell) for cell in cells])
    return stream.getvalue()
