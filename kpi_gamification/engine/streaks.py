"""Streaks of many KPIs at once: a fold over how their periods went."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Freezes:
    """What a streak survives: a miss spends one.

    :param every: hits that earn a freeze; 0 = none are earned
    :param most: freezes that somebody can have at a time
    """

    every: int = 0
    most: int = 0


@dataclass(frozen=True)
class Streaks:
    """Where each KPI stands after its last period; arrays of integers, one per KPI.

    :param current: hits since the last miss that was not frozen
    :param best: the longest there was
    :param start: place of the first period of the current one; -1 = there is none
    :param last: place of the last hit; -1 = there is none
    :param freezes: freezes left
    """

    current: np.ndarray
    best: np.ndarray
    start: np.ndarray
    last: np.ndarray
    freezes: np.ndarray


def fold(
    periods: Iterable[tuple[np.ndarray, np.ndarray]],
    count: int,
    freezes: Freezes = Freezes(),
) -> Streaks:
    """Work out the streaks of ``count`` KPIs.

    :param periods: of each, oldest first, which KPIs reached it and which missed it:
        two boolean arrays; what is neither adds to no streak and ends none
    """
    current, best, left, toward = np.zeros((4, count), np.int32)
    start, last = np.full((2, count), -1, np.int32)
    for place, (is_hit, is_miss) in enumerate(periods):
        is_frozen = is_miss & (left > 0)
        is_broken = is_miss & ~is_frozen
        left -= is_frozen
        start[is_hit & (current == 0)] = place
        last[is_hit] = place
        current += is_hit
        toward += is_hit
        start[is_broken] = -1
        current[is_broken] = toward[is_broken] = 0
        np.maximum(best, current, out=best)
        if freezes.every:
            is_earned = is_hit & (toward >= freezes.every)
            toward[is_earned] = 0
            left[is_earned & (left < freezes.most)] += 1
    return Streaks(current, best, start, last, left)
