"""What files and mails say of a dashboard, compared with the answer by hand."""

import pytest

from ...engine.output.reading import _without_year, show_tile, show_tiles
from ...engine.output.shown import Cell, ShownTile, Table
from . import dashboard_answer as given

READER = given.reader()
NARROW_SPACE = "\u202f"


def shown(tile, reader=READER):
    return show_tile(tile, reader)


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_every_kind_shows_something():
    for tile in show_tiles(given.answer(), READER):
        has_body = tile.payload or tile.headline or tile.table or tile.html
        assert has_body or tile.message, tile.title


def test_a_gauge_has_the_scale_of_the_answer_and_texts_of_the_reader():
    tile = shown(given.tile("gauge", "Revenue", kpi=given.kpi(), gauge=given.GAUGE))
    gauge = tile.payload
    assert (gauge.low, gauge.high, gauge.value) == (0, 120000, 82431.2)
    assert f"{gauge.number}{gauge.unit}" == f"82.4{NARROW_SPACE}k€"
    assert gauge.high_text == f"120{NARROW_SPACE}k€"
    assert [(m.kind, m.text) for m in gauge.marks] == [
        ("baseline", ""),
        ("target", f"100{NARROW_SPACE}k€"),
    ]
    assert gauge.status == "At risk"
    # 82,431.2 of 100,000 is 17.6% less; of 79,000 in September 4.3% more
    assert tile.headline.lines == (
        "−18% vs target",
        "+4% vs Sep",
    )


def test_a_gauge_without_a_scale_is_a_number_and_its_course():
    tile = shown(given.tile("gauge", kpi=given.kpi(target=None), gauge=False))
    assert tile.drawing() is None
    assert tile.headline.text == f"82.4{NARROW_SPACE}k€"
    assert tile.sparkline().shapes


def test_a_card_compares_with_what_was_chosen():
    tile = shown(given.card("metric", kpi=given.kpi()))
    # 82,431.2 of 60,000 a year before: 37.4% more
    assert tile.headline.lines[1] == "+37% vs same period last year"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            {"previous": 0.0},
            f"+82.4{NARROW_SPACE}k€ vs Sep",
        ),  # never an infinite percentage
        ({"previous": None}, "new"),
        ({"is_running": True}, f"Sep: 79{NARROW_SPACE}k€"),  # a sum that still grows
    ],
)
def test_the_period_before(values, line):
    tile = shown(given.tile("gauge", kpi=given.kpi(**values), gauge=None))
    assert tile.headline.lines[-1] == line


def test_the_period_before_one_that_is_not_drawn():
    """The line ends before the first day of a period without records."""
    kpi = given.kpi(value=0.0, is_running=True)
    kpi["sparkline"]["points"][-1]["value"] = None
    tile = shown(given.tile("gauge", kpi=kpi, gauge=None))
    assert tile.headline.lines[-1] == f"Sep: 79{NARROW_SPACE}k€"


@pytest.mark.parametrize(
    ("label", "main", "name"),
    [  # as those of kpi_tracking/static/tests/kpi_card.test.js
        ("Sep 2026", "Oct 2026", "Sep"),
        ("W43 2026", "W44 2026", "W43"),
        ("Sep 8, 2026", "Sep 9, 2026", "Sep 8"),
        ("set. de 2026", "out. de 2026", "set."),
        ("Jan 2026 – Mar 2026", "Apr 2026 – Jun 2026", "Jan – Mar"),
        ("Nov 2025 – Jan 2026", "Feb 2026 – Apr 2026", "Nov 2025 – Jan 2026"),
        ("Dec 2025", "Jan 2026", "Dec 2025"),
        ("2025", "2026", "2025"),
        ("2026年9月", "2026年10月", "2026年9月"),
        ("Sep 2026", "", "Sep 2026"),
    ],
)
def test_a_year_is_left_out_where_it_is_that_of_the_period_shown(label, main, name):
    assert _without_year(label, main) == name


def test_the_unit_of_a_number_stands_apart():
    headline = shown(given.card("metric", kpi=given.kpi())).headline
    assert (headline.number, headline.unit) == ("82.4", f"{NARROW_SPACE}k€")
    assert headline.text == headline.number + headline.unit


def test_a_day_of_a_table_stays_on_one_line():
    assert Cell("Nov 2, 2026").is_short
    assert not Cell("assigned to OdooBot").is_short


def test_a_period_that_runs_says_so():
    tile = shown(given.tile("gauge", kpi=given.kpi(is_running=True), gauge=given.GAUGE))
    assert tile.headline.status == "At risk so far"
    assert tile.payload.is_running


def test_a_range_has_a_distance_instead_of_a_target():
    good = {"unit": given.COUNT, "direction": "range", "low": 4.0, "high": 7.0}
    for value, line in ((9.0, "2 above"), (1.0, "3 below"), (5.0, "within")):
        tile = shown(given.tile("gauge", kpi=given.kpi(value=value, **good)))
        assert tile.headline.lines[0] == f"{line} the range"


def test_without_data_there_is_a_word_and_no_number():
    empty = given.kpi(has_value=False, value=0.0, status="no_data")
    tile = shown(given.tile("gauge", kpi=empty, gauge=False))
    assert (tile.headline.text, tile.headline.status) == ("–", "No data")
    assert "0" not in [row[1].text for row in tile.facts.rows]


def test_a_chart_has_its_numbers_as_a_picture_and_as_a_table():
    tile = shown(given.tile("line", chart=given.chart(given.ONE)))
    assert tile.payload.series[0].values == (12, 15, None, 9, 21, 18)
    assert tile.payload.targets == (14,) * 6
    assert texts(tile.table)[2] == ["Jul", "–"]
    assert texts(tile.table)[4] == ["Sep", "21"]
    assert tile.table.heads == ("Period", "Won")
    levels = [level for level, _text in tile.payload.ticks]
    assert levels[0] <= 9 and levels[-1] >= 21


def test_the_scale_of_stacked_columns_holds_their_sums():
    tile = shown(given.tile("stacked", chart=given.chart(given.ONE, given.TWO)))
    assert tile.payload.ticks[-1][0] >= 23  # 15 + 6 in June, 21 + 2 in September
    assert tile.payload.targets == (14,) * 6


def test_kinds_without_a_drawing_print_their_table():
    for kind in ("heatmap", "table"):
        tile = shown(given.tile(kind, chart=given.chart(given.ONE, given.TWO)))
        assert tile.shows_table and len(tile.table.rows) == 6
    chart = given.chart(given.ONE)
    few = {**chart, "categories": chart["categories"][:2], "starts": []}
    few["series"] = [{**each, "values": each["values"][:2]} for each in chart["series"]]
    assert shown(given.tile("radar", chart=few)).shows_table


def test_a_heat_map_is_printed_as_it_looks():
    tile = shown(given.tile("heatmap", chart=given.chart(given.ONE, given.TWO)))
    printed = tile.as_on_screen().table
    assert printed.heads[1:] == tuple(row[0].text for row in tile.table.rows)
    assert [row[0].text for row in printed.rows] == list(tile.table.heads[1:])
    assert printed.rows[0][1] == tile.table.rows[0][1]
    assert printed.values == tuple(range(1, 7))


def test_a_radar_is_a_shape_with_an_axis_for_each_category():
    tile = shown(given.tile("radar", chart=given.chart(given.ONE, given.TWO)))
    svg = tile.drawing().as_svg()
    assert svg.count("<line") == 6
    assert svg.count('fill-opacity="0.13"') == 2
    assert "Won" in svg


def test_what_has_not_changed_says_so():
    kpi = given.kpi(value=40, previous=40)
    headline = shown(given.card("metric", kpi, comparisons=["previous"])).headline
    assert headline.lines[0].startswith("same as")
    points = [{"name": "North", "x": 3.0, "y": 40.0}]
    body = {"units": [given.COUNT, given.PERCENT], "points": points}
    tile = shown(given.tile("scatter", chart=body))
    assert texts(tile.table) == [["North", "3", "40.0%"]]


def test_a_heat_map_is_shaded_from_its_lowest_to_its_highest_number():
    for kind, low, high in (("heatmap", "#ffffff", "#73b1d5"), ("table", "", "")):
        rows = ((Cell("June"), Cell("0", 0.0), Cell("9", 9.0), Cell("–")),)
        tile = ShownTile(1, kind, "Calls", table=Table(("", "", "", ""), rows))
        # Of #0072b2: 255 - 0.55 * 255 = 115 = 0x73, 255 - 0.55 * 141 = 177 = 0xb1,
        # 255 - 0.55 * 77 = 213 = 0xd5
        assert [tile.shade(cell) for cell in rows[0]] == ["", low, high, ""]


def test_cells_of_an_addon_are_shaded_where_it_says_so():
    cells = [{"text": "0%", "number": 0.0}, {"text": "50%", "number": 0.5}]
    shaded = [{**cell, "is_shaded": True} for cell in cells]
    row = ["June", {"text": "18", "number": 18.0}, *shaded]
    table = {"heads": ["Month", "Customers", "1", "2"], "rows": [row]}
    tile = shown(given.tile("triangle", table=table))
    # as above; how many customers there are says nothing of the shares
    colors = [tile.shade(cell) for cell in tile.table.rows[0]]
    assert colors == ["", "", "#ffffff", "#73b1d5"]


def test_parts_have_their_shares():
    tile = shown(given.tile("pie", parts=given.parts(*given.SOURCES)))
    assert texts(tile.table)[0] == ["Web", "120", "60%"]  # 120 of 200
    assert [part.text for part in tile.payload.parts] == ["120", "60", "20"]


def test_changes_of_a_waterfall_have_a_sign_as_on_the_screen():
    (tile,) = (shown(one) for one in given.tiles() if one["kind"] == "waterfall")
    signed = ["+100", "+40", "−25", "115"]  # the last is a total
    assert [part.text for part in tile.payload.parts] == signed


@pytest.mark.parametrize("kind", ["pie", "doughnut"])
def test_a_single_part_is_no_ring(kind):
    alone = given.parts(("A", 5.0), ("B", 0.0))
    tile = shown(given.tile(kind, parts=alone))
    assert tile.payload is None
    assert [row[0].text for row in tile.table.rows] == ["A", "B"]
    assert not tile.message
    assert shown(given.tile(kind, parts=given.parts(("A", 5.0), ("B", 1.0)))).payload


def test_a_negative_part_is_left_to_the_table():
    tile = shown(given.tile("pie", parts=given.parts(("A", 5.0), ("B", -2.0))))
    assert tile.shows_table
    assert tile.message == given.ENGLISH["negative"]


def test_a_kind_of_another_addon_says_that_it_is_for_the_screen():
    tile = shown(given.tile("clock", "Now"))
    assert (tile.title, tile.message) == ("Now", given.ENGLISH["screen_only"])


def test_records_of_a_view_are_left_out_and_it_says_so():
    tile = shown(given.tile("view", "Open Deals", state="lazy"))
    assert (tile.title, tile.message) == ("Open Deals", given.ENGLISH["left_out"])


def test_what_the_reader_may_not_see_has_neither_name_nor_number():
    tile = shown(given.tile("gauge", "Not available", state="unavailable"))
    assert (tile.title, tile.message) == ("", "Not available")
    assert not (tile.payload or tile.headline or tile.table or tile.facts)


def test_alerts_say_how_many_more_there_are():
    late = {"kind": "overdue", "text": "Visits", "date": "2026-11-05"}
    tile = shown(given.card("alert", items=[late], count=3))
    assert tile.table.heads == ("KPI", "Status", "Date")
    assert texts(tile.table) == [["Visits", "Overdue", "day 2026-11-05"]]
    assert tile.message == "and 2 more"
    assert shown(given.card("alert", items=[], count=0)).message == (
        "Nothing needs attention."
    )


def test_notes_have_their_day_and_author():
    tile = shown(given.tile("line", chart=given.chart(given.ONE), notes=[given.NOTE]))
    assert tile.notes == ("day 2026-08-03: Strike (A. Roy)",)


@pytest.mark.parametrize("value", [1e308, -1e308, 5e-324, 1.5e-7, 0.0])
def test_odd_numbers_are_drawn(value):
    row = given.series("Odd", [value, None, 0.0, 1.0, value, 2.0])
    for kind in ("line", "bar", "area"):
        drawing = shown(given.tile(kind, chart=given.chart(row))).drawing()
        assert "nan" not in drawing.as_svg() and "inf" not in drawing.as_svg()


def test_what_is_said_changes_with_a_number_and_not_with_the_time():
    first = show_tiles(given.answer(), READER)
    later = given.tiles()
    later[0]["as_of"] = "2026-12-01T00:00:00Z"
    assert [t.visible_content() for t in first] == [
        t.visible_content() for t in show_tiles(given.answer(*later), READER)
    ]
    later[0]["kpi"]["value"] = 99999.0
    assert first[0].visible_content() != shown(later[0]).visible_content()
