"""Charts that go on with what is expected: drawn, listed and written."""

import io
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from ...engine.drawing import charts, options
from ...engine.drawing.payload import ChartTile, Expected, PayloadError, Series
from ...engine.drawing.svg import PRINT
from ...engine.output.reading import show_tiles
from ...engine.output.workbook import workbook
from . import dashboard_answer as given

SVG = "{http://www.w3.org/2000/svg}"
EXPECTED = Expected(
    values=(80.0, 90.0, 95.0),
    lows=(70.0, 60.0, None),
    highs=(90.0, 95.0, None),
    texts=("80", "90 (60 – 95)", "95"),
)
DOTTED = options.dashes(options.DOTTED)
TICKS = ((0.0, "0"), (100.0, "100"))
COMING = {"categories": ["Nov", "Dec"], "starts": ["2026-11-01", "2026-12-01"]}
AHEAD = {
    "values": [20.0, 22.0, 25.0],
    "lows": [19.0, 18.0, None],
    "highs": [21.0, 28.0, None],
}


def going_on(*values, expected=EXPECTED, **others):
    """Two months and two to come, on a scale from 0 to 100.

    400 wide and 220 high: months are 90.46 apart from 71.39 on, as "100" and a gap take
    26.16 and the right 12; 0 lies at 196, 100 at 20.
    """
    series = Series("Won", tuple(values), tuple(map(str, values)), expected)
    options = {"coming": ("M2", "M3"), "coming_text": "Expected", **others}
    return ChartTile("Sales", ("M0", "M1"), (series,), TICKS, **options)


def found(drawing, name, **attributes):
    wanted = {key.replace("_", "-"): value for key, value in attributes.items()}
    return [
        each
        for each in ElementTree.fromstring(drawing.as_svg()).iter(f"{SVG}{name}")
        if wanted.items() <= each.attrib.items()
    ]


def ahead(drawing):
    """The line of what is expected, which lies below that of values."""
    return found(drawing, "path", stroke_dasharray=DOTTED)[0].get("d")


def test_the_running_period_goes_on_from_the_closed_one():
    drawing = charts.draw_line(going_on(50.0, 60.0, is_running=True))
    assert ahead(drawing) == "M71.39 108L161.85 55.2L252.31 37.6L342.77 28.8"
    (band,) = found(drawing, "path", opacity="0.13")
    assert (
        band.get("d") == "M71.39 108L161.85 37.6L252.31 28.8"
        "L252.31 90.4L161.85 72.8L71.39 108Z"
    )
    _ahead, so_far = found(drawing, "path", stroke_dasharray=DOTTED)
    assert so_far.get("d") == "M71.39 108L161.85 90.4"
    assert len(found(drawing, "circle", fill=PRINT.paper)) == 2


def test_a_closed_period_is_where_the_line_goes_on_from():
    expected = Expected((None, 90.0, 95.0), (None, 60.0, None), (None, 95.0, None))
    drawing = charts.draw_area(going_on(50.0, 60.0, expected=expected))
    assert ahead(drawing) == "M161.85 90.4L252.31 37.6L342.77 28.8"


@pytest.mark.parametrize("values", [(None, None), (None, 60.0)])
def test_without_a_value_before_the_line_begins_with_what_is_expected(values):
    drawing = charts.draw_line(going_on(*values, is_running=True))
    assert ahead(drawing) == "M161.85 55.2L252.31 37.6L342.77 28.8"


def test_unknown_limits_leave_the_line_without_a_band():
    nothing = (None,) * 3
    drawing = charts.draw_line(
        going_on(50.0, 60.0, expected=Expected((80.0, 90.0, 95.0), nothing, nothing))
    )
    assert ahead(drawing)
    assert not found(drawing, "path", opacity="0.13")


def test_coming_periods_are_named_and_said():
    drawing = charts.draw_line(going_on(50.0, 60.0, is_running=True))
    words = [each.text for each in found(drawing, "text")]
    assert {"M0", "M1", "M2", "M3", "Expected"} <= {*words}
    assert drawing.summary == "Won: M0 50.0, M1 60.0, Expected M3 95"


def test_a_sparkline_goes_on_in_its_box():
    drawing = charts.draw_sparkline(going_on(50.0, 60.0, is_running=True))
    # 172 wide in four parts, from 4 on: 25.5, 68.5, …, 154.5; 50 lies at 40, 95 at 4
    assert ahead(drawing).startswith("M25.5 40L68.5 ")
    assert ahead(drawing).endswith("L154.5 4")
    assert found(drawing, "path", opacity="0.13")


def test_a_chart_that_ends_is_drawn_as_before():
    plain = ChartTile("Sales", ("M0", "M1"), (Series("Won", (50.0, 60.0)),), TICKS)
    drawing = charts.draw_line(plain)
    assert not found(drawing, "path", stroke_dasharray=DOTTED)
    assert "Expected" not in drawing.as_svg()


@pytest.mark.parametrize(
    "expected",
    [
        Expected((80.0,), (70.0,), (90.0,)),
        Expected((80.0, 90.0, 95.0), (70.0,), (90.0, 95.0, None)),
    ],
)
def test_what_is_expected_is_as_long_as_what_comes(expected):
    with pytest.raises(PayloadError, match="Sales: Won needs 3 expected numbers"):
        going_on(50.0, 60.0, expected=expected)


def test_a_number_that_cannot_be_drawn_is_refused():
    endless = Expected((80.0, 90.0, float("inf")), (None,) * 3, (None,) * 3)
    with pytest.raises(PayloadError, match="inf is not a number"):
        going_on(50.0, 60.0, expected=endless)


def tile(kind="line", *more):
    series = [{**given.ONE, "expected": AHEAD}, *more]
    chart = {**given.chart(*series, is_running=True), "coming": COMING}
    return given.tile(kind, chart=chart, is_expected_stale=True)


def trend():
    sparkline = {**given.kpi()["sparkline"], "coming": COMING, "expected": AHEAD}
    return given.card("trend", kpi=given.kpi(sparkline=sparkline))


def show(*tiles):
    return show_tiles(given.answer(*tiles), given.reader())


def test_a_table_lists_what_is_expected_beside_and_below_what_was():
    (shown,) = show(tile())
    table = shown.table
    assert table.heads == ("Period", "Won", "Expected", "Low (80%)", "High (80%)")
    assert [[cell.number for cell in row[1:]] for row in table.rows[-4:]] == [
        [21, None, None, None],
        [18, 20, 19, 21],
        [None, 22, 18, 28],
        [None, 25, None, None],
    ]
    assert [row[0].text for row in table.rows[-3:]] == [
        "Oct so far",
        "Nov (forecast)",
        "Dec (forecast)",
    ]
    assert (table.expected, table.coming) == ((2, 3, 4), 2)
    assert shown.footer == "Forecasts are being updated"
    assert shown.payload.series[0].expected.texts == (
        "20 (19 – 21)",
        "22 (18 – 28)",
        "25",
    )


def test_what_is_expected_is_no_news_by_itself():
    later = {**AHEAD, "values": [20.0, 23.0, 26.0]}
    series = {**given.ONE, "expected": later}
    chart = {**given.chart(series, is_running=True), "coming": COMING}
    first, second = show(tile(), given.tile("line", chart=chart))
    assert first.table != second.table
    assert first.visible_content() == second.visible_content()
    known = first.table.known_rows()
    assert [len(row) for row in known] == [2] * 6
    assert [cell.text for cell in known[-1]] == ["Oct so far", "18"]


def test_of_several_series_each_column_says_whose_it_is():
    (shown,) = show(tile("line", given.TWO))
    assert shown.table.heads == (
        "Period",
        "Won",
        "Lost",
        "Won: Expected",
        "Won: Low (80%)",
        "Won: High (80%)",
    )


def test_a_series_of_expected_values_alone_has_one_column_and_a_line():
    unknown = [None, None, None]
    ahead = {"values": [5.0, 7.0, 3.0], "lows": unknown, "highs": unknown}
    part = {"name": "Pipeline", "values": [None] * 6, "expected": ahead}
    (shown,) = show(tile("line", part))
    table = shown.table
    heads = ("Period", "Won", "Expected", "Low (80%)", "High (80%)", "Pipeline")
    assert table.heads == heads
    numbers = [row[-1].number for row in table.rows]
    assert numbers == [None] * 5 + [5, 7, 3]
    assert table.expected == (2, 3, 4, 5)
    drawing = shown.drawing()
    assert len(found(drawing, "path", stroke_dasharray=DOTTED)) == 3
    assert {"Won", "Pipeline"} <= {label.text for label in drawing.labels}


def test_a_spreadsheet_marks_what_is_expected_and_draws_it_dashed():
    shown = show(tile("area"), trend())
    content = workbook("Sales", shown, given.ENGLISH)
    area, card = load_workbook(io.BytesIO(content))
    assert [[cell.value for cell in row] for row in area["A9:E11"]] == [
        ["Oct so far", 18, 20, 19, 21],
        ["Nov (forecast)", None, 22, 18, 28],
        ["Dec (forecast)", None, 25, None, None],
    ]
    listed = [[cell.value for cell in row][:5] for row in card]
    assert listed[-3:] == [
        ["Oct", 82431.2, 20, 19, 21],
        ["Nov (forecast)", None, 22, 18, 28],
        ["Dec (forecast)", None, 25, None, None],
    ]
    for sheet, kind in ((area, "areaChart"), (card, "lineChart")):
        (chart,) = sheet._charts
        assert chart.tagname == kind
        (lines,) = chart._charts[1:]
        looks = [series.graphicalProperties.line for series in lines.series]
        assert [look.prstDash for look in looks] == ["dash"] * 3
