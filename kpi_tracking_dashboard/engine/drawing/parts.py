"""Parts of a whole, pie and doughnut, and the funnel, each with its names beside it."""

import math

from odoo.addons.kpi_base.engine import palette

from .payload import Part, PartsTile, PayloadError
from .svg import PRINT, Colors, Drawing, Label, element, number

WIDTH = 320.0
CENTRE, RADIUS, HOLE = (80.0, 80.0), 72.0, 42.0
LEGEND_LEFT, LEGEND_STEP = 172.0, 18.0
LETTER = 10.0
FUNNEL_STEP, FUNNEL_MIDDLE, FUNNEL_WIDTH = 30.0, 74.0, 140.0
FUNNEL_NAMES, FUNNEL_NAME_ROOM = 154.0, 110.0
NAME_ROOM = 84.0
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
        box = {"x": LEGEND_LEFT, "y": y - 8, "width": 9, "height": 9}
        shapes.append(element("rect", **box, fill=color))
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
    angle = 2 * math.pi * turn
    x = CENTRE[0] + radius * math.sin(angle)
    y = CENTRE[1] - radius * math.cos(angle)
    return f"{number(x)} {number(y)}"


def _row(
    part: Part, y: float, left: float, colors: Colors, room: float = NAME_ROOM
) -> list[Label]:
    """Name and number of a part, both ends of a line."""
    name = Label(
        part.name,
        left,
        y,
        "start",
        LETTER,
        room=room,
        is_word=True,
        color=colors.ink,
    )
    spot = {"x": WIDTH - 4, "y": y, "anchor": "end", "size": LETTER}
    return [name, Label(part.text, **spot, color=colors.ink)]


def _drawing(
    tile: PartsTile, height: float, shapes: list[str], labels: list[Label]
) -> Drawing:
    said = ", ".join(f"{part.name} {part.text}" for part in tile.parts)
    return Drawing(tile.title, WIDTH, height, tuple(shapes), tuple(labels), said)


def _check_not_negative(tile: PartsTile) -> None:
    for part in tile.parts:
        if part.value < 0:
            raise PayloadError(
                f"{tile.title}: {part.name} is negative and no part of a whole."
                " Show the numbers as bars."
            )
