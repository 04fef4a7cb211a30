"""A table of KPIs by period as a file.

A PDF has landscape pages, a dozen periods on each, or half of them where numbers are
long; a spreadsheet numbers as numbers.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from odoo.addons.kpi_base.engine.palette import TEXTS
from odoo.addons.kpi_base.engine.spreadsheet import Formats, new_workbook, sheet_name
from odoo.addons.kpi_base.engine.table_pdf import (
    Cell,
    Document,
    Fonts,
    Line,
    Table,
    write_pdf,
)

from .period_report import row_note
from .status import STATUS_TONES

PERIODS_PER_PAGE = 12
MAX_LETTERS = 9  # of numbers of which a dozen fit: “1,234,567”
NAME_SHARE = 0.18
WIDEST_PERIOD = 0.1
MISSING = "–"
NAME_WIDTH, FIGURE_WIDTH, PERIOD_WIDTH = 44, 22, 13


def document(
    matrix: Mapping[str, Any], words: Mapping[str, str], subtitle: str, fonts: Fonts
) -> bytes:
    """The table as a PDF file.

    :param matrix: as ``kpi.period.report._matrix`` gives it; sentences of ``narrative``
        stand above it
    :param words: what the columns are called, and the word of each status
    :param subtitle: for whom and as of when
    """
    tables = [
        table
        for section in matrix["sections"]
        for table in _tables(section, matrix["figures"], words)
    ]
    legend = [(tone, words[status]) for status, tone in STATUS_TONES.items()]
    return write_pdf(
        Document(
            matrix["title"],
            (subtitle, *matrix.get("narrative", ())),
            tables,
            legend=legend,
            is_landscape=True,
            margin=12,
        ),
        fonts,
    )


def _tables(section, figures, words) -> Iterator[Table]:
    """A table for as many periods as a page has room for, one after the other."""
    indexes = range(len(section["columns"]))
    letters = (
        len(text)
        for row in section["rows"]
        for cell in row["cells"]
        for text in cell["texts"].values()
    )
    is_long = max(letters, default=0) > MAX_LETTERS
    count = PERIODS_PER_PAGE // 2 if is_long else PERIODS_PER_PAGE
    for first in indexes[::count]:
        some = indexes[first : first + count]
        period = min((1 - NAME_SHARE) / len(some), WIDEST_PERIOD)
        yield Table(
            [_lines(row, figures, some) for row in section["rows"]],
            (NAME_SHARE, *[period] * len(some)),
            heads=(
                Cell(section["title"] or words["kpi"], is_bold=True),
                *(
                    Cell(
                        column["label"],
                        note=words["running"] if column["is_running"] else "",
                        is_bold=True,
                    )
                    for column in map(section["columns"].__getitem__, some)
                ),
            ),
        )


def _lines(row, figures, indexes: Sequence[int]) -> list[Line]:
    """The value of a KPI and below it what else is known."""
    cells = [row["cells"][index] for index in indexes]
    name = f"{row['name']}  {row['unit']}".rstrip()
    values = (
        Cell(
            cell["texts"].get("actual", MISSING),
            tone=STATUS_TONES.get(cell["status"], ""),
        )
        for cell in cells
    )
    lines = [(Cell(name, note=row_note(row)), *values)]
    for figure in figures[1:]:
        if figure["key"] in row["figures"]:
            texts = (cell["texts"].get(figure["key"], MISSING) for cell in cells)
            numbers = (Cell(text, is_faint=True) for text in texts)
            lines.append((Cell(figure["label"], is_faint=True), *numbers))
    return lines


def workbook(matrix: dict, words: dict[str, str]) -> bytes:
    """The table as an XLSX file.

    :param matrix: as ``kpi.period.report._matrix`` gives it
    :param words: ``kpi``, ``unit``, ``figure`` and ``running`` in the reader's language
    """
    file = io.BytesIO()
    book = new_workbook(file)
    sheet = book.add_worksheet(sheet_name(matrix["title"]))
    formats = Formats(book)
    sheet.set_column(0, 0, NAME_WIDTH)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, FIGURE_WIDTH)
    sheet.set_column(3, 300, PERIOD_WIDTH)
    sheet.write_string(0, 0, matrix["title"], formats.bold)
    line = 2
    for section in matrix["sections"]:
        line = _write_section(sheet, line, section, matrix["figures"], words, formats)
    sheet.freeze_panes(3 if len(matrix["sections"]) == 1 else 1, 3)
    book.close()
    return file.getvalue()


def _write_section(sheet, line, section, figures, words, formats) -> int:
    """Write a section from ``line`` on; the line after it and a gap."""
    heads = [section["title"] or words["kpi"], words["unit"], words["figure"]]
    for column, head in enumerate(heads):
        sheet.write_string(line, column, head, formats.head_left)
    for index, column in enumerate(section["columns"]):
        running = f" ({words['running']})" if column["is_running"] else ""
        sheet.write_string(line, 3 + index, column["label"] + running, formats.head)
    line += 1
    for row in section["rows"]:
        if note := row_note(row):
            sheet.write_comment(line, 0, note)
        for figure in figures:
            if figure["key"] in row["figures"]:
                _write_line(sheet, line, row, figure, formats)
                line += 1
    return line + 1


def _write_line(sheet, line: int, row: dict, figure: dict, formats: Formats) -> None:
    for column, text in enumerate((row["name"], row["unit"], figure["label"])):
        sheet.write_string(line, column, text)
    # The unit of the KPI stands in a column of its own, but a percentage is a fraction.
    own_signs = ("", "%") if row["unit"] == "%" else ("", "")
    before, after = figure["signs"] if figure["is_percent"] else own_signs
    digits = 1 if figure["is_percent"] else row["digits"]
    for column, cell in enumerate(row["cells"], 3):
        number = cell["numbers"].get(figure["key"])
        if number is not None:
            tone = figure["key"] == "actual" and STATUS_TONES.get(cell["status"])
            colour = TEXTS.get(tone or "")
            formats.write_number(
                sheet,
                line,
                column,
                number,
                digits,
                colour=colour,
                before=before,
                after=after,
            )
        elif figure["key"] in cell["texts"]:
            sheet.write_string(
                line, column, cell["texts"][figure["key"]], formats.right
            )
