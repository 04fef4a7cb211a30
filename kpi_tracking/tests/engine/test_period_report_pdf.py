import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from odoo.addons.kpi_base.engine import table_pdf

from ...engine import period_report_files
from .report_matrix import WORDS, cell, matrix, row, section

YEAR = [f"2026-{month:02}" for month in range(1, 13)]


@pytest.mark.parametrize(
    ("text", "periods"), [("1,234,567", [12]), ("12,345,678", [6, 6])]
)
def test_numbers_have_room_in_letters_of_nine_points(monkeypatch, text, periods):
    written = []
    monkeypatch.setattr(
        period_report_files,
        "write_pdf",
        lambda document, _fonts: written.append(document),
    )
    orders = row("Orders", *[cell("on_target", {"actual": text}, actual=1)] * 12)
    table = matrix(section(orders, columns=YEAR))
    period_report_files.document(table, WORDS, "", None)
    (document,) = written
    assert [len(each.heads) - 1 for each in document.tables] == periods
    page = table_pdf.landscape(table_pdf.A4)[0] - 2 * 12 * table_pdf.mm
    room = document.tables[0].widths[1] * (page - table_pdf.FRAME_PADDING)
    # Digits of Helvetica are as wide as those of Roboto; 8 and 2 are for a sign.
    assert table_pdf.TEXT == 9
    assert stringWidth(text, "Helvetica-Bold", table_pdf.TEXT) + 8 + 2 <= room
