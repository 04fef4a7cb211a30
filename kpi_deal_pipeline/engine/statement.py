"""A statement of commissions as a file: what was earned, and what is paid."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.kpi_base.engine.spreadsheet import Formats, new_workbook
from odoo.addons.kpi_base.engine.table_pdf import (
    Cell,
    Document,
    Fonts,
    Table,
    write_pdf,
)

WIDTHS = (0.13, 0.35, 0.34, 0.18)  # of the page
TOTALS = (0.82, 0.18)


@dataclass(frozen=True)
class Statement:
    """Content of a statement, in the words of its reader.

    :param notes: lines below the title, such as for whom and for which period
    :param heads: of the day, the deal, what happened, and the amount
    :param entries: (day, deal, what happened, signed amount)
    :param totals: (label, amount), the last one is what is paid
    :param footer: who acknowledged it and when, or that nobody has
    :param write: amount → how the reader writes it
    """

    title: str
    notes: tuple[str, ...]
    heads: tuple[str, str, str, str]
    entries: tuple[tuple[str, str, str, Decimal], ...]
    totals: tuple[tuple[str, Decimal], ...]
    footer: str
    write: Callable[[Decimal], str]


def pdf(statement: Statement, fonts: Fonts) -> bytes:
    """The statement as a PDF file."""
    write = statement.write
    entries = Table(
        [
            [tuple(map(Cell, (*texts, write(amount))))]
            for *texts, amount in statement.entries
        ],
        WIDTHS,
        heads=[Cell(head, is_bold=True) for head in statement.heads],
        numbers_from=3,
    )
    lines = [
        [Cell(text, is_bold=place == len(statement.totals)) for text in texts]
        for place, texts in enumerate(
            ((label, write(amount)) for label, amount in statement.totals), 1
        )
    ]
    totals = Table([lines], TOTALS, numbers_from=0, is_sum=True)
    return write_pdf(
        Document(statement.title, statement.notes, (entries, totals), statement.footer),
        fonts,
    )


def xlsx(statement: Statement, digits: int) -> bytes:
    """The statement as a spreadsheet: amounts as numbers, all else as texts.

    :param digits: decimals of the currency
    """
    file = io.BytesIO()
    book = new_workbook(file)
    sheet = book.add_worksheet()
    formats = Formats(book)
    for column, size in enumerate((12, 36, 36, 16)):
        sheet.set_column(column, column, size)
    sheet.write_string(0, 0, statement.title, formats.bold)
    for line, note in enumerate(statement.notes, 1):
        sheet.write_string(line, 0, note)
    rows = [
        *statement.entries,
        ("", "", "", None),
        *(("", "", label, total) for label, total in statement.totals),
        (statement.footer, "", "", None),
    ]
    first = len(statement.notes) + 2
    for column, head in enumerate(statement.heads):
        sheet.write_string(first, column, head, formats.bold)
    for line, (*texts, number) in enumerate(rows, first + 1):
        for column, text in enumerate(texts):
            sheet.write_string(line, column, text)
        if number is not None:
            formats.write_number(sheet, line, 3, float(number), digits)
    book.close()
    return file.getvalue()
