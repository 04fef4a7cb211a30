"""Gauges: the same drawings as ``static/src/gauge``, for where no browser is."""

from collections.abc import Sequence

from odoo.addons.kpi_tracking.engine.gauge import geometry
from odoo.addons.kpi_tracking.engine.gauge.geometry import STYLES

from .payload import GaugeTile, Mark
from .svg import (
    CHIP_BASELINE,
    CHIP_HEIGHT,
    PRINT,
    Colors,
    Drawing,
    Label,
    element,
    status_chip,
)

NEAR = 0.22  # of the scale: two numbers closer than this would touch
CHIP_GAP = 4  # above the chip of the status
TRACK = 10
ZONE = {"speedometer": 12}
BASELINE = {"stroke_dasharray": "2.5 2"}
STRIPES = "4 2"  # a period that is still running
PALER = 0.6


def draw_gauge(tile: GaugeTile, colors: Colors = PRINT) -> Drawing:
    """A gauge with its status in words below; without a value an empty one."""
    shape = STYLES[tile.style]
    width, height = shape.size
    places = (
        (mark, geometry.scale_position(mark.value, tile.scale)) for mark in tile.marks
    )
    marks = [(mark, ratio) for mark, (ratio, beyond) in places if not beyond]
    looks = {
        "target": {"stroke": colors.ink, "stroke_width": 2},
        "baseline": {"stroke": colors.ink, "stroke_width": 1.5, **BASELINE},
        "whole": {"stroke": colors.target, "stroke_width": 1},
    }
    shapes = [*_track(tile, colors), *_value(tile, colors)]
    for mark, ratio in marks:
        path = geometry.tick(tile.style, ratio)
        shapes.append(element("path", d=path, **looks[mark.kind]))
    labels = _numbers(tile, marks, colors)
    number = f"{tile.number}{tile.unit}"
    bold = {"is_bold": True, "color": colors.ink}
    x, y, room = shape.value
    if room:
        size = geometry.value_size(tile.style, number)
        labels.append(Label(number, x, y, size=size, **bold))
    is_line = tile.style == "linear"
    if is_line:  # beside its status
        baseline = height + CHIP_GAP + CHIP_BASELINE
        labels.append(Label(number, width - 4, baseline, "end", 12, **bold))
    if tile.status:
        # In the middle, at the side of a line.
        place = {"x": 0.0, "anchor": "start", "room": width * 0.6}
        if not is_line:
            place = {"x": width / 2, "anchor": "middle", "room": width}
        chip, word = status_chip(
            tile.status, tile.tone, top=height + CHIP_GAP, colors=colors, **place
        )
        shapes += chip
        labels.append(word)
    return Drawing(
        tile.title,
        width,
        height + (CHIP_GAP + CHIP_HEIGHT if tile.status else 0),
        tuple(shapes),
        tuple(labels),
        ", ".join(filter(None, [number, tile.status])),
    )


def _stroke(path: str, color: str, width: float, **attributes) -> str:
    return element(
        "path", d=path, fill="none", stroke=color, stroke_width=width, **attributes
    )


def _track(tile: GaugeTile, colors: Colors) -> list[str]:
    shape = STYLES[tile.style]
    shapes = []
    if tile.style != "speedometer":
        path = geometry.band(tile.style, shape.fill, 0, 1)
        shapes.append(_stroke(path, colors.track, TRACK))
    for low, high, color in geometry.zone_spans(tile.zones, tile.scale):
        path = geometry.band(tile.style, shape.zone, low, high)
        width = ZONE.get(tile.style, 4)
        shapes.append(_stroke(path, getattr(colors, color), width))
    return shapes


def _value(tile: GaugeTile, colors: Colors) -> list[str]:
    tone = getattr(colors, tile.tone) if tile.tone else colors.of_series(0)
    pale = {"opacity": PALER} if tile.is_running else {}
    shapes = []
    if tile.style == "thermometer":
        bulb = element("circle", cx=55, cy=114, r=12, fill=tone, **pale)
        shapes.append(bulb)
    if tile.value is None:
        return shapes
    ratio, beyond = geometry.scale_position(tile.value, tile.scale)
    if tile.style == "speedometer":
        needle = geometry.needle(ratio)
        shapes.append(element("path", d=needle, fill=colors.ink, **pale))
    elif tile.style == "linear" and not tile.low <= 0 <= tile.high:
        # A length is read from zero on: where zero is not on the scale a pointer.
        shapes.append(_stroke(geometry.tick(tile.style, ratio), tone, 6))
    else:
        ends = geometry.fill_span(tile.value, tile.scale)
        path = geometry.band(tile.style, STYLES[tile.style].fill, *ends)
        stripes = {"stroke_dasharray": STRIPES} if tile.is_running else {}
        shapes.append(_stroke(path, tone, TRACK, **stripes, **pale))
    if beyond:
        arrow = geometry.arrow(tile.style, beyond)
        shapes.append(element("path", d=arrow, fill=colors.ink))
    return shapes


def _numbers(
    tile: GaugeTile, marks: Sequence[tuple[Mark, float]], colors: Colors
) -> list[Label]:
    """Numbers of the marks, and of the ends that are not too near to one."""
    named = [(mark.text, ratio) for mark, ratio in marks if mark.text]
    ends = [
        (text, ratio)
        for text, ratio in ((tile.low_text, 0.0), (tile.high_text, 1.0))
        if text and all(abs(ratio - other) > NEAR for _text, other in named)
    ]
    labels = []
    for text, ratio in (*named, *ends):
        spot = geometry.label_anchor(tile.style, ratio, text)
        is_mark = (text, ratio) in named
        look = {"is_bold": is_mark, "color": colors.ink if is_mark else colors.faint}
        labels.append(Label(text, spot.x, spot.y, spot.anchor, **look))
    return labels
