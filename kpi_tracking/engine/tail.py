"""How far residuals go by chance: the size that one in so many of them exceeds.

A quantile of n residuals cannot promise less than 1 / (n + 1), and KPIs have few. So a
Weibull tail is drawn through the second and the fourth moment of a series' own
residuals: its shape is about ½ for bounded ones, 0.7 for normal ones, 1 for exponential
ones, more for heavy tails (Gardes & Girard 2008, "Estimation of the Weibull
tail-coefficient", Extremes 11, 425–452, eq. 1). Where they are few it leans to a shape
that is heavier than most, as the fourth moment of a few residuals is too small.
"""

import math

import numpy as np

# Tuned on series of sixteen kinds, none of which docs/analytics.md judges it by.
PRIOR_SHAPE, PRIOR_COUNT = 3.5, 3.0  # shape, and residuals that it weighs as many as
MOST_SIZE = 10.0  # mean residuals: a larger one counts as so many

_SHAPES = np.linspace(0.1, 3, 300)
# Logarithms of the roots of the moments of a Weibull distribution of scale 1.
_SECOND, _FOURTH = (
    np.array([math.lgamma(1 + power * shape) / power for shape in _SHAPES])
    for power in (2, 4)
)


def tail_threshold(
    sizes: np.ndarray, rate: float | np.ndarray, least: int = 8
) -> np.ndarray:
    """Size that one of 1 / ``rate`` residuals exceeds by chance, by those of each row.

    What of the newest values is beyond chance, by the residuals of the periods before::

        sizes = np.abs(values - expected)  # shape (series, periods)
        is_odd = sizes[:, -1] > tail_threshold(sizes[:, :-1], 1 / 200)

    Where one side alone counts, its limit is that of both at twice the rate. Of sixty
    residuals or more the rate comes true within a factor of 3, of most distributions of
    2; of fewer it is a guess by what is usual for series.

    :param sizes: shape (rows, residuals), at least 0; NaN = none
    :param rate: above 0 and below ½, for all rows or of shape (rows,)
    :return: shape (rows,), unit of the sizes; 0 where all are 0, NaN for less than
        ``least`` residuals
    """
    count = (~np.isnan(sizes)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(sizes, axis=1) / count
        squares = np.minimum(sizes / mean[:, None], MOST_SIZE) ** 2
        second = np.sqrt(np.nansum(squares, axis=1) / count)
        fourth = (np.nansum(squares**2, axis=1) / count) ** 0.25
        shape = np.interp(np.log(fourth / second), _FOURTH - _SECOND, _SHAPES)
    shape = (count * shape + PRIOR_COUNT * PRIOR_SHAPE) / (count + PRIOR_COUNT)
    scale = second / np.exp(np.interp(shape, _SHAPES, _SECOND))
    limit = mean * scale * np.log(1 / rate) ** shape
    return np.where(count < max(least, 1), np.nan, np.where(mean == 0, 0.0, limit))
