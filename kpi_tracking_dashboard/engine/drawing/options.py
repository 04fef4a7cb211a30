"""Values of all charts: those of ``kpi_tracking/static/src/charts/chart_options.js``.

A test compares the two. Lengths are pixels of a page that is drawn in its own size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LETTER = 12.0
LINE = 2.0
TARGET_LINE, TARGET_DASH = 1.3, (5, 3)
DOTTED = (2, 4)  # of forecasts, and up to the running period
BAND = 0.13  # opacity of the range of a forecast
RUNNING = 0.5  # opacity of bars of the running period
HALO = 0.8  # opacity of the ground of a number
DOT, MARK = 2.0, 4.5  # radius of a lonely point; of the last and of the worst one
TICKS = 5  # of a scale, at most
NAMED = 5  # series that are named at their ends, at most
NAME_SHARE = 0.33  # of the width, for these names

LINE_HEIGHT = 16.0
GAP, NAME_GAP = 8.0, 12.0  # from a point to its number, from a line to its name
SWATCH = (8.0, 3.0)  # a mark in the colour of a series
POOR = {"off_target": "danger", "at_risk": "warning"}


def dashes(lengths: Sequence[float]) -> str:
    """Lengths of a stroke and of a gap, as SVG takes them."""
    return " ".join(f"{length:g}" for length in lengths)


@dataclass(frozen=True)
class Box:
    """A place that words take."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def spread(
    heights: Sequence[float], line: float, top: float, bottom: float
) -> list[float]:
    """Where lines of writing stand that want to be at some heights: none on another.

    :param line: height of one
    :return: in the order of ``heights``
    """
    order = sorted(range(len(heights)), key=lambda at: heights[at])
    placed = list(heights)
    free = top
    for at in order:
        placed[at] = max(heights[at], free)
        free = placed[at] + line
    last = bottom
    for at in reversed(order):
        placed[at] = min(placed[at], last)
        last = placed[at] - line
    return placed


def worst_place(
    values: Sequence[float | None],
    targets: Sequence[float | None],
    statuses: Sequence[str],
    *,
    is_running: bool = False,
) -> int | None:
    """The point that missed its target by most; None where none did."""
    last = len(values) - 1
    missed = []
    for at, (value, status) in enumerate(zip(values, statuses, strict=False)):
        if status not in POOR or value is None or (is_running and at == last):
            continue
        aim = targets[at] if targets else None
        share = 0.0 if aim is None else abs(value - aim) / (abs(aim) or 1)
        missed.append((share, at))
    return max(missed)[1] if missed else None


Corners = Sequence[tuple[float, float]]  # of a line, from left to right


def place_number(
    point: tuple[float, float],
    width: float,
    area: Box,
    lines: Sequence[Corners],
    taken: Sequence[Box],
    *,
    is_above: bool = False,
) -> Box | None:
    """Where the number of a point stands: above it or below, on fewer lines.

    :param taken: places of other words
    :param is_above: whether it cannot stand below, as the number of a bar
    :return: None where all places are taken
    """
    x, y = point
    left = min(max(x - width / 2, area.left), area.right - width)
    tops = (y - 2 - LINE_HEIGHT,) if is_above else (y - GAP - LINE_HEIGHT, y + GAP)
    boxes = [Box(left, top, left + width, top + LINE_HEIGHT) for top in tops]
    free = [
        box
        for box in boxes
        if area.top <= box.top
        and box.bottom <= area.bottom
        and not any(box.overlaps(other) for other in taken)
    ]
    return min(
        free, key=lambda box: sum(_crosses(box, line) for line in lines), default=None
    )


def _crosses(box: Box, line: Corners) -> bool:
    """Whether a line goes through a box."""
    within = [y for x, y in line if box.left < x < box.right]
    ends = [_height_at(line, x) for x in (box.left, box.right)]
    heights = [*within, *(y for y in ends if y is not None)]
    return bool(heights) and min(heights) < box.bottom and max(heights) > box.top


def _height_at(line: Corners, x: float) -> float | None:
    for (left, top), (right, bottom) in zip(line, line[1:], strict=False):
        if left <= x <= right:
            share = (x - left) / ((right - left) or 1)
            return top + share * (bottom - top)
    return None
