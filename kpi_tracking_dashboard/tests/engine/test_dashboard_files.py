"""Files of a dashboard, opened and compared with the answer that they were made of."""

import io
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from odoo.addons.kpi_base.engine.tabular import Reading, open_table

from ...engine.output.layout import COLUMNS, Page, rows_of
from ...engine.output.picture import picture
from ...engine.output.reading import show_tiles
from ...engine.output.workbook import workbook
from . import dashboard_answer as given

SVG = "{http://www.w3.org/2000/svg}"
WORDS = {"period": "Period", "value": "Value"}
LONG = "Umsatz mit Ersatzteilen für Hydraulikanlagen in Übersee – مبيعات قطع الغيار"


def shown(*tiles, **options):
    return show_tiles(given.answer(*tiles), given.reader(**options))


def opened(*tiles):
    content = workbook("Sales", shown(*tiles), WORDS)
    return load_workbook(io.BytesIO(content))


def rows(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def drawn(*tiles, **options):
    svg, _height = picture("Sales", "October 2026", shown(*tiles), 1200, **options)
    return ElementTree.fromstring(svg)


def test_each_tile_has_its_sheet():
    book = opened()
    assert len(book.sheetnames) == len(given.tiles())
    assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)


def test_the_numbers_of_a_chart_are_numbers_and_gaps_are_empty():
    (sheet,) = opened(given.tile("bar", chart=given.chart(given.ONE, given.TWO)))
    assert rows(sheet)[2:] == [
        ["Period", "Won", "Lost"],
        ["May", 12, 4],
        ["Jun", 15, 6],
        ["Jul", None, 3],
        ["Aug", 9, 8],
        ["Sep", 21, 2],
        ["Oct", 18, 5],
    ]


def test_a_kpi_has_its_value_in_full_its_unit_and_its_course():
    (sheet,) = opened(given.tile("gauge", kpi=given.kpi(), gauge=False))
    lines = rows(sheet)
    assert lines[3][:2] == ["Value", 82431.2]
    assert sheet["B4"].number_format == '#,##0"\u202f€"'
    course = [line[:2] for line in lines if line[0] in given.MONTHS]
    assert course[2:] == [
        ["Jul", None],
        ["Aug", 70500],
        ["Sep", 79000],
        ["Oct", 82431.2],
    ]


def test_percentages_are_fractions_that_are_shown_as_percent():
    margin = given.kpi(unit=given.PERCENT, value=40.71, target=45.5)
    (sheet,) = opened(given.tile("gauge", kpi=margin, gauge=False))
    assert sheet["B4"].value == pytest.approx(0.4071)
    assert sheet["B4"].number_format == "#,##0.0%"


def test_numbers_are_the_same_where_the_file_is_imported_again():
    margin = given.kpi(unit=given.PERCENT, value=40.71, target=45.5)
    tiles = shown(*given.tiles(), given.tile("gauge", "M", kpi=margin, gauge=False))
    content = workbook("Sales", tiles, WORDS)
    read, compared = Reading("number").reader(), 0
    for tile, sheet in zip(tiles, open_table(content).sheets, strict=True):
        lines = {line.number: line for line in open_table(content, sheet=sheet).rows()}
        table = tile.table or tile.facts
        for number, row in enumerate(table.rows if table else (), 4):
            for place, cell in enumerate(row):
                if cell.number is not None:
                    number_read = read(lines[number].cells[place])
                    assert number_read == pytest.approx(cell.number, rel=1e-13)
                    compared += 1
    assert compared > 50


@pytest.mark.parametrize(
    ("tile", "kind"),
    [
        (given.tile("line", chart=given.chart(given.ONE)), "lineChart"),
        (given.tile("bar", chart=given.chart(given.ONE)), "barChart"),
        (given.tile("stacked", chart=given.chart(given.ONE, given.TWO)), "barChart"),
        (given.tile("area", chart=given.chart(given.ONE)), "areaChart"),
        (given.tile("radar", chart=given.chart(given.ONE)), "radarChart"),
        (given.tile("pie", parts=given.parts(*given.SOURCES)), "pieChart"),
        (given.tile("doughnut", parts=given.parts(*given.SOURCES)), "doughnutChart"),
        (given.tile("funnel", parts=given.parts(*given.SOURCES)), "barChart"),
        (given.tile("waterfall", parts=given.parts(*given.SOURCES)), "barChart"),
    ],
)
def test_excel_draws_the_chart_itself(tile, kind):
    (sheet,) = opened(tile)
    assert [chart.tagname for chart in sheet._charts] == [kind]


def test_steps_of_a_waterfall_stand_on_those_before():
    tile = next(each for each in given.tiles() if each["kind"] == "waterfall")
    (sheet,) = opened(tile)
    # 100, then 40 on 100, then 25 down from 140, then 115 on zero
    assert [line[3:5] for line in rows(sheet)[3:]] == [
        [0, 100],
        [100, 40],
        [115, 25],
        [0, 115],
    ]


def test_nothing_that_people_wrote_is_a_formula_or_a_link():
    hostile = given.series(given.HOSTILE, [1.0] * 6)
    chart = {
        **given.chart(hostile),
        "categories": ["=1+1", "+1", "-1", "@x", "http://x.y", ""],
    }
    (sheet,) = opened(given.tile("table", given.HOSTILE, chart=chart))
    cells = [
        cell for line in sheet.iter_rows() for cell in line if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    assert sheet["A4"].value == "=1+1"


def test_sheets_of_the_same_name_and_of_long_names_are_told_apart():
    body = {"chart": given.chart(given.ONE)}
    names = [LONG, LONG.upper(), "History", "a/b:c", ""]
    book = opened(*(given.tile("line", name, **body) for name in names))
    assert len(book.sheetnames) == 5
    assert all(0 < len(name) <= 31 for name in book.sheetnames)


def test_tiles_lie_in_rows_of_twelve_columns_in_their_order():
    spans = (6, 6, 4, 4, 4, 12, 3, 10)
    tiles = shown(*(given.tile("text", span=span, id=span) for span in spans))
    found = [[tile.span for tile in row] for row in rows_of(tiles)]
    assert found == [[6, 6], [4, 4, 4], [12], [3], [10]]
    page = Page(1000)
    assert page.tile_width(COLUMNS) == pytest.approx(1000)
    assert 2 * page.tile_width(6) + 12 == pytest.approx(1000)


def test_the_picture_holds_all_numbers_and_no_markup():
    root = drawn()
    texts = {each.text for each in root.iter(f"{SVG}text")}
    assert {"Won Revenue", "82.4\u202fk€", "At risk", "Not available"} <= texts
    assert root.find(f".//{SVG}script") is None
    assert "Read this first & then that" in texts


@pytest.mark.parametrize("is_rtl", [False, True])
def test_everything_lies_within_the_picture(is_rtl):
    root = drawn(is_rtl=is_rtl)
    width, height = float(root.get("width")), float(root.get("height"))
    boxes = [each for each in root if each.tag == f"{SVG}svg"]
    assert len(boxes) == len(given.tiles())
    for box in boxes:
        left, top, wide, tall = (
            float(box.get(name)) for name in ("x", "y", "width", "height")
        )
        assert 0 <= left and left + wide <= width + 0.1
        assert 0 <= top and top + tall <= height + 0.1
        for text in box.findall(f"{SVG}text"):
            assert 0 <= float(text.get("x")) <= wide and float(text.get("y")) <= tall


def test_headings_stand_without_a_frame():
    heading = given.tile("text", "Finances", span=12)
    text = given.tile("text", "Read", html="<p>This first</p>", span=12)
    frames = [len(box.findall(f"{SVG}rect")) for box in drawn(heading, text)[4:]]
    assert frames == [0, 1]


def test_sentences_are_not_cut_off():
    sentence = "Win rate fell from 44.5% in September to 34.4% in October."
    table = {"heads": [""], "rows": [[sentence]]}
    root = drawn(given.tile("findings", "Notable changes", table=table, span=3))
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert sentence in " ".join(texts)
    assert not any("…" in text for text in texts)


def test_the_first_tile_stands_where_reading_begins():
    pair = [given.tile("text", "First", span=6), given.tile("text", "Second", span=6)]
    lefts = {
        is_rtl: [float(box.get("x")) for box in drawn(*pair, is_rtl=is_rtl)[4:]]
        for is_rtl in (False, True)
    }
    assert lefts[False][0] < lefts[False][1]
    assert lefts[True] == lefts[False][::-1]
