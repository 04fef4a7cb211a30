"""Targets to choose from, by the values that a KPI has had."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

MIN_VALUES = 6  # of fewer nobody can say what is reached now and then
STEPS = (0.0, 0.05, 0.15)  # better than the usual value, where little is known
REACHED = (1 / 2, 2 / 3, 9 / 10)  # shares of the periods that are no better
DIGITS = 2  # of a number that people set themselves


def suggest_targets(
    values: Sequence[float],
    direction: Literal["higher", "lower"],
    *,
    decimals: int = 0,
    limit: float | None = None,
) -> list[float]:
    """Up to three targets: as usual, realistic, ambitious.

    The usual value is the median. A realistic target is reached by every third period,
    an ambitious one by every tenth; with fewer than ``MIN_VALUES`` values they are 5%
    and 15% better than the median, which they are at least.

    :param values: of closed periods in any order; NaN = no data, left out
    :param direction: which values are better
    :param decimals: of the KPI: no target is finer
    :param limit: the best value there can be; None = no such value
    :return: each better than the one before; empty without values or where the usual
        value is 0, of which nothing follows
    """
    known = np.array([value for value in values if math.isfinite(value)])
    level = float(np.median(known)) if len(known) else 0.0
    if not level:
        return []
    sign = 1 if direction == "higher" else -1
    best = limit if limit is not None else math.inf * sign
    unit = 10.0**-decimals
    targets: list[float] = []
    for step, share in zip(STEPS, REACHED, strict=True):
        target = level + sign * step * abs(level)
        if len(known) >= MIN_VALUES:
            reached = float(np.quantile(known, share if sign > 0 else 1 - share))
            target = sign * max(sign * target, sign * reached)
        number = _round(target, sign if targets else 0, unit)
        if targets and sign * (number - targets[-1]) <= 0:
            number = round(targets[-1] + sign * unit, decimals)
        number = sign * min(sign * number, sign * best)
        if not targets or sign * (number - targets[-1]) > 0:
            targets.append(number)
    return targets


def _round(number: float, sign: int, unit: float) -> float:
    """A number of two digits, or in whole ``unit``; up or down by ``sign``."""
    if not number:
        return 0.0
    step = max(10.0 ** (math.floor(math.log10(abs(number))) + 1 - DIGITS), unit)
    scaled = number / step
    whole = round(scaled)
    # 0.87 is 87 steps, not 86.99999999
    if sign and abs(scaled - whole) > 1e-9 * max(1.0, abs(scaled)):
        whole = math.ceil(scaled) if sign > 0 else math.floor(scaled)
    return round(whole * step, max(0, -math.floor(math.log10(step))))
