"""A table of KPIs by period as a PDF: landscape pages, headings on each.

Drawn in Python, so that it needs no program beside Odoo.
"""

import io
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer

PERIODS_PER_PAGE = 12
MARGIN = 12 * mm
NAME_SHARE = 0.27
SIZE, LEADING = 7.5, 9.5
INK, MUTED, RULE = HexColor("#212529"), HexColor("#5F6770"), HexColor("#CED4DA")
COLOURS = {
    "on_target": HexColor("#28744A"),
    "at_risk": HexColor("#8A5A00"),
    "off_target": HexColor("#A32A2A"),
}
REGULAR, BOLD = "KpiSans", "KpiSans-Bold"


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


def document(matrix: dict, words: dict[str, str], subtitle: str, fonts: Fonts) -> bytes:
    """The table as a PDF file.

    :param matrix: as ``kpi.period.report._matrix`` gives it
    :param words: what the columns are called, and the word of each status
    :param subtitle: for whom and as of when
    """
    fonts.register()
    file = io.BytesIO()
    page = landscape(A4)
    book = SimpleDocTemplate(
        file,
        pagesize=page,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=matrix["title"],
    )
    width = page[0] - 2 * MARGIN - 12  # of the frame, which is padded
    story = [_text(matrix["title"], 14, BOLD), _text(subtitle, 8, color=MUTED)]
    for section in matrix["sections"]:
        story += _section(section, matrix["figures"], words, width)
    book.build([*story, Legend(words)], onFirstPage=_number, onLaterPages=_number)
    return file.getvalue()


class Value(Flowable):
    """A number, right-aligned, with the shape and colour of its status before it."""

    def __init__(self, text: str, status: str):
        super().__init__()
        self.text = text
        self.colour = COLOURS.get(status)
        self.status = status

    def wrap(self, width, height):
        self.width, self.height = width, LEADING
        return self.width, self.height

    def draw(self):
        pen = self.canv
        font = BOLD if self.colour else REGULAR
        pen.setFont(font, SIZE)
        pen.setFillColor(INK)
        pen.drawRightString(self.width, 2.2, self.text)
        if self.colour:
            left = self.width - pdfmetrics.stringWidth(self.text, font, SIZE) - 8
            draw_status(pen, self.status, left, 2.4)


class Legend(Flowable):
    """The words of the shapes."""

    def __init__(self, words: dict[str, str]):
        super().__init__()
        self.words = words

    def wrap(self, width, height):
        return width, 18

    def draw(self):
        left = 0
        for status in COLOURS:
            draw_status(self.canv, status, left, 2.4)
            self.canv.setFont(REGULAR, SIZE)
            self.canv.setFillColor(INK)
            self.canv.drawString(left + 9, 2.2, self.words[status])
            left += 24 + pdfmetrics.stringWidth(self.words[status], REGULAR, SIZE)


def draw_status(pen, status: str, left: float, bottom: float, size: float = 5) -> None:
    """A tick, a triangle or a cross in its colour: readable without colours too."""
    pen.saveState()
    pen.setFillColor(COLOURS[status])
    pen.setStrokeColor(white)
    pen.setLineWidth(0.8)
    right, top, middle = left + size, bottom + size, left + size / 2
    path = pen.beginPath()
    if status == "at_risk":
        path.moveTo(left, bottom)
        path.lineTo(right, bottom)
        path.lineTo(middle, top)
        path.close()
        pen.drawPath(path, stroke=0, fill=1)
    else:
        pen.circle(middle, bottom + size / 2, size / 2, stroke=0, fill=1)
        for line in _strokes(status, left, bottom, size):
            pen.lines([line])
    pen.restoreState()


def _strokes(status, left, bottom, size):
    """Lines of the tick or the cross inside of the disc."""

    def at(x, y):
        return left + x * size, bottom + y * size

    if status == "on_target":
        corners = [at(0.24, 0.5), at(0.44, 0.3), at(0.76, 0.7)]
        return [(*corners[0], *corners[1]), (*corners[1], *corners[2])]
    return [(*at(0.3, 0.3), *at(0.7, 0.7)), (*at(0.3, 0.7), *at(0.7, 0.3))]


def _section(section, figures, words, width) -> list:
    """Tables of a section: one for every dozen of periods."""
    parts = []
    places = range(len(section["columns"]))
    for first in places[::PERIODS_PER_PAGE]:
        some = places[first : first + PERIODS_PER_PAGE]
        parts += [Spacer(1, 8), _table(section, figures, words, some, width)]
    return parts


def _table(section, figures, words, places, width) -> LongTable:
    head = [_text(section["title"] or words["kpi"], SIZE, BOLD)]
    head += [_heading(section["columns"][place], words) for place in places]
    lines, rules = [head], [("LINEBELOW", (0, 0), (-1, 0), 0.7, INK)]
    for row in section["rows"]:
        first = len(lines)
        lines += _lines(row, figures, places)
        last = (-1, len(lines) - 1)
        rules.append(("LINEBELOW", (0, last[1]), last, 0.3, RULE))
        rules.append(("NOSPLIT", (0, first), last))
    name = width * NAME_SHARE
    period = min((width - name) / len(places), 26 * mm)
    return LongTable(
        lines,
        colWidths=[name, *[period] * len(places)],
        repeatRows=1,
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


def _heading(column, words) -> list:
    found = [_text(column["label"], SIZE, BOLD, align="right")]
    if column["is_running"]:
        found.append(_text(words["running"], SIZE - 0.5, color=MUTED, align="right"))
    return found


def _lines(row, figures, places) -> list:
    """The value of a KPI and below it what else is known."""
    name = f"{row['name']}  {row['unit']}".rstrip()
    cells = [row["cells"][place] for place in places]
    values = [Value(cell["texts"].get("actual", "–"), cell["status"]) for cell in cells]
    lines = [[[_text(name, SIZE), *_notes(row)], *values]]
    for figure in figures[1:]:
        if figure["key"] in row["figures"]:
            label = _text(figure["label"], SIZE - 0.5, color=MUTED, indent=8)
            texts = [cell["texts"].get(figure["key"], "–") for cell in cells]
            lines.append(
                [label]
                + [_text(t, SIZE - 0.5, color=MUTED, align="right") for t in texts]
            )
    return lines


def _notes(row) -> list:
    return [_text(row["note"], SIZE - 0.5, color=MUTED)] if row["note"] else []


def _text(text, size, font=REGULAR, *, color=INK, align="left", indent=0) -> Paragraph:
    style = ParagraphStyle(
        "kpi",
        fontName=font,
        fontSize=size,
        leading=size + 2,
        textColor=color,
        alignment={"left": 0, "right": 2}[align],
        leftIndent=indent,
    )
    # What people typed is no markup.
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Paragraph(escaped, style)


def _number(pen, book) -> None:
    """The number of the page."""
    pen.saveState()
    pen.setFont(REGULAR, 7)
    pen.setFillColor(MUTED)
    pen.drawRightString(book.pagesize[0] - MARGIN, 6 * mm, str(pen.getPageNumber()))
    pen.restoreState()
