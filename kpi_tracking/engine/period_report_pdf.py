"""A table of KPIs by period as a PDF: landscape pages, a dozen periods on each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
NAME_SHARE = 0.27
WIDEST_PERIOD = 0.1
MISSING = "–"


def document(
    matrix: Mapping[str, Any], words: Mapping[str, str], subtitle: str, fonts: Fonts
) -> bytes:
    """The table as a PDF file.

    :param matrix: as ``kpi.period.report._matrix`` gives it
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
            (subtitle,),
            tables,
            legend=legend,
            is_landscape=True,
            size=7.5,
            margin=12,
        ),
        fonts,
    )


def _tables(section, figures, words) -> Iterator[Table]:
    """A table for every dozen of periods."""
    indexes = range(len(section["columns"]))
    for first in indexes[::PERIODS_PER_PAGE]:
        some = indexes[first : first + PERIODS_PER_PAGE]
        period = min((1 - NAME_SHARE) / len(some), WIDEST_PERIOD)
        yield Table(
            [_lines(row, figures, some) for row in section["rows"]],
            (NAME_SHARE, *[period] * len(some)),
            heads=(
                Cell(section["title"] or words["kpi"], is_bold=True),
                *(_head(section["columns"][index], words) for index in some),
            ),
        )


def _head(column, words) -> Cell:
    running = words["running"] if column["is_running"] else ""
    return Cell(column["label"], note=running, is_bold=True)


def _lines(row, figures, indexes: Sequence[int]) -> list[Line]:
    """The value of a KPI and below it what else is known."""
    cells = [row["cells"][index] for index in indexes]
    name = f"{row['name']}  {row['unit']}".rstrip()
    lines = [(Cell(name, note=row_note(row)), *map(_value, cells))]
    for figure in figures[1:]:
        if figure["key"] in row["figures"]:
            texts = (cell["texts"].get(figure["key"], MISSING) for cell in cells)
            numbers = (Cell(text, is_faint=True) for text in texts)
            lines.append((Cell(figure["label"], is_faint=True), *numbers))
    return lines


def _value(cell) -> Cell:
    tone = STATUS_TONES.get(cell["status"], "")
    return Cell(cell["texts"].get("actual", MISSING), tone=tone)
