"""What the page of a link says, compared with the answer by hand."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from odoo.addons.kpi_tracking.engine.status_chip import STATUS_LOOKS

from ...engine.output.layout import COLUMNS, PADDING, Page
from ...engine.output.reading import show_tile, show_tiles
from ...engine.output.shown import ROOMS, Cell, Table
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


def test_a_trend_ends_in_an_open_dot_while_its_period_runs():
    course = given.kpi()["sparkline"]
    for is_running in (False, True):
        sparkline = {**course, "running": is_running}
        kpi = given.kpi(is_running=is_running, sparkline=sparkline)
        svg = on_page(given.card("trend", kpi=kpi)).svg
        (dot,) = re.findall(r"<circle [^>]*r=\"3\"[^>]*>", svg)
        assert ('fill="var(--kpi-paper)"' in dot) == is_running
        assert ('stroke-dasharray="2 4"' in svg) == is_running


def test_a_trend_is_as_wide_as_its_card_and_no_wider_than_a_phone():
    for span, width in ((3, 275), (12, 296)):
        svg = on_page(given.card("trend", kpi=given.kpi()), span=span).svg
        assert f'viewBox="0 0 {width}' in svg, svg[:200]


def test_the_target_of_a_trend_has_its_number():
    tile = given.tile("gauge", kpi=given.kpi(), gauge=False)
    assert f">100{NARROW_SPACE}k€</text>" in on_page(tile).svg
    # What adds up has the target to date.
    kpi = given.kpi(is_running=True, target=60000.0)
    assert f">60{NARROW_SPACE}k€</text>" in on_page({**tile, "kpi": kpi}).svg
    bare = [{**each, "target": None} for each in kpi["sparkline"]["points"]]
    kpi = given.kpi(target=None, sparkline={"running": False, "points": bare})
    assert "<text" not in on_page({**tile, "kpi": kpi}).svg


def test_a_table_with_too_many_columns_has_a_row_for_itself():
    months = {f"2026-{month:02}": month for month in range(1, 13)}
    heads, row = ["Part", *months], ["North", *({"text": "1", "number": 1.0},) * 12]
    page = Page(1030.0)
    for count, span in ((4, 4), (13, COLUMNS)):
        table = {"heads": heads[:count], "rows": [row[:count]]}
        tile = show_tile(given.tile("list", table=table), READER)
        assert tile.shows_table
        assert page.widen(tile).span == span
    gauge = show_tile(GAUGE, READER)
    assert page.widen(gauge) is gauge


def test_a_table_has_as_much_room_as_its_numbers_need():
    def room(heads, *rows):
        cells = tuple(tuple(map(Cell, row)) for row in rows)
        return Table(tuple(heads), cells, values=(1, 2)).room

    assert room(["KPI"]) == 12
    assert room(["KPI", "Value"], ["Orders", "12"]) == 12
    # 96 for names, 16 of padding and 7 per letter of each column: 96 + 58 + 128
    assert room(["KPI", "Orders", "Value"], ["May", "1", "1,234,567.89 €x"]) == 20
    # Texts wrap between words, numbers do not: 96 + 51 + 51
    assert room(["KPI", "A", "B", "C"], ["May", "1", "2", "a note of words"]) == 16
    assert room(["KPI", *["9" * 40] * 9], ["May", *["1"] * 9]) == 80


def test_style_sheet_and_page_have_the_same_widths_of_tables():
    styles = Path(__file__).parents[2] / "static/src/share/share.scss"
    (steps,) = re.findall(r"@each \$room in \(([\d, ]+)\)", styles.read_text())
    assert tuple(map(int, steps.split(", "))) == ROOMS


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


def test_the_status_of_a_gauge_stands_beside_its_title_only():
    chip = f">{STATUS_LOOKS['at_risk'].word}</text>"
    shown = show_tile(GAUGE, READER)
    assert chip in web_tile(shown).svg  # where it has no other place
    tile = web_tile(shown.without_chip())
    assert chip not in tile.svg
    assert tile.gauge["status"] is None
    assert tile.gauge["spoken"].endswith("At risk")
    assert "var(--kpi-warning)" in tile.svg
    text = show_tile(given.tile("text", "Read"), READER)
    assert text.without_chip() is text


def test_a_certified_kpi_has_a_seal():
    tile = on_page(GAUGE, certification="certified")
    seal = ElementTree.fromstring(tile.seal)
    assert seal[0].text == "Certified"
    assert seal[1].get("fill") == "var(--kpi-series-1)"
    assert not tile.shown.footer
    assert "var(--kpi-faint)" in on_page(GAUGE, certification="review").seal
    assert not on_page(GAUGE).seal
    assert not on_page(GAUGE, certification="certified", state="no_data").seal


def test_a_card_names_its_period_where_the_head_names_another():
    shown = show_tile(GAUGE, READER, "October 2026").headline
    assert (shown.own_period, shown.about) == ("", shown.before)
    other = show_tile(GAUGE, READER, "Nov 2026").headline
    assert other.about == f"{other.before} · October 2026"
    alone = given.card("metric", given.kpi(previous=None), comparisons=[])
    assert show_tile(alone, READER, "Nov 2026").headline.about == "October 2026"


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({}, ("−18%", "vs target")),
        ({"is_running": True, "target": 80000.0}, ("+3%", "vs target to date")),
        ({"direction": "range", "low": 90000.0, "high": 99000.0}, ("−7.57 k€", "")),
        (
            {"direction": "range", "low": 1.0, "high": 99000.0},
            ("within the range", ""),
        ),
        ({"status": "no_target", "target": None}, ("", "")),
    ],
)
def test_where_there_is_no_room_for_words_the_distance_is_a_number(values, parts):
    shown = on_page(given.card("metric", given.kpi(**values))).shown.headline
    parts = tuple(part.replace(" k", f"{NARROW_SPACE}k") for part in parts)
    assert shown.distance_parts == parts


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
