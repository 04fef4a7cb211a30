"""A table of KPIs by period as a spreadsheet: numbers as numbers, texts as texts."""

import io

from odoo.addons.kpi_base.engine.palette import TEXTS
from odoo.addons.kpi_base.engine.spreadsheet import Formats, new_workbook, sheet_name

from .period_report import row_note
from .status import STATUS_TONES

NAME_WIDTH, FIGURE_WIDTH, PERIOD_WIDTH = 44, 22, 13


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
    digits, after = (1, " %") if figure["is_percent"] else (row["digits"], "")
    for column, cell in enumerate(row["cells"], 3):
        number = cell["numbers"].get(figure["key"])
        colour = _colour(cell) if figure["key"] == "actual" else None
        if number is not None:
            style = formats.number(digits, colour, after=after)
            sheet.write_number(line, column, number, style)
        elif figure["key"] in cell["texts"]:
            sheet.write_string(
                line, column, cell["texts"][figure["key"]], formats.right
            )


def _colour(cell: dict) -> str | None:
    return TEXTS.get(STATUS_TONES.get(cell["status"], ""))
