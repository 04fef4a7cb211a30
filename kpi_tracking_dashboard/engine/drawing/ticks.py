"""Numbers beside the scale of a chart."""

import math
from collections.abc import Iterable, Sequence

from odoo.addons.kpi_tracking.engine.gauge.geometry import choose_scale

from .payload import ChartTile

STEPS = 4  # of a scale, about
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
SLACK = 1e-9


def ticks(numbers: Iterable[float], *, has_zero: bool = False) -> tuple[float, ...]:
    """Round numbers at equal distances that reach around all of ``numbers``.

    :param has_zero: also around zero, where lengths are read
    :return: lowest first, at least two; none where there are no numbers
    """
    known = list(numbers)
    if not known:
        return ()
    low, high = min(known), max(known)
    if has_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        scale = choose_scale([low])
        low, high = scale.low, scale.high
    step = _round_step((high / STEPS) - (low / STEPS))
    first = math.floor(low / step + SLACK)
    last = math.ceil(high / step - SLACK)
    return tuple(place * step for place in range(first, last + 1))


def numbers_on_scale(tile: ChartTile, *, is_stacked: bool = False) -> Sequence[float]:
    """All numbers that the scale of a chart has to hold."""
    if not is_stacked:
        return list(tile.numbers())
    ends = [target for target in tile.targets if target is not None]
    for at in range(len(tile.categories)):
        column = [series.values[at] or 0.0 for series in tile.series]
        ends.append(math.fsum(value for value in column if value > 0))
        ends.append(math.fsum(value for value in column if value < 0))
    return ends


def _round_step(step: float) -> float:
    size = 10.0 ** math.floor(math.log10(step))
    return size * next(r for r in ROUND if step / size <= r + SLACK)
