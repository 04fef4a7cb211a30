"""Streaks of many KPIs at once: a fold over the columns of texts.

Each text says how a KPI's periods went, oldest first: ``h`` reached, ``m`` missed; all
else (``x`` excused, ``p`` waiting for approval) neither adds to a streak nor ends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

HIT, MISS, EXCUSED, PENDING = "hmxp"


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
    """Where each KPI stands after its last period; arrays of integers, one per text.

    :param current: hits since the last miss that was not frozen
    :param best: the longest there was
    :param start: place of the first period of the current one; -1 = there is none
    :param freezes: freezes left
    """

    current: np.ndarray
    best: np.ndarray
    start: np.ndarray
    freezes: np.ndarray


def fold(texts: Sequence[str], freezes: Freezes = Freezes()) -> Streaks:
    """Work out the streaks of many KPIs.

    :param texts: one per KPI, all of one length: a character per period
    :raises ValueError: texts of more than one length
    """
    count = len(texts)
    width = len(texts[0]) if texts else 0
    if any(len(text) != width for text in texts):
        raise ValueError("all texts need one length")
    codes = np.frombuffer("".join(texts).encode(), np.uint8).reshape(count, width)
    current, best, left, toward = np.zeros((4, count), np.int32)
    start = np.full(count, -1, np.int32)
    for place, column in enumerate(np.ascontiguousarray(codes.T)):
        is_hit, is_miss = column == ord(HIT), column == ord(MISS)
        is_frozen = is_miss & (left > 0)
        is_broken = is_miss & ~is_frozen
        left -= is_frozen
        start[is_hit & (current == 0)] = place
        current += is_hit
        toward += is_hit
        start[is_broken] = -1
        current[is_broken] = toward[is_broken] = 0
        np.maximum(best, current, out=best)
        if freezes.every:
            is_earned = is_hit & (toward >= freezes.every)
            toward[is_earned] = 0
            left[is_earned & (left < freezes.most)] += 1
    return Streaks(current, best, start, left)
