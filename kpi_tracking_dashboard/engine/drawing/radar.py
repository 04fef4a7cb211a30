"""Achievements of several KPIs as a shape around a centre."""

import math
from collections.abc import Iterator

from .payload import ChartTile
from .svg import PRINT, Colors, Drawing, Label, element, number

MIN_AXES = 3  # fewer have no shape
WIDTH, HEIGHT = 360.0, 220.0
CENTRE, RADIUS = (180.0, 112.0), 82.0
NAME_ROOM = 104.0
LETTER = 9.0
RINGS = 4
LEGEND = 16.0


def draw_radar(tile: ChartTile, colors: Colors = PRINT) -> Drawing:
    """A ring per level and an axis per category, from the top clockwise.

    A number that is missing has no corner: its neighbours are joined.
    """
    high = max([0.0, *tile.numbers(), *(level for level, _text in tile.ticks)]) or 1.0
    count = len(tile.categories)
    levels = [level for level, _text in tile.ticks if level > 0]
    levels = levels or [high * ring / RINGS for ring in range(1, RINGS + 1)]
    shapes = [
        _polygon([_corner(at, count, level / high) for at in range(count)], colors.line)
        for level in levels
    ]
    shapes += [
        element(
            "line",
            **dict(zip(("x1", "y1", "x2", "y2"), (*CENTRE, *end), strict=True)),
            stroke=colors.line,
            stroke_width=1,
        )
        for end in (_corner(at, count, 1.0) for at in range(count))
    ]
    for place, series in enumerate(tile.series):
        color = colors.of_series(place)
        corners = [
            _corner(at, count, max(value, 0.0) / high)
            for at, value in enumerate(series.values)
            if value is not None
        ]
        shapes.append(_polygon(corners, color, is_filled=True))
        shapes += [element("circle", cx=x, cy=y, r=2, fill=color) for x, y in corners]
    labels = [
        *_names(tile, colors),
        *(
            Label(text, CENTRE[0] + 3, CENTRE[1] - RADIUS * level / high - 2, "start")
            for level, text in tile.ticks
            if level > 0
        ),
    ]
    legend = _legend(tile, colors) if len(tile.series) > 1 else ([], [])
    return Drawing(
        tile.title,
        WIDTH,
        HEIGHT + (LEGEND if legend[0] else 0),
        (*shapes, *legend[0]),
        (*labels, *legend[1]),
        "; ".join(
            f"{series.name}: "
            + ", ".join(
                f"{name} {text}"
                for name, text in zip(tile.categories, series.texts, strict=False)
                if text
            )
            for series in tile.series
        ),
    )


def _corner(at: int, count: int, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * at / count
    x, y = CENTRE
    return x + RADIUS * share * math.sin(angle), y - RADIUS * share * math.cos(angle)


def _polygon(
    corners: list[tuple[float, float]], color: str, *, is_filled: bool = False
) -> str:
    return element(
        "polygon",
        points=" ".join(f"{number(x)},{number(y)}" for x, y in corners),
        fill=color if is_filled else "none",
        fill_opacity=0.2 if is_filled else None,
        stroke=color,
        stroke_width=2 if is_filled else 1,
    )


def _names(tile: ChartTile, colors: Colors) -> Iterator[Label]:
    count = len(tile.categories)
    for at, name in enumerate(tile.categories):
        x, y = _corner(at, count, 1.12)
        side = x - CENTRE[0]
        anchor = "middle" if abs(side) < 1 else "start" if side > 0 else "end"
        look = {"room": NAME_ROOM, "is_word": True, "color": colors.faint}
        yield Label(name, x, y + 3, anchor, LETTER, **look)


def _legend(tile: ChartTile, colors: Colors) -> tuple[list[str], list[Label]]:
    room = WIDTH / len(tile.series)
    shapes, labels = [], []
    for place, series in enumerate(tile.series):
        box = {"x": place * room, "y": HEIGHT + 2, "width": 9, "height": 9}
        shapes.append(element("rect", **box, fill=colors.of_series(place)))
        look = {"room": room - 16, "is_word": True, "color": colors.ink}
        left = place * room + 13
        labels.append(Label(series.name, left, HEIGHT + 10, "start", LETTER, **look))
    return shapes, labels
