"""Read back with what reads PDF: no text is lost, heads stand on each page."""

import io
from pathlib import Path

import pytest

from ...engine import table_pdf
from ...engine.table_pdf import Cell, Document, Fonts, Table, write_pdf

reportlab = pytest.importorskip("reportlab")
try:
    from pypdf import PdfReader
except ImportError:
    from PyPDF2 import PdfReader

FONTS = Path(reportlab.__file__).parent / "fonts"
VERA = Fonts(FONTS / "Vera.ttf", FONTS / "VeraBd.ttf")


def pages(document):
    reader = PdfReader(io.BytesIO(write_pdf(document, VERA)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def orders(count, **values):
    groups = [[(Cell(f"Order {number}"), Cell("12.50"))] for number in range(count)]
    heads = (Cell("Order", is_bold=True), Cell("Amount", note="so far"))
    return Table(groups, (0.7, 0.3), heads=heads, **values)


def test_a_document_holds_all_that_is_said():
    total = Table([[(Cell("To Pay"), Cell("25.00"))]], (0.8, 0.2), is_sum=True)
    (text,) = pages(
        Document(
            "Orders <b>&",
            ("May",),
            (orders(2), total),
            footer="Not acknowledged yet.",
            legend=[("success", "On track")],
        )
    )
    for part in (
        "Orders <b>& May",  # what people typed is no markup
        "Order Amount so far Order 0 12.50 Order 1 12.50",
        "To Pay 25.00",
        "Not acknowledged yet.",
        "On track",
    ):
        assert part in text


def test_heads_and_numbers_stand_on_each_page():
    found = pages(Document("Orders", (), (orders(200),)))
    assert len(found) > 1
    for number, text in enumerate(found, 1):
        assert "Order Amount" in text
        assert str(number) in text.split()
    assert sum(text.count("12.50") for text in found) == 200


def test_lines_of_a_group_stay_on_a_page():
    lines = [(Cell(name, is_faint=at > 0), Cell("1")) for at, name in enumerate("ABC")]
    groups = [
        [(Cell(f"{cells[0].text}{number}"), cells[1]) for cells in lines]
        for number in range(60)
    ]
    for text in pages(Document("Groups", (), (Table(groups, (0.7, 0.3)),))):
        firsts, lasts = (
            {
                word[1:]
                for word in text.split()
                if word[0] == letter and word[1:].isdigit()
            }
            for letter in "AC"
        )
        assert firsts == lasts != set()


def test_tones_have_a_sign_of_their_own():
    """Signs differ without colours: a tick, a triangle, a cross."""
    assert len({drawn(tone) for tone in table_pdf.TONES}) == len(table_pdf.TONES)


def drawn(tone):
    """All that is drawn for a tone, as texts, but its colour."""
    calls = []

    class Pen:
        def __getattr__(self, name):
            def note(*arguments, **_options):
                calls.append(f"{name} {arguments if name == 'lines' else ''}")
                return self

            return note

    table_pdf.draw_tone(Pen(), tone, 0, 0)
    return tuple(calls)
