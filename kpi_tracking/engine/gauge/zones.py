"""Colour zones of a gauge: read from text, checked, and brought to a KPI's values."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from odoo.addons.kpi_base.engine.postgres import is_finite

from ..status import BESIDE_RANGE, BEYOND_BAND, DIRECTIONS, RAG, RANGE_BAND

COLORS = ("danger", "warning", "success", "info", "muted")
MEMBERS = {"from", "to", "color", "label"}
STATUS_COLORS = {
    2: ("danger", "warning", "success"),
    4: ("danger", "danger", "warning", "success", "success"),
}
MOST_ZONES = 10
FULL = 100.0  # percent


class ZoneError(ValueError):
    """Zones that cannot be drawn; the text is for whoever wrote them."""


@dataclass(frozen=True)
class Zone:
    """Numbers from ``low`` up to ``high``, which belongs to the next zone.

    :param low, high: None = open
    :param color: one of :data:`COLORS`
    :param label: its own word instead of that of its colour
    """

    low: float | None
    high: float | None
    color: str
    label: str = ""

    def as_json(self) -> dict[str, Any]:
        """As :func:`parse_zones` reads it."""
        own_word = {"label": self.label} if self.label else {}
        return {"from": self.low, "to": self.high, "color": self.color, **own_word}


@dataclass(frozen=True)
class Aim:
    """Numbers that percentages of a zone refer to; None = missing.

    :param direction: ``higher``, ``lower`` or ``range``
    :param low, high: the good values where a range is best
    """

    direction: str = "higher"
    target: float | None = None
    baseline: float | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.direction not in DIRECTIONS:
            raise ZoneError(f'Unknown direction "{self.direction}".')

    @property
    def is_known(self) -> bool:
        """Return whether a value can be judged by it."""
        if self.direction == "range":
            return self.low is not None or self.high is not None
        return self.target is not None


def status_zones(
    thresholds: Sequence[float] = RAG.thresholds, labels: Sequence[str] = ()
) -> tuple[Zone, ...]:
    """Zones of a KPI's status, in percent of its target, worst first.

    :param thresholds: two or four numbers, best first, as ``engine.status`` has them
    :param labels: words of the bands, best first; without them those of the colours
    """
    limits = [None, *reversed(thresholds), None]
    colors = STATUS_COLORS[len(thresholds)]
    words = [*reversed(labels)] or [""] * len(colors)
    return tuple(map(Zone, limits[:-1], limits[1:], colors, words))


def parse_zones(text: str) -> tuple[Zone, ...]:
    """Zones of a JSON text: a list of ``{"from", "to", "color"}``, lowest first.

    Only the first may be open below and the last above (null, or left out); each ends
    where the next one starts.

    :raises ZoneError: another shape, something that is no number, overlap, gap
    """
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ZoneError(f"The zones are not valid JSON: {error}.") from error
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ZONES:
        raise ZoneError(f"Give a list of 1 to {MOST_ZONES} zones.")
    zones = tuple(_zone(number, row) for number, row in enumerate(rows, 1))
    for number, (zone, following) in enumerate(zip(zones, zones[1:], strict=False), 1):
        if zone.high is None or following.low is None:
            raise ZoneError(
                f"Enter the number that separates zone {number} and zone {number + 1}."
            )
        if following.low < zone.high:
            raise ZoneError(
                f"Zone {number + 1} starts at {following.low:g}, but zone {number} ends"
                f" at {zone.high:g}: they overlap."
            )
        if following.low > zone.high:
            raise ZoneError(
                f"There is a gap between {zone.high:g} (end of zone {number}) and "
                f"{following.low:g} (start of zone {number + 1})."
            )
    return zones


def _zone(number: int, row: Any) -> Zone:
    if not isinstance(row, dict) or set(row) - MEMBERS:
        raise ZoneError(
            f'Zone {number}: give "from", "to" and "color", and "label" if you like.'
        )
    color = row.get("color")
    if color not in COLORS:
        raise ZoneError(
            f"Zone {number}: {color!r} is not a color. Use one of {', '.join(COLORS)}."
        )
    label = row.get("label", "")
    if not isinstance(label, str):
        raise ZoneError(f"Zone {number}: the label must be a text.")
    low, high = (_limit(number, name, row.get(name)) for name in ("from", "to"))
    if low is not None and high is not None and low >= high:
        raise ZoneError(
            f"Zone {number} starts at {low:g}, which is not below its end {high:g}."
        )
    return Zone(low, high, color, label.strip())


def _limit(number: int, name: str, limit: Any) -> float | None:
    if limit is None:
        return None
    is_number = isinstance(limit, int | float) and not isinstance(limit, bool)
    if not is_number or not is_finite(limit):
        raise ZoneError(f'Zone {number}, "{name}": {limit!r} is not a number.')
    return float(limit)


def zones_of_values(zones: Sequence[Zone], aim: Aim) -> tuple[Zone, ...]:
    """Zones given in percent of the target as zones of values, lowest value first.

    The inverse of :func:`engine.status.achievement`: where lower is better the colours
    change sides, where a range is best they lie on both of its sides. What no value
    reaches is left out.

    :return: nothing where there is no target
    """
    if not aim.is_known:
        return ()
    if aim.direction == "range":
        return _zones_around(zones, aim)
    is_higher = aim.direction == "higher"
    worst, best = (-math.inf, math.inf) if is_higher else (math.inf, -math.inf)
    found = []
    for zone in zones if is_higher else reversed(zones):
        ends = (
            worst if zone.low is None else _value_at(zone.low / FULL, aim),
            best if zone.high is None else _value_at(zone.high / FULL, aim),
        )
        low, high = map(_finite_or_none, sorted(ends))
        if ends[0] != ends[1]:
            found.append(Zone(low, high, zone.color, zone.label))
    return tuple(found)


def _value_at(share: float, aim: Aim) -> float:
    """The value that reaches ``share`` of the target; infinite where none does."""
    sign = 1.0 if aim.direction == "higher" else -1.0
    target, baseline = aim.target, aim.baseline
    if baseline is not None and sign * (target - baseline) > 0:
        return baseline + share * (target - baseline)
    if target == 0:
        return sign * math.inf if share > 1 else 0.0 if share > 0 else -sign * math.inf
    if aim.direction == "higher":
        return target * share if target > 0 else target * (2 - share)
    if target < 0:
        return target * share
    return target / share if share > 0 else math.inf


def _zones_around(zones: Sequence[Zone], aim: Aim) -> tuple[Zone, ...]:
    below, middle, above = [], [], []
    for zone in zones:
        if zone.low is not None and zone.low > FULL:
            continue  # nothing reaches more than the range
        far = math.inf if zone.low is None else _distance(zone.low, aim)
        if zone.high is None or zone.high > FULL:
            middle = [(_shift(aim.low, -far), _shift(aim.high, far), zone)]
            continue
        near = _distance(zone.high, aim)
        if near < far and aim.low is not None:
            below.append((_shift(aim.low, -far), _shift(aim.low, -near), zone))
        if near < far and aim.high is not None:
            above.append((_shift(aim.high, near), _shift(aim.high, far), zone))
    spans = (*below, *middle, *reversed(above))
    return tuple(
        Zone(low, high, zone.color, zone.label)
        for low, high, zone in spans
        if low is None or low != high
    )


def _distance(percent: float, aim: Aim) -> float:
    """Distance outside the range that gives ``percent``; infinite = nowhere."""
    low, high = aim.low, aim.high
    if low is None or high is None or high <= low:
        end = abs(low if low is not None else high)
        if end == 0:
            return 0.0 if percent > 0 else math.inf
        return (1 - percent / FULL) * end
    if percent <= 0:
        return math.inf
    if percent >= BESIDE_RANGE:
        share = 0.0
    elif percent >= BEYOND_BAND:
        share = RANGE_BAND * (BESIDE_RANGE - percent) / (BESIDE_RANGE - BEYOND_BAND)
    else:
        share = RANGE_BAND + (1 - RANGE_BAND) * (1 - percent / BEYOND_BAND)
    return share * (high - low)


def _shift(end: float | None, distance: float) -> float | None:
    return None if end is None else _finite_or_none(end + distance)


def _finite_or_none(number: float) -> float | None:
    return number if math.isfinite(number) else None
