"""Positions of the parts of a gauge.

The same as ``static/src/screens/gauge/gauge_geometry.js``; both are tested with one
table, ``static/tests/gauge_cases.json``.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..status import LARGEST, SMALLEST
from .zones import Zone

STEPS = 6  # of a scale, about
ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)
SLACK = 1e-9  # of a step: 0.30000000000000004 / 0.1 is 3
MANY = 8
ARROW = 7.0
LABEL_WIDTH = 5.4  # of a character in a size of 9


@dataclass(frozen=True)
class Scale:
    """Numbers at both ends; ``low`` is always below ``high``."""

    low: float
    high: float


@dataclass(frozen=True)
class Style:
    """A gauge's box and its track, a part of a circle or a straight line.

    Lanes lie beside each other: for a circle they are radii, for a line distances to
    its right, seen from its start.

    :param size: width and height of the box
    :param start: centre of the circle, or start of the line
    :param turn: degrees from which on and by which the circle goes, clockwise from
        the right; None for a line
    :param way: from the line's start to its end
    """

    size: tuple[float, float]
    start: tuple[float, float]
    fill: float
    zone: float
    tick: tuple[float, float]
    label: float
    value: tuple[float, float, float]  # x, y, room
    turn: tuple[float, float] | None = None
    way: tuple[float, float] = (0.0, 0.0)


STYLES = {
    "circular": Style(
        (200, 124), (100, 74), 44, 54, (50, 62), 67, (100, 83, 66), (135, 270)
    ),
    "speedometer": Style(
        (200, 124), (100, 86), 60, 60, (54, 70), 75, (100, 116, 130), (180, 180)
    ),
    "linear": Style((200, 36), (8, 10), 0, 8, (-6, 12), 21, (100, 8, 0), way=(184, 0)),
    "thermometer": Style(
        (110, 160), (55, 104), 0, 11, (-8, 16), 20, (55, 154, 100), way=(0, -90)
    ),
}


def choose_scale(
    usual: Iterable[float | None],
    value: float | None = None,
    *,
    starts_at_zero: bool = False,
) -> Scale:
    """A scale with round ends on which usual numbers use the middle two thirds.

    It starts (or ends) at zero where it would go beyond zero though no usual number
    does; then these may use that end too.

    :param usual: limits of zones, target, baseline, earlier values; None is left out
    :param value: stretches the scale where it lies no further outside than the usual
        numbers are apart; else it is shown beyond the scale
    :param starts_at_zero: also where the usual numbers are far from zero: a length
        is read from zero on
    """
    numbers = [_clean(number) for number in usual if number is not None]
    known = None if value is None else _clean(value)
    if not any(numbers):
        numbers.append(known or 0.0)
    if starts_at_zero:
        numbers.append(0.0)
    low, high = min(numbers), max(numbers)
    reach = high - low
    if known is not None and low - reach <= known <= high + reach:
        low, high = min(low, known), max(high, known)
    if low == high:
        low, high = (0.0, 1.25 * high) if high >= 0 else (1.25 * low, 0.0)
    if low == high:
        return Scale(0.0, 1.0)
    room = (high - low) / 4
    if 0 <= low < room:
        low, high = 0.0, high * 6 / 5
    elif -room < high <= 0:
        low, high = low * 6 / 5, 0.0
    else:
        low, high = low - room, high + room
    step = (high - low) / STEPS
    size = 10.0 ** math.floor(math.log10(step))
    step = size * next(r for r in ROUND_STEPS if step / size <= r + SLACK)
    return Scale(
        math.floor(low / step + SLACK) * step, math.ceil(high / step - SLACK) * step
    )


def _clean(number: float) -> float:
    number = min(max(float(number), -LARGEST), LARGEST)
    return 0.0 if abs(number) < SMALLEST else number


def without_extremes(values: Sequence[float]) -> list[float]:
    """Usual earlier values: of eight or more, all but the two extremes, maybe slips."""
    ordered = sorted(values)
    return ordered[1:-1] if len(ordered) >= MANY else ordered


def scale_position(value: float, scale: Scale) -> tuple[float, int]:
    """Share of the scale up to ``value``, and the side on which it lies beyond.

    :return: 0 to 1; -1 below the scale, 0 on it, 1 above
    """
    if value < scale.low:
        return 0.0, -1
    if value > scale.high:
        return 1.0, 1
    return (value - scale.low) / (scale.high - scale.low), 0


def fill_span(value: float, scale: Scale) -> tuple[float, float]:
    """Shares of the scale between which a value is filled in: from zero on, or from
    the end that is nearest to zero."""
    ends = scale_position(0.0, scale)[0], scale_position(value, scale)[0]
    return min(ends), max(ends)


def zone_spans(zones: Sequence[Zone], scale: Scale) -> list[tuple[float, float, str]]:
    """Shares of the scale that each zone takes, with its colour; zones beyond the
    scale are left out, open ones reach its end."""
    spans = []
    for zone in zones:
        low = 0.0 if zone.low is None else scale_position(zone.low, scale)[0]
        high = 1.0 if zone.high is None else scale_position(zone.high, scale)[0]
        if low < high:
            spans.append((low, high, zone.color))
    return spans


def point(style: str, ratio: float, lane: float) -> tuple[float, float]:
    """Position of a share of the scale on a lane."""
    shape = STYLES[style]
    x, y = shape.start
    across, _along = _axes(shape, ratio)
    if shape.turn:
        return x + lane * across[0], y + lane * across[1]
    return (
        x + ratio * shape.way[0] + lane * across[0],
        y + ratio * shape.way[1] + lane * across[1],
    )


def _axes(
    shape: Style, ratio: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Unit vectors across the track, to higher lanes, and along it, upwards."""
    if shape.turn:
        angle = math.radians(shape.turn[0] + ratio * shape.turn[1])
        across = math.cos(angle), math.sin(angle)
        return across, (-across[1], across[0])
    length = math.hypot(*shape.way)
    along = shape.way[0] / length, shape.way[1] / length
    return (-along[1], along[0]), along


def band(style: str, lane: float, low: float, high: float) -> str:
    """Path along a lane, between two shares of the scale."""
    shape = STYLES[style]
    start, end = (_format_point(point(style, ratio, lane)) for ratio in (low, high))
    if not shape.turn:
        return f"M{start}L{end}"
    is_long = int((high - low) * shape.turn[1] > 180)
    return f"M{start}A{_number(lane)} {_number(lane)} 0 {is_long} 1 {end}"


def tick(style: str, ratio: float) -> str:
    """Path across the track."""
    ends = (_format_point(point(style, ratio, lane)) for lane in STYLES[style].tick)
    return "M" + "L".join(ends)


def needle(ratio: float) -> str:
    """Path from the hub of a speedometer to its zones."""
    shape = STYLES["speedometer"]
    across, along = _axes(shape, ratio)
    (x, y), reach = shape.start, shape.tick[0] - 4
    corners = [
        (x + 4 * along[0], y + 4 * along[1]),
        (x + reach * across[0], y + reach * across[1]),
        (x - 4 * along[0], y - 4 * along[1]),
    ]
    return f"M{'L'.join(map(_format_point, corners))}Z"


def arrow(style: str, side: int) -> str:
    """Path of an arrow at an end of the track, for a value beyond it.

    :param side: -1 = below, 1 = above
    """
    shape = STYLES[style]
    ratio = (1 + side) / 2
    x, y = point(style, ratio, shape.fill)
    across, along = _axes(shape, ratio)
    corners = [
        (x + ARROW * across[0], y + ARROW * across[1]),
        (x + side * ARROW * along[0], y + side * ARROW * along[1]),
        (x - ARROW * across[0], y - ARROW * across[1]),
    ]
    return f"M{'L'.join(map(_format_point, corners))}Z"


@dataclass(frozen=True)
class Anchor:
    """Position of a text: its ``start``, ``middle`` or ``end`` is at ``x``."""

    x: float
    y: float
    anchor: str


def label_anchor(style: str, ratio: float, text: str = "") -> Anchor:
    """Position of the number of a tick, within the box."""
    shape = STYLES[style]
    x, y = point(style, ratio, shape.label)
    across, _along = _axes(shape, ratio)
    anchor = "middle"
    if abs(across[0]) > 0.3:
        anchor = "start" if across[0] > 0 else "end"
    if anchor == "middle":
        half = min(len(text) * LABEL_WIDTH / 2, shape.size[0] / 2)
        x = min(max(x, half), shape.size[0] - half)
    return Anchor(_round_coordinate(x), _round_coordinate(y + 3), anchor)


def value_size(style: str, text: str, unit: str = "") -> float:
    """Size of the letters of the value, so that it fits its room."""
    room = STYLES[style].value[2]
    return _round_coordinate(
        min(26.0, room / (0.66 * max(len(text) + 0.6 * len(unit), 1)))
    )


def _format_point(corner: tuple[float, float]) -> str:
    return f"{_number(corner[0])} {_number(corner[1])}"


def _number(number: float) -> str:
    return f"{_round_coordinate(number):g}"


def _round_coordinate(number: float) -> float:
    """Two digits, halves up as in a browser, and no minus before a zero."""
    return math.floor(number * 100 + 0.5) / 100 + 0.0
