"""What the page of a link says, compared with the answer by hand."""

import json
import re
from xml.etree import ElementTree

import pytest

from odoo.addons.kpi_tracking.engine.status_chip import STATUS_LOOKS

from ...engine.output.layout import PADDING
from ...engine.output.reading import show_tile, show_tiles
from ...engine.output.web import web_tile
from . import dashboard_answer as given

READER = given.reader()
NARROW_SPACE = "\u202f"


def on_page(tile, **values):
    return web_tile(show_tile({**tile, **values}, READER))


GAUGE = given.tile("gauge", "Revenue", kpi=given.kpi(), gauge=given.GAUGE)


def test_every_kind_is_written():
    for tile in map(web_tile, show_tiles(given.answer(), READER)):
        shown = tile.shown
        assert (
            tile.svg
            or shown.headline
            or shown.shows_table
            or shown.html
            or (shown.message)
        ), shown
        for svg in filter(None, (tile.svg, tile.small_svg)):
            ElementTree.fromstring(svg)


def test_a_gauge_has_a_picture_and_the_properties_of_the_component():
    tile = on_page(GAUGE)
    assert tile.svg.startswith("<svg")
    gauge = tile.gauge
    assert (gauge["type"], gauge["low"], gauge["high"]) == ("circular", 0, 120000)
    assert (gauge["value"], gauge["number"], gauge["unit"]) == (
        82431.2,
        "82.4",
        f"{NARROW_SPACE}k€",
    )
    assert gauge["spoken"] == f"82.4{NARROW_SPACE}k€, At risk"
    assert gauge["status"] == {
        "path": STATUS_LOOKS["at_risk"].path,
        "tone": "warning",
        "word": "At risk",
    }
    assert ["Value", f"82,431{NARROW_SPACE}€"] in gauge["details"]
    json.dumps(gauge, allow_nan=False)


def test_colors_are_those_of_the_page():
    svg = on_page(GAUGE).svg
    assert "var(--kpi-warning)" in svg
    assert "var(--kpi-warning-text)" in svg
    assert "var(--kpi-warning-ground)" in svg
    assert not re.findall("#[0-9a-f]{6}", svg)


@pytest.mark.parametrize(("span", "half"), [(1, 3), (4, 3), (5, 6), (12, 6)])
def test_tablets_show_one_or_two_beside_each_other(span, half):
    assert on_page(GAUGE, span=span).half_span == half


def test_a_wide_chart_has_a_picture_for_phones():
    line = next(tile for tile in given.answer()["tiles"] if tile["kind"] == "line")
    assert on_page(line, span=8).small_svg
    small = on_page(line, span=4)
    assert not small.small_svg
    # letters of 12 pixels have 12 on a page of 1,216
    assert on_page(line, span=12).width == 1216 - 2 * PADDING
    # drawn so small that nothing on it gets smaller, on whatever screen
    assert 'viewBox="0 0 296 180"' in small.svg


@pytest.mark.parametrize(
    ("kind", "height"), [("line", 180), ("radar", 190), ("waterfall", 180)]
)
def test_what_fills_a_box_is_drawn_for_that_of_a_phone(kind, height):
    tile = next(tile for tile in given.answer()["tiles"] if tile["kind"] == kind)
    box = f'viewBox="0 0 296 {height}"'
    assert box in on_page(tile, span=4).svg
    wide = on_page(tile, span=8)
    assert box in wide.small_svg
    assert box not in wide.svg


def test_numbers_of_a_picture_stand_in_a_table_too():
    line = next(tile for tile in given.answer()["tiles"] if tile["kind"] == "line")
    tile = on_page(line)
    assert len(tile.table.rows) == len(given.MONTHS)
    table = next(tile for tile in given.answer()["tiles"] if tile["kind"] == "table")
    assert on_page(table).table is None  # it is the tile


def test_names_are_text_everywhere():
    tile = on_page(GAUGE, title=given.HOSTILE)
    assert "<script" not in tile.svg
    assert tile.gauge["label"] == given.HOSTILE  # the component writes it as text


def test_what_is_not_available_says_nothing_else():
    tile = on_page(GAUGE, state="unavailable", title="Secret")
    assert (tile.svg, tile.gauge, tile.table, tile.shown.headline) == (
        "",
        None,
        None,
        None,
    )
    assert "Secret" not in repr(tile)
