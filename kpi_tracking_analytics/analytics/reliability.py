"""Reliability of predicted probabilities, and of shares."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np

BANDS = 10
WILSON_95 = 1.959963984540054
Interval = tuple[float, float]


@dataclass(frozen=True)
class Band:
    """Outcome of the cases that were given a probability of one band.

    :ivar low, high: the band, ``[low, high)``; the last one includes 1
    :ivar predicted: mean of the probabilities given
    :ivar observed: share that came true
    :ivar observed_low, observed_high: 95% interval of Wilson 1927 (JASA 22, 209–212)
    """

    low: float
    high: float
    count: int
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


def brier_score(predicted: np.ndarray, is_true: np.ndarray) -> float:
    """Mean of (probability given − outcome)²: 0 is perfect, ½ always given has 0.25.

    Brier 1950 (Monthly Weather Review 78, 1–3), in the form for two outcomes.

    :raises ValueError: there are no cases
    """
    if not len(predicted):
        raise ValueError("a score needs at least one case")
    return float(np.mean((predicted - is_true) ** 2))


def reliability(predicted: np.ndarray, is_true: np.ndarray) -> list[Band]:
    """Predicted against observed by tenths of the probability; empty bands left out."""
    # 0.3 × 10 is 3.0000000000000004 at worst, 0.7 × 10 is 6.999999999999999
    band = np.minimum(np.floor(np.round(predicted * BANDS, 9)), BANDS - 1).astype(int)
    count = np.bincount(band, minlength=BANDS)
    sums = np.bincount(band, predicted, BANDS), np.bincount(band, is_true, BANDS)
    return [
        Band(
            number / BANDS,
            (number + 1) / BANDS,
            int(count[number]),
            *(float(total[number] / count[number]) for total in sums),
            *wilson_interval(int(sums[1][number]), int(count[number])),
        )
        for number in np.flatnonzero(count)
    ]


def wilson_interval(successes: int, count: int) -> Interval:
    """95% interval of a share; Wilson 1927, without correction for continuity."""
    share, square = successes / count, WILSON_95**2
    middle = share + square / (2 * count)
    spread = WILSON_95 * np.sqrt(share * (1 - share) / count + square / (4 * count**2))
    scale = 1 + square / count
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return max(0.0, float(low)), min(1.0, float(high))


def are_apart(one: Interval, other: Interval) -> bool:
    """Whether two intervals have nothing in common: what differs is no chance."""
    return one[1] < other[0] or other[1] < one[0]


def find_bottleneck(rates: Mapping[Hashable, Interval]) -> Hashable | None:
    """The step whose interval lies below those of all others; None = none's does."""
    least, *others = sorted(rates, key=lambda step: rates[step][1]) or [None]
    is_clear = others and all(are_apart(rates[least], rates[one]) for one in others)
    return least if is_clear else None
