"""Weighted achievement of the KPIs of a scorecard.

A KPI without an achievement (no value, or no target) is left out, never counted as 0:
its weight goes to the others. What a KPI reaches beyond the cap does not make up for
what another one lacks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

USUAL_CAP = 100.0  # percent


@dataclass(frozen=True)
class Score:
    """Figures of a scorecard in each period.

    :param percent: shape (periods,); NaN where no KPI with a weight has an achievement
    :param counted: shape (periods,), number of KPIs that have an achievement
    """

    percent: np.ndarray
    counted: np.ndarray


def weighted_achievement(
    achievements: ArrayLike, weights: ArrayLike, cap: float = USUAL_CAP
) -> Score:
    """Mean of the achievements by weight, each taken from 0 to ``cap``.

    :param achievements: percent, shape (KPIs, periods); NaN = no value or no target
    :param weights: shape (KPIs,), 0 or more, relative to each other
    :param cap: the most that one KPI can bring in, in percent
    """
    achievements = np.asarray(achievements, float)
    known = ~np.isnan(achievements)
    loads = np.where(known, np.asarray(weights, float)[:, None], 0.0)
    brought_in = np.where(known, np.clip(achievements, 0.0, cap), 0.0)
    total = loads.sum(axis=0)
    percent = np.divide(
        (loads * brought_in).sum(axis=0),
        total,
        out=np.full(total.shape, np.nan),
        where=total > 0,
    )
    return Score(percent, known.sum(axis=0))


def change(
    now: ArrayLike, before: ArrayLike, weights: ArrayLike, cap: float = USUAL_CAP
) -> float:
    """Points that the scorecard gained since the period before, like for like.

    Only KPIs judged in both count: one that has just got its first value, or none this
    time, is no rise and no fall.

    :param now, before: percent, shape (KPIs,); NaN = no value or no target
    :return: percentage points; NaN where no KPI with a weight is judged in both
    """
    both = np.stack([np.asarray(before, float), np.asarray(now, float)], axis=1)
    both[np.isnan(both).any(axis=1)] = np.nan
    first, second = weighted_achievement(both, weights, cap).percent
    return float(second - first)
