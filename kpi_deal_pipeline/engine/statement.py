"""A statement of commissions as a file: what was earned, and what is paid."""

import io
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

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


class Entry(NamedTuple):
    """A line of a statement.

    :param amount: signed; ``text`` is how the reader writes it
    """

    day: str
    deal: str
    what: str
    amount: Decimal
    text: str


@dataclass(frozen=True)
class Statement:
    """Content of a statement, in the words of its reader.

    :param notes: lines below the title, such as for whom and for which period
    :param heads: of the day, the deal, what happened, and the amount
    :param totals: (label, amount, text), the last one is what is paid
    :param footer: who acknowledged it and when, or that nobody has
    """

    title: str
    notes: tuple[str, ...]
    heads: tuple[str, str, str, str]
    entries: tuple[Entry, ...]
    totals: tuple[tuple[str, Decimal, str], ...]
    footer: str


def pdf(statement: Statement, fonts: Fonts) -> bytes:
    """The statement as a PDF file."""
    entries = Table(
        [
            [tuple(map(Cell, (e.day, e.deal, e.what, e.text)))]
            for e in statement.entries
        ],
        WIDTHS,
        heads=[Cell(head, is_bold=True) for head in statement.heads],
        numbers_from=3,
    )
    *parts, (label, _amount, text) = statement.totals
    lines = [[Cell(name), Cell(said)] for name, _part, said in parts]
    paid = [Cell(label, is_bold=True), Cell(text, is_bold=True)]
    totals = Table([[*lines, paid]], TOTALS, numbers_from=0, is_sum=True)
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
        *((*entry[:3], entry.amount) for entry in statement.entries),
        ("", "", "", None),
        *(("", "", label, total) for label, total, _said in statement.totals),
        (statement.footer, "", "", None),
    ]
    first = len(statement.notes) + 2
    for column, head in enumerate(statement.heads):
        sheet.write_string(first, column, head, formats.bold)
    for line, (*texts, number) in enumerate(rows, first + 1):
        for column, text in enumerate(texts):
            sheet.write_string(line, column, text)
        if number is not None:
            sheet.write_number(line, 3, float(number), formats.number(digits))
    book.close()
    return file.getvalue()
