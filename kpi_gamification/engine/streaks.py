"""Streaks of many KPIs at once: a fold over how their periods went."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np


class Streaks(NamedTuple):
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
    freeze_every: int = 0,
    most_freezes: int = 0,
) -> Streaks:
    """Work out the streaks of ``count`` KPIs; a miss spends a freeze, if there is one.

    :param periods: of each, oldest first, which KPIs reached it and which missed it:
        two boolean arrays; what is neither adds to no streak and ends none
    :param freeze_every: hits that earn a freeze; 0 = none are earned
    :param most_freezes: that one can have at a time
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
        if freeze_every:
            is_earned = is_hit & (toward >= freeze_every)
            toward[is_earned] = 0
            left[is_earned & (left < most_freezes)] += 1
    return Streaks(current, best, start, last, left)


def trace(
    outcomes: Sequence[str], freeze_every: int = 0, most_freezes: int = 0
) -> list[str]:
    """What each period did to the streak of one KPI, by the rules of ``fold``.

    :param outcomes: h (reached), m (missed), or what adds nothing, oldest first
    :param freeze_every, most_freezes: as of ``fold``
    :return: the same letters, with f for a miss that spent a freeze
    """
    marks, left, toward = [], 0, 0
    for outcome in outcomes:
        mark = outcome
        if outcome == "h":
            toward += 1
            if freeze_every and toward >= freeze_every:
                toward = 0
                left = min(left + 1, max(left, most_freezes))
        elif outcome == "m" and left:
            mark = "f"
            left -= 1
        elif outcome == "m":
            toward = 0
        marks.append(mark)
    return marks
