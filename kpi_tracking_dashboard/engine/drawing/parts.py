"""Shapes around a centre, and the funnel: parts of a whole, achievements of KPIs."""

import math

from odoo.addons.kpi_base.engine import palette

from .options import BAND, LETTER, LINE
from .payload import ChartTile, Part, PartsTile, PayloadError
from .svg import (
    PRINT,
    Colors,
    Drawing,
    Label,
    draw_legend,
    element,
    join_pairs,
    number,
    square,
)

WIDTH = 320.0
CENTRE, RADIUS, HOLE = (80.0, 80.0), 72.0, 42.0
LEGEND_LEFT, LEGEND_STEP = 172.0, 20.0
FUNNEL_STEP, FUNNEL_MIDDLE, FUNNEL_WIDTH = 30.0, 74.0, 140.0
FUNNEL_NAMES, FUNNEL_NAME_ROOM = 154.0, 110.0
NAME_ROOM = 84.0
MIN_AXES = 3  # fewer have no shape
RADAR_NAMES, RADAR_NAME_LINE = 72.0, 30.0  # least room beside and above the shape
RADAR_HEIGHT, RADAR_GAP = 190.0, 14.0  # least height; from the shape to its names
RINGS = 4
FULL = 1 - 1e-9  # of a turn: one arc cannot go all the way round


def draw_pie(tile: PartsTile, colors: Colors = PRINT) -> Drawing:
    """A sector per part, clockwise from the top.

    :raises PayloadError: a negative part, which is no share of a whole
    """
    return _round(tile, 0.0, colors)


def draw_doughnut(tile: PartsTile, colors: Colors = PRINT) -> Drawing:
    """As a pie, with a hole."""
    return _round(tile, HOLE, colors)


def draw_funnel(tile: PartsTile, colors: Colors = PRINT) -> Drawing:
    """A step per part, as wide as its number; names at its side, numbers within.

    :raises PayloadError: a negative step
    """
    _check_not_negative(tile)
    largest = max((part.value for part in tile.parts), default=0.0) or 1.0
    shapes, labels = [], []
    for at, part in enumerate(tile.parts):
        width = max(FUNNEL_WIDTH * part.value / largest, 1.0)
        top = 4 + at * FUNNEL_STEP
        box = {"x": FUNNEL_MIDDLE - width / 2, "y": top, "width": width}
        fill = colors.of_series(0)
        paler = 1 - 0.6 * at / max(len(tile.parts), 1)
        shapes.append(
            element("rect", **box, height=FUNNEL_STEP - 4, fill=fill, opacity=paler)
        )
        middle = 4 + (at + 0.5) * FUNNEL_STEP
        labels += _row(part, middle, FUNNEL_NAMES, colors, FUNNEL_NAME_ROOM)
    height = 8 + len(tile.parts) * FUNNEL_STEP
    return _drawing(tile, height, shapes, labels)


def _round(tile: PartsTile, hole: float, colors: Colors) -> Drawing:
    _check_not_negative(tile)
    total = math.fsum(part.value for part in tile.parts)
    shapes, labels, turned = [], [], 0.0
    for at, part in enumerate(tile.parts):
        color = colors.of_series(at)
        share = part.value / total if total else 0.0
        if share > 0:
            path = _sector(turned, turned + share, hole)
            look = {"stroke": palette.PAPER, "stroke_width": 1, "fill_rule": "evenodd"}
            shapes.append(element("path", d=path, fill=color, **look))
        turned += share
        y = 20 + at * LEGEND_STEP
        shapes.append(square(LEGEND_LEFT, y - 8, color))
        labels += _row(part, y, LEGEND_LEFT + 14, colors)
    height = max(160.0, 20 + len(tile.parts) * LEGEND_STEP)
    return _drawing(tile, height, shapes, labels)


def _sector(start: float, stop: float, hole: float) -> str:
    """Path between two shares of a turn; the whole ring as two halves."""
    if stop - start >= FULL:
        middle = start + 0.5
        return _sector(start, middle, hole) + _sector(middle, start + 1.0, hole)
    is_long = int(stop - start > 0.5)
    outer = f"A{number(RADIUS)} {number(RADIUS)} 0 {is_long} 1 {_at(stop, RADIUS)}"
    if not hole:
        return f"M{number(CENTRE[0])} {number(CENTRE[1])}L{_at(start, RADIUS)}{outer}Z"
    inner = f"A{number(hole)} {number(hole)} 0 {is_long} 0 {_at(start, hole)}"
    return f"M{_at(start, RADIUS)}{outer}L{_at(stop, hole)}{inner}Z"


def _at(turn: float, radius: float) -> str:
    x, y = _turned(CENTRE, turn, radius)
    return f"{number(x)} {number(y)}"


def _turned(
    centre: tuple[float, float], turn: float, radius: float
) -> tuple[float, float]:
    """A share of a turn from the top on, clockwise."""
    angle = 2 * math.pi * turn
    return centre[0] + radius * math.sin(angle), centre[1] - radius * math.cos(angle)


def _row(
    part: Part, y: float, left: float, colors: Colors, room: float = NAME_ROOM
) -> list[Label]:
    """Name and number of a part, both ends of a line."""
    look = {"size": LETTER, "color": colors.ink}
    return [
        Label(part.name, left, y, "start", room=room, is_word=True, **look),
        Label(part.text, WIDTH - 4, y, "end", **look),
    ]


def _drawing(
    tile: PartsTile, height: float, shapes: list[str], labels: list[Label]
) -> Drawing:
    said = join_pairs((part.name, part.text) for part in tile.parts)
    return Drawing(tile.title, WIDTH, height, tuple(shapes), tuple(labels), said)


def _check_not_negative(tile: PartsTile) -> None:
    for part in tile.parts:
        if part.value < 0:
            raise PayloadError(
                f"{tile.title}: {part.name} is negative and no part of a whole."
                " Show the numbers as bars."
            )


def draw_radar(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """A ring per level and an axis per category, from the top clockwise.

    A number that is missing has no corner: its neighbours are joined.
    """
    high = max([0.0, *tile.numbers(), *(level for level, _text in tile.ticks)]) or 1.0
    count = len(tile.categories)
    width, height = tile.size[0], max(tile.size[1], RADAR_HEIGHT)
    x, y = width / 2, height / 2 + 2
    radius = max(min(x - RADAR_NAMES, y - RADAR_NAME_LINE), RADAR_NAME_LINE)

    def corner(at: int, share: float) -> tuple[float, float]:
        return _turned((x, y), at / count, radius * share)

    named = [(level, text) for level, text in tile.ticks if level > 0]
    levels = [level for level, _text in named]
    levels = levels or [high * ring / RINGS for ring in range(1, RINGS + 1)]
    line = {"stroke": colors.line, "stroke_width": 1}
    shapes = [
        _polygon([corner(at, level / high) for at in range(count)], fill="none", **line)
        for level in levels
    ]
    for at in range(count):
        end = dict(zip(("x2", "y2"), corner(at, 1.0), strict=True))
        shapes.append(element("line", x1=x, y1=y, **end, **line))
    for place, series in enumerate(tile.series):
        color = colors.of_series(place)
        corners = [
            corner(at, max(value, 0.0) / high)
            for at, value in enumerate(series.values)
            if value is not None
        ]
        look = {
            "fill": color,
            "fill_opacity": BAND,
            "stroke": color,
            "stroke_width": LINE,
        }
        shapes.append(_polygon(corners, **look))
        shapes += [element("circle", cx=a, cy=b, r=2, fill=color) for a, b in corners]
    labels = []
    for at, name in enumerate(tile.categories):
        left, top = corner(at, 1 + RADAR_GAP / radius)
        anchor = "middle" if abs(left - x) < 1 else "start" if left > x else "end"
        look = {"room": x - radius, "is_word": True, "color": colors.faint}
        labels.append(Label(name, left, top + 3, anchor, LETTER, **look))
    labels += (
        Label(
            text,
            x + 3,
            y - radius * level / high - 2,
            "start",
            LETTER,
            color=colors.faint,
        )
        for level, text in named
        if level < high  # there stands the name of an axis
    )
    names = [series.name for series in tile.series]
    legend, words, below = draw_legend(names, width, height, colors)
    said = []
    for series in tile.series:
        pairs = zip(tile.categories, series.texts, strict=False)
        said.append(f"{series.name}: {join_pairs(pair for pair in pairs if pair[1])}")
    return Drawing(
        tile.title,
        width,
        height + below,
        (*shapes, *legend),
        (*labels, *words),
        "; ".join(said),
    )


def _polygon(corners: list[tuple[float, float]], **look: float | str) -> str:
    points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
    return element("polygon", points=points, **look)
