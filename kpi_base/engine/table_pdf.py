"""Tables as a PDF: a title, notes, tables with their heads on each page, a footer.

Drawn in Python, so that it needs no program beside Odoo::

    heads = (Cell("Order", is_bold=True), Cell("Amount", is_bold=True))
    rows = [(Cell("S-1"), Cell("12.50", tone="success"))]
    table = Table([[row] for row in rows], (0.7, 0.3), heads=heads, numbers_from=1)
    content = write_pdf(Document("Orders", ("May",), (table,)), fonts)
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer

from . import palette

INK, FAINT, LINE = map(HexColor, (palette.INK, palette.FAINT, palette.LINE))
REGULAR, BOLD = "KpiSans", "KpiSans-Bold"
FRAME_PADDING = 12  # of both sides together
TITLE, TEXT = 15, 9  # points: 20 and 12 pixels of the sizes of screens
SIGN = 5  # points
# of the tick and the cross inside of their discs, the mark inside of its triangle
STROKES = {
    "success": [(1.2, 2.5, 2.2, 1.5), (2.2, 1.5, 3.8, 3.5)],
    "warning": [(2.5, 3.3, 2.5, 1.7), (2.5, 1.1, 2.5, 0.5)],
    "danger": [(1.5, 1.5, 3.5, 3.5), (1.5, 3.5, 3.5, 1.5)],
}
TONES = {tone: HexColor(palette.TEXTS[tone]) for tone in STROKES}
Align = Literal["left", "right"]


@dataclass(frozen=True)
class Fonts:
    """Files of a TrueType font."""

    regular: Path
    bold: Path

    def register(self) -> None:
        for name, file in ((REGULAR, self.regular), (BOLD, self.bold)):
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(name, str(file)))
        pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD)


@dataclass(frozen=True)
class Cell:
    """Content of a cell of a table.

    :param note: a smaller line below
    :param tone: ``success``, ``warning`` or ``danger``: its sign stands before a number
    :param is_faint: whether it only explains what stands above
    """

    text: str = ""
    note: str = ""
    tone: str = ""
    is_bold: bool = False
    is_faint: bool = False


Line = Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """Lines of cells.

    :param groups: lines that stay on one page and are followed by a rule
    :param widths: of the columns, each as a share of the page
    :param heads: repeated on each page; none where empty
    :param numbers_from: the first column of numbers, which stand at the right
    :param is_sum: no rules but a strong one above the last line
    """

    groups: Sequence[Sequence[Line]]
    widths: Sequence[float]
    heads: Line = ()
    numbers_from: int = 1
    is_sum: bool = False


@dataclass(frozen=True)
class Document:
    """Content of the file, in the words of its reader.

    :param notes: lines below the title
    :param legend: tone → its word, below the tables
    :param margin: of the page, in millimetres
    """

    title: str
    notes: Sequence[str]
    tables: Sequence[Table]
    footer: str = ""
    legend: Sequence[tuple[str, str]] = ()
    is_landscape: bool = False
    margin: float = 16


def write_pdf(document: Document, fonts: Fonts) -> bytes:
    """The document as a PDF file."""
    fonts.register()
    file = io.BytesIO()
    page = landscape(A4) if document.is_landscape else A4
    margin = document.margin * mm
    margins = {f"{side}Margin": margin for side in ("left", "right", "top", "bottom")}
    book = SimpleDocTemplate(file, pagesize=page, title=document.title, **margins)
    writer = _Writer(page[0] - 2 * margin - FRAME_PADDING)
    book.build(
        writer.story(document), onFirstPage=_write_number, onLaterPages=_write_number
    )
    return file.getvalue()


def draw_tone(pen: Canvas, tone: str, left: float, bottom: float) -> None:
    """A tick, a triangle or a cross in its colour: readable without colours too."""
    pen.saveState()
    pen.setFillColor(TONES[tone])
    pen.setStrokeColor(white)
    pen.setLineWidth(0.8)
    pen.translate(left, bottom)
    if tone == "warning":
        path = pen.beginPath()
        path.moveTo(0, 0)
        path.lineTo(SIGN, 0)
        path.lineTo(SIGN / 2, SIGN)
        path.close()
        pen.drawPath(path, stroke=0, fill=1)
    else:
        pen.circle(SIGN / 2, SIGN / 2, SIGN / 2, stroke=0, fill=1)
    pen.lines(STROKES[tone])
    pen.restoreState()


class Value(Flowable):
    """A number, right-aligned, with the sign of its tone before it.

    Tables hold thousands: a paragraph for each would take seconds.
    """

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, TEXT + 2
        return self.width, self.height

    def draw(self) -> None:
        pen, cell = self.canv, self.cell
        font = BOLD if cell.is_bold or cell.tone else REGULAR
        pen.setFont(font, TEXT)
        pen.setFillColor(FAINT if cell.is_faint else INK)
        pen.drawRightString(self.width, 2.2, cell.text)
        if cell.tone:
            left = self.width - pdfmetrics.stringWidth(cell.text, font, TEXT) - 8
            draw_tone(pen, cell.tone, left, 2.4)


class Legend(Flowable):
    """The words of the signs."""

    def __init__(self, words: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.words = words

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return width, 18

    def draw(self) -> None:
        left = 0
        for tone, word in self.words:
            draw_tone(self.canv, tone, left, 2.4)
            self.canv.setFont(REGULAR, TEXT)
            self.canv.setFillColor(INK)
            self.canv.drawString(left + 9, 2.2, word)
            left += 24 + pdfmetrics.stringWidth(word, REGULAR, TEXT)


@dataclass(frozen=True)
class _Writer:
    """Flowables of a document.

    :param width: of the page between its margins, in points
    """

    width: float

    def story(self, document: Document) -> list[Flowable]:
        parts = [self.text(document.title, TITLE, is_bold=True)]
        parts += [self.text(note, is_faint=True) for note in document.notes]
        for table in document.tables:
            parts += [Spacer(1, 9), self.table(table)]
        if document.footer:
            parts += [Spacer(1, 14), self.text(document.footer, is_faint=True)]
        if document.legend:
            parts.append(Legend(document.legend))
        return parts

    def table(self, table: Table) -> LongTable:
        lines, rules = [], []
        if table.heads:
            first = table.numbers_from
            heads = [self.paragraphs(head) for head in table.heads[:first]]
            heads += [self.paragraphs(head, "right") for head in table.heads[first:]]
            lines.append(heads)
            rules.append(("LINEBELOW", (0, 0), (-1, 0), 0.7, INK))
        for group in table.groups:
            first = len(lines)
            lines += [self.line(line, table.numbers_from) for line in group]
            last = (-1, len(lines) - 1)
            rules.append(("NOSPLIT", (0, first), last))
            if not table.is_sum:
                rules.append(("LINEBELOW", (0, last[1]), last, 0.3, LINE))
        if table.is_sum:
            rules.append(("LINEABOVE", (0, -1), (-1, -1), 0.7, INK))
        return LongTable(
            lines,
            colWidths=[self.width * share for share in table.widths],
            repeatRows=1 if table.heads else 0,
            hAlign="LEFT",
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                *rules,
            ],
        )

    def line(self, cells: Line, numbers_from: int) -> list:
        return [
            self.paragraphs(cell) if place < numbers_from else Value(cell)
            for place, cell in enumerate(cells)
        ]

    def paragraphs(self, cell: Cell, align: Align = "left") -> list[Paragraph]:
        look = {"is_faint": cell.is_faint, "align": align}
        indent = 8 if cell.is_faint else 0
        found = [self.text(cell.text, is_bold=cell.is_bold, indent=indent, **look)]
        if cell.note:
            look["is_faint"] = True
            found.append(self.text(cell.note, **look))
        return found

    def text(
        self,
        text: str,
        size: float = TEXT,
        *,
        is_bold: bool = False,
        is_faint: bool = False,
        align: Align = "left",
        indent: float = 0,
    ) -> Paragraph:
        style = ParagraphStyle(
            "kpi",
            fontName=BOLD if is_bold else REGULAR,
            fontSize=size,
            leading=size + 2,
            textColor=FAINT if is_faint else INK,
            alignment={"left": 0, "right": 2}[align],
            leftIndent=indent,
        )
        # What people typed is no markup.
        return Paragraph(escape(text, quote=False), style)


def _write_number(pen: Canvas, book: SimpleDocTemplate) -> None:
    """The number of the page."""
    pen.saveState()
    pen.setFont(REGULAR, TEXT)
    pen.setFillColor(FAINT)
    right = book.pagesize[0] - book.rightMargin
    pen.drawRightString(right, 6 * mm, str(pen.getPageNumber()))
    pen.restoreState()
