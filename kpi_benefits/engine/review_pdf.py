"""A review as a PDF file: its texts, then its figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from odoo.addons.kpi_base.engine.table_pdf import (
    Cell,
    Document,
    Fonts,
    Table,
    write_pdf,
)

LONGEST_PART = 1200  # characters of a line of a table, which stays on one page
FIGURES = (0.52, 0.24, 0.24)


@dataclass(frozen=True)
class Section:
    """A part of a review.

    :ivar paragraphs: (text, note below it)
    """

    title: str
    paragraphs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Figures:
    """Figures that belong together.

    :ivar heads: of the figure, its value then and its value now
    :ivar rows: the same three of each
    """

    title: str
    heads: tuple[str, str, str]
    rows: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Review:
    """Content of the file, in the words of its reader."""

    title: str
    notes: Sequence[str]
    sections: Sequence[Section]
    figures: Sequence[Figures]
    footer: str


def write_review(review: Review, fonts: Fonts) -> bytes:
    """The review as a PDF file."""
    tables = []
    for section in review.sections:
        lines = [
            [(Cell(part, note=note if is_last else ""),)]
            for text, note in section.paragraphs
            for part, is_last in split_text(text)
        ]
        head = Cell(section.title, is_bold=True)
        tables.append(Table(lines, (1.0,), heads=(head,)))
    for figures in review.figures:
        heads = [
            Cell(text, is_bold=True) for text in (figures.title, *figures.heads[1:])
        ]
        rows = [[tuple(map(Cell, row))] for row in figures.rows]
        tables.append(Table(rows, FIGURES, heads=heads))
    document = Document(review.title, review.notes, tables, review.footer)
    return write_pdf(document, fonts)


def split_text(text: str) -> Iterator[tuple[str, bool]]:
    """Split a text into parts that fit on a page, and whether each is the last."""
    parts = [
        part
        for line in text.splitlines()
        for part in wrap(line.strip(), LONGEST_PART, break_on_hyphens=False, tabsize=1)
    ]
    for place, part in enumerate(parts, start=1):
        yield part, place == len(parts)
