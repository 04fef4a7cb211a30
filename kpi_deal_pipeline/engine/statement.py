"""A statement of commissions as a file: what was earned, and what is paid."""

import io
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import xlsxwriter
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, Table

MARGIN = 16 * mm
SIZE = 8.5
INK, MUTED, RULE = HexColor("#212529"), HexColor("#5F6770"), HexColor("#CED4DA")
WIDTHS = (0.13, 0.35, 0.34, 0.18)  # of the page
# xlsxwriter turns texts into formulas, links and numbers unless told not to.
SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


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
    """What a statement says, in the words of its reader.

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


def pdf(statement: Statement, regular: str, bold: str) -> bytes:
    """The statement as a PDF file.

    :param regular, bold: names of fonts that reportlab knows
    """
    file = io.BytesIO()
    book = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=statement.title,
    )
    width = A4[0] - 2 * MARGIN - 12  # of the frame, which is padded
    story = [_text(statement.title, 15, bold)]
    story += [_text(note, 9, regular, MUTED) for note in statement.notes]
    story += [Spacer(1, 12), _entries(statement, regular, bold, width)]
    story += [Spacer(1, 10), _totals(statement, regular, bold, width)]
    story += [Spacer(1, 14), _text(statement.footer, SIZE, regular, MUTED)]
    book.build(story)
    return file.getvalue()


def xlsx(statement: Statement, digits: int) -> bytes:
    """The statement as a spreadsheet: amounts as numbers, all else as texts.

    :param digits: decimals of the currency
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, SAFE)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    amount = book.add_format({"num_format": pattern})
    for column, size in enumerate((12, 36, 36, 16)):
        sheet.set_column(column, column, size)
    sheet.write_string(0, 0, statement.title, bold)
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
        sheet.write_string(first, column, head, bold)
    for line, (*texts, number) in enumerate(rows, first + 1):
        for column, text in enumerate(texts):
            sheet.write_string(line, column, text)
        if number is not None:
            sheet.write_number(line, 3, float(number), amount)
    book.close()
    return file.getvalue()


def _entries(statement, regular, bold, width):
    rows = [
        [_text(head, SIZE, bold, is_right=at == 3)]
        for at, head in enumerate(statement.heads)
    ]
    lines = [[row[0] for row in rows]]
    for entry in statement.entries:
        texts = (entry.day, entry.deal, entry.what, entry.text)
        lines.append(
            [
                _text(text, SIZE, regular, is_right=at == 3)
                for at, text in enumerate(texts)
            ]
        )
    return LongTable(
        lines,
        colWidths=[width * share for share in WIDTHS],
        repeatRows=1,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.7, INK),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ],
    )


def _totals(statement, regular, bold, width):
    last = len(statement.totals) - 1
    lines = [
        [
            _text(text, SIZE, bold if at == last else regular, is_right=True)
            for text in (label, said)
        ]
        for at, (label, _amount, said) in enumerate(statement.totals)
    ]
    return Table(
        lines,
        colWidths=[width * 0.82, width * 0.18],
        style=[("LINEABOVE", (0, last), (-1, last), 0.7, INK)],
    )


def _text(text, size, font, colour=INK, *, is_right=False):
    style = ParagraphStyle(
        "kpi",
        fontName=font,
        fontSize=size,
        leading=size * 1.35,
        textColor=colour,
        alignment=2 if is_right else 0,
    )
    # What people typed is no markup.
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Paragraph(escaped, style)
