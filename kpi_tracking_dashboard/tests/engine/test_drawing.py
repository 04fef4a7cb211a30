import json
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from odoo.addons.kpi_tracking.engine.gauge.zones import Zone
from odoo.addons.kpi_tracking.engine.status_chip import STATUS_LOOKS

from ...engine.drawing import charts, options, parts
from ...engine.drawing.gauge import draw_gauge
from ...engine.drawing.payload import (
    ChartTile,
    GaugeTile,
    Mark,
    Part,
    PartsTile,
    PayloadError,
    Series,
)
from ...engine.drawing.svg import PRINT, status_chip, text_width

SVG = "{http://www.w3.org/2000/svg}"
GAUGES = Path(__file__).parents[3] / "kpi_tracking/static/tests/gauge_cases.json"
SCRIPTS = Path(__file__).parents[3] / "kpi_tracking/static/src/charts"
CASES = json.loads(GAUGES.read_text())
ZONES = (Zone(None, 80, "danger"), Zone(80, 95, "warning"), Zone(95, None, "success"))
ZONE_LANES = {("circular", 54), ("linear", 8), ("speedometer", 60), ("thermometer", 11)}
ZONE_CASES = [
    case for case in CASES["band"] if (case["style"], case["lane"]) in ZONE_LANES
]
STYLES = ("circular", "linear", "speedometer", "thermometer")
HOSTILE = "<script>alert('x')</script> & \"quoted\" \x00\ud800"
LONG = (
    "Umsatz mit Ersatzteilen für Hydraulikanlagen in Übersee – مبيعات قطع الغيار 売上高"
)


def gauge(**values):
    given = {
        "title": "Won Revenue",
        "style": "circular",
        "low": 0,
        "high": 120,
        "value": 82.4,
        "number": "82.4",
        "zones": ZONES,
    }
    return GaugeTile(**{**given, **values})


def chart(*values, **others):
    series = tuple(Series(f"S{at}", tuple(row)) for at, row in enumerate(values))
    months = tuple(f"M{at}" for at in range(len(values[0])))
    return ChartTile("Sales", months, series, **others)


def pie(*values):
    return PartsTile("Parts", tuple(Part(f"P{v}", v, str(v)) for v in values))


def parsed(drawing):
    return ElementTree.fromstring(drawing.as_svg())


def found(drawing, name):
    return list(parsed(drawing).iter(f"{SVG}{name}"))


def texts(drawing):
    return [each.text for each in found(drawing, "text")]


LINES = chart([1, 2, None, 4], [4, 3, 2, 1])
EVERY = [
    *(draw_gauge(gauge(style=style)) for style in STYLES),
    charts.draw_line(LINES),
    charts.draw_area(LINES),
    charts.draw_bar(LINES),
    charts.draw_stacked(LINES),
    charts.draw_sparkline(LINES),
    charts.draw_waterfall(pie(3, -1, 2)),
    parts.draw_pie(pie(3, 1)),
    parts.draw_doughnut(pie(3, 1)),
    parts.draw_funnel(pie(3, 1)),
]


@pytest.mark.parametrize("drawing", EVERY)
def test_every_drawing_is_an_image_with_a_name(drawing):
    root = parsed(drawing)
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == drawing.title
    assert "nan" not in drawing.as_svg() + drawing.as_html()
    ElementTree.fromstring(drawing.as_html())


@pytest.mark.parametrize("case", ZONE_CASES, ids=lambda case: case["note"])
def test_a_gauge_draws_what_the_table_says(case):
    zone = Zone(case["from"], case["to"], "success")
    tile = gauge(style=case["style"], low=0, high=1, value=None, zones=(zone,))
    paths = [path.get("d") for path in found(draw_gauge(tile), "path")]
    assert case["path"] in paths


@pytest.mark.parametrize("style", STYLES)
def test_a_value_beyond_the_scale_has_an_arrow_and_its_number(style):
    usual = len(found(draw_gauge(gauge(style=style)), "path"))
    far = draw_gauge(gauge(style=style, value=1e9, number="1,000,000,000"))
    assert len(found(far, "path")) == usual + 1
    assert "1,000,000,000" in texts(far)


@pytest.mark.parametrize("style", STYLES)
def test_without_a_value_a_gauge_is_empty(style):
    empty = draw_gauge(gauge(style=style, value=None, number="–", status="No data"))
    assert "–" in texts(empty)
    assert "No data" in texts(empty)


def test_marks_have_their_number_and_ends_give_way_to_them():
    tile = gauge(
        marks=(Mark("target", 115, "115"), Mark("baseline", 500)),
        low_text="0",
        high_text="120",
    )
    assert texts(draw_gauge(tile)) == ["115", "0", "82.4"]


def test_a_running_period_is_striped():
    paths = found(draw_gauge(gauge(is_running=True)), "path")
    assert [path.get("opacity") for path in paths if path.get("stroke-dasharray")] == [
        "0.6"
    ]


@pytest.mark.parametrize("style", STYLES)
def test_a_gauge_has_the_chip_of_its_status(style):
    """Whole, however long its word is."""
    word = "Off track so far, in a language with long words"
    drawing = draw_gauge(gauge(style=style, status=word, tone="danger"))
    look = STATUS_LOOKS["off_target"]
    assert look.path in [path.get("d") for path in found(drawing, "path")]
    (chip,) = found(drawing, "rect")
    assert chip.get("fill") == look.ground
    assert word in texts(drawing)
    left, wide = float(chip.get("x")), float(chip.get("width"))
    assert left >= 0
    assert left + wide <= drawing.width + 0.01


@pytest.mark.parametrize("status", STATUS_LOOKS)
def test_a_chip_is_as_large_as_on_screens(status):
    look = STATUS_LOOKS[status]
    (ground, icon), word = status_chip(look.word, look.tone, 10, 5)
    assert 'height="20"' in ground
    assert look.ground in ground
    assert 'width="12"' in icon
    assert look.path in icon
    assert (word.text, word.size, word.color) == (look.word, 12, look.color)
    mirrored = status_chip(look.word, look.tone, 10, 5, anchor="end", is_rtl=True)[1]
    assert mirrored.anchor == "end"


def test_what_people_write_is_text():
    tile = gauge(title=HOSTILE, status=HOSTILE, tone="danger")
    drawing = draw_gauge(tile)
    assert not found(drawing, "script")
    assert parsed(drawing)[0].text == "<script>alert('x')</script> & \"quoted\" "
    assert "<script" not in drawing.as_html()


def test_long_names_in_any_script_are_cut_in_pictures_and_whole_for_readers():
    tile = PartsTile("Parts", (Part(LONG, 1, "1"), Part("B", 2, "2")))
    drawing = parts.draw_pie(tile)
    assert texts(drawing)[0].endswith("…")
    assert LONG in drawing.as_html("rtl")


def test_words_stand_outside_of_the_picture_in_html():
    drawing = charts.draw_bar(chart([1, 2], ticks=((0, "0"), (2, "2"))))
    root = ElementTree.fromstring(drawing.as_html("rtl"))
    assert [each.text for each in root.iter(f"{SVG}text")] == ["0", "2"]
    assert [(each.text, each.get("dir")) for each in root.iter("span")] == [
        ("M0", "rtl"),
        ("M1", "rtl"),
    ]


def test_bars_are_as_long_as_their_numbers():
    bars = found(charts.draw_bar(chart([10, 5, -5, None, 0])), "rect")
    heights = [float(bar.get("height")) for bar in bars]
    assert heights == pytest.approx(
        [2 * heights[1], heights[1], heights[1], 0], abs=0.02
    )


def test_blocks_of_a_stack_lie_on_each_other_and_below_zero():
    one, two, below = found(charts.draw_stacked(chart([2], [3], [-1])), "rect")[:3]
    assert float(one.get("y")) == pytest.approx(
        float(two.get("y")) + float(two.get("height")), abs=0.02
    )
    zero = float(one.get("y")) + float(one.get("height"))
    assert float(below.get("y")) == pytest.approx(zero, abs=0.02)


def test_a_gap_breaks_a_line_and_a_lonely_point_is_a_dot():
    tile = chart([1, 2, None, 3, 4, None, 5])
    drawing = charts.draw_line(tile)
    assert len(found(drawing, "path")) == 2
    assert [dot.get("r") for dot in found(drawing, "circle")] == ["2", "4.5"]


def test_a_target_is_a_level_where_it_holds():
    tile = chart([1, 2, 3], targets=(None, 2, 2))
    dashed = [
        path.get("d")
        for path in found(charts.draw_line(tile), "path")
        if path.get("stroke-dasharray")
    ]
    assert len(dashed) == 1
    assert dashed[0].count("L") == 3  # both ends of two categories


def test_a_target_is_named_at_the_end_of_its_line():
    tile = chart([1, 2, 3], targets=(None, 2, 2), target_text="Target 2")
    drawing = charts.draw_line(tile)
    (line,) = [path for path in found(drawing, "path") if path.get("stroke-dasharray")]
    right, height = map(float, line.get("d").rsplit("L", 1)[1].split())
    (name,) = [label for label in drawing.labels if label.text == "Target 2"]
    assert name.x > right
    assert name.y - charts.DROP == pytest.approx(height, abs=0.01)
    assert line.get("stroke-width") == str(options.TARGET_LINE)


def test_the_running_period_is_dotted_with_an_open_point():
    drawing = charts.draw_line(chart([1, 3, 2], is_running=True))
    dotted = options.dashes(options.DOTTED)
    lines = [path.get("stroke-dasharray") for path in found(drawing, "path")]
    assert lines == [None, dotted]
    (point,) = found(drawing, "circle")
    assert point.get("fill") == PRINT.paper
    bars = found(charts.draw_bar(chart([1, 3, 2], is_running=True)), "rect")
    assert [bar.get("opacity") for bar in bars] == [None, None, "0.5"]


STATUSES = ("off_target", "on_target", "off_target", "at_risk", "on_target")


def judged(values, targets=(10.0,) * 5, statuses=STATUSES, **others):
    texts = tuple(f"{value} k" for value in values)
    series = Series("S", tuple(values), texts, statuses=statuses)
    months = ("M0", "M1", "M2", "M3", "M4")
    return ChartTile("Sales", months, (series,), targets=targets, **others)


def test_the_last_and_the_worst_point_have_their_numbers():
    drawing = charts.draw_line(judged([8.0, 12.0, 5.0, 9.0, 11.0]))
    bold = {label.text: label.color for label in drawing.labels if label.is_bold}
    assert bold == {"11.0 k": PRINT.ink, "5.0 k": PRINT.texts["danger"]}
    assert len(found(drawing, "circle")) == 2
    bars = charts.draw_bar(judged([8.0, 12.0, 5.0, 9.0, 11.0]))
    assert {label.text for label in bars.labels if label.is_bold} == set(bold)


def test_of_what_are_no_periods_each_has_its_number():
    drawing = charts.draw_bar(judged([8.0, 12.0, 5.0, 9.0, 11.0], has_periods=False))
    assert len([label for label in drawing.labels if label.is_bold]) == 5


def test_names_that_have_room_are_whole():
    tile = ChartTile(
        "Sales",
        ("M0", "M1"),
        (Series("Threshold", (1.0, 2.0)), Series("Value", (2.0, 1.0))),
    )
    assert {"Threshold", "Value"} <= {*texts(charts.draw_line(tile))}


def test_the_number_of_a_target_is_never_cut():
    text = "Target 805,000,000 EUR of the year"
    tile = chart([1, 2], targets=(2, 2), target_text=text, size=(250.0, 180.0))
    assert text in texts(charts.draw_line(tile))


def test_the_worst_point_is_none_that_runs_or_met_its_target():
    met = ("on_target",) * 5
    running = (*met[:4], "off_target")
    for tile in (
        judged([8.0, 12.0, 5.0, 9.0, 11.0], statuses=met),
        judged([8.0, 12.0, 5.0, 9.0, 1.0], statuses=running, is_running=True),
    ):
        drawing = charts.draw_line(tile)
        assert [label.text for label in drawing.labels if label.is_bold] == [
            tile.series[0].texts[-1]
        ]


@pytest.mark.parametrize("count", [1, 2, 5, 6])
@pytest.mark.parametrize("draw", [charts.draw_line, charts.draw_stacked])
def test_up_to_five_series_are_named_at_their_ends(draw, count):
    rows = [[place, 5.0 + place / 100] for place in range(count)]
    drawing = draw(chart(*rows, ticks=((0.0, "0"), (10.0, "10"))))
    names = [label for label in drawing.labels if label.text.startswith("S")]
    assert len(names) == (count if count > 1 else 0)
    assert all(label.color == PRINT.ink for label in names)
    is_legend = drawing.height > 220
    assert is_legend == (count > 5)
    if not is_legend:
        heights = sorted(label.y for label in names)
        gaps = [b - a for a, b in zip(heights, heights[1:], strict=False)]
        assert all(gap >= options.LINE_HEIGHT - 0.01 for gap in gaps)
        assert all(10 <= height <= 220 for height in heights)


def test_bars_beside_each_other_have_a_legend_in_rows():
    drawing = charts.draw_bar(chart(*([1, 2] for _each in range(5))))
    words = drawing.labels[-5:]
    assert [label.text for label in words] == [f"S{at}" for at in range(5)]
    assert len({label.y for label in words}) == 2  # 400 wide: three beside each other
    assert drawing.height == 220 + 2 * 18


def test_numbers_and_names_do_not_lie_on_each_other():
    tile = judged([8.0, 12.0, 5.0, 9.0, 10.0], target_text="Target 10")
    drawing = charts.draw_line(tile)
    boxes = []
    for label in drawing.labels:
        wide = text_width(label.text, label.size)
        left = label.x - {"start": 0, "middle": wide / 2, "end": wide}[label.anchor]
        boxes.append(options.Box(left, label.y - label.size, left + wide, label.y))
    for at, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])


def test_letters_of_charts_have_one_size():
    for drawing in (*EVERY[4:], charts.draw_bar(LINES), parts.draw_radar(LINES)):
        assert {label.size for label in drawing.labels} <= {12.0}


def test_drawings_and_charts_of_the_browser_have_the_same_values():
    text = (SCRIPTS / "chart_options.js").read_text()
    table = text.split("STYLE = {")[1].split("};")[0]
    pairs = dict(re.findall(r"(\w+): (\[[^\]]*\]|[\d.]+)", table))
    assert {name: json.loads(value) for name, value in pairs.items()} == {
        "letter": options.LETTER,
        "line": options.LINE,
        "targetLine": options.TARGET_LINE,
        "targetDash": list(options.TARGET_DASH),
        "dotted": list(options.DOTTED),
        "band": options.BAND,
        "running": options.RUNNING,
        "dot": options.DOT,
        "mark": options.MARK,
        "ticks": options.TICKS,
        "named": options.NAMED,
        "nameShare": options.NAME_SHARE,
    }


def test_a_sector_covers_its_share():
    # a quarter ends at the right: centre (80, 80), radius 72
    first = found(parts.draw_pie(pie(1, 3)), "path")[0].get("d")
    assert first == "M80 80L80 8A72 72 0 0 1 152 80Z"


def test_a_whole_is_drawn_as_two_halves():
    path = found(parts.draw_pie(pie(5)), "path")[0].get("d")
    assert path.count("A") == 2


def test_nothing_of_nothing_is_no_sector():
    assert not found(parts.draw_pie(pie(0, 0)), "path")


@pytest.mark.parametrize(
    "draw", [parts.draw_pie, parts.draw_doughnut, parts.draw_funnel]
)
def test_a_negative_part_is_refused(draw):
    with pytest.raises(PayloadError, match="P-1 is negative"):
        draw(pie(2, -1))


def test_a_waterfall_goes_on_where_the_part_before_ended():
    tile = PartsTile(
        "W",
        (
            Part("Start", 100, "100", is_total=True),
            Part("Lost", -40, "-40"),
            Part("End", 60, "60", is_total=True),
        ),
    )
    start, lost, end = found(charts.draw_waterfall(tile), "rect")
    assert lost.get("y") == start.get("y")
    bottom = float(lost.get("y")) + float(lost.get("height"))
    assert float(end.get("y")) == pytest.approx(bottom, abs=0.02)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_no_number_is_refused(bad):
    for make in (
        lambda: gauge(value=bad),
        lambda: chart([bad]),
        lambda: pie(bad),
        lambda: gauge(marks=(Mark("target", bad),)),
    ):
        with pytest.raises(PayloadError, match="not a number"):
            make()


def test_a_course_of_another_length_is_refused():
    with pytest.raises(PayloadError, match="S1 has 1 numbers for 2 categories"):
        chart([1, 2], [1])


def test_a_scale_without_length_is_refused():
    with pytest.raises(PayloadError, match="ends where it starts"):
        gauge(low=5, high=5)


def test_numbers_are_not_made_up():
    """Every number that can be read was given as a text."""
    given = {"82.4", "100", "0", "120"}
    tile = gauge(marks=(Mark("target", 100, "100"),), low_text="0", high_text="120")
    assert set(texts(draw_gauge(tile))) <= given


def test_huge_and_tiny_numbers_stay_within_the_picture():
    for numbers in ([1.7e308, -1.7e308, 1], [1e-300, 0, 2e-300]):
        for draw in (charts.draw_line, charts.draw_bar, charts.draw_sparkline):
            svg = draw(chart(numbers)).as_svg()
            assert "nan" not in svg
            assert "inf" not in svg


@pytest.mark.parametrize(
    ("text", "width"),  # in Roboto, of letters of one pixel
    [("88.0%", 2.69), ("100%", 2.42), ("1.5 M€", 3.08), ("k€", 1.07)],
)
def test_numbers_of_a_scale_have_room_for_their_letters(text, width):
    assert width <= text_width(text, 1) <= 1.2 * width
