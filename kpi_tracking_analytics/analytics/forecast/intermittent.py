"""Demand that is zero in many periods.

Teunter, Syntetos & Babai 2011 (European Journal of Operational Research 214, 606–615):
the probability that there is any, updated in every period, times its size, updated when
there is some. Unlike Croston's it forgets what is no longer asked for.
"""

import numpy as np

from .combination import discounted_mean

LEAST_ZERO_SHARE = 1 - 1 / 1.32  # mean interval of Syntetos, Boylan & Croston 2005
RATES = ((0.05, 0.1), (0.1, 0.1), (0.2, 0.1), (0.3, 0.2))  # of probability and size
DISCOUNT = 0.98


def is_intermittent(values: np.ndarray) -> np.ndarray:
    """Whether the values up to each period are never below 0 and often 0.

    :param values: shape (series, periods); NaN = no data
    :return: same shape
    """
    known = np.cumsum(~np.isnan(values), axis=1)
    zeros = np.cumsum(values == 0, axis=1)
    below = np.logical_or.accumulate(values < 0, axis=1)
    has_demand = np.logical_or.accumulate(values > 0, axis=1)
    return has_demand & ~below & (zeros > LEAST_ZERO_SHARE * known)


def demand_paths(values: np.ndarray, horizon: int) -> np.ndarray:
    """Forecasts of every origin, with the rates that did best up to it.

    :param values: shape (series, periods), at least 0; NaN = no data
    :return: shape (series, periods, horizon); the same number for each horizon
    """
    best = np.full(values.shape, np.nan)
    least = np.full(values.shape, np.inf)
    for probability_rate, size_rate in RATES:
        means = demand_means(values, probability_rate, size_rate)
        error = np.full(values.shape, np.nan)
        error[:, 1:] = values[:, 1:] - means[:, :-1]
        known = ~np.isnan(error)
        squares = np.where(known, error, 0.0) ** 2
        loss = discounted_mean(squares, known, DISCOUNT)
        better = (loss < least) | np.isnan(best)
        best = np.where(better, means, best)
        least = np.where(better & ~np.isnan(loss), loss, least)
    return np.repeat(best[:, :, None], horizon, axis=2)


def demand_means(
    values: np.ndarray, probability_rate: float, size_rate: float
) -> np.ndarray:
    """Demand per period expected at the end of each, eq. 1 of the paper.

    It starts with the first value: a probability of 1 or 0, and a size of that or of
    the first demand.

    :return: shape of ``values``; NaN before the first
    """
    means = np.full(values.shape, np.nan)
    probability = np.full(len(values), np.nan)
    size = np.full(len(values), np.nan)
    for period in range(values.shape[1]):
        value = values[:, period]
        is_demand = value > 0
        first = np.isnan(probability) & ~np.isnan(value)
        step = np.where(np.isnan(value), 0.0, probability_rate)
        probability = np.where(
            first, is_demand, probability + step * (is_demand - probability)
        )
        learned = np.where(np.isnan(size), value, size + size_rate * (value - size))
        size = np.where(is_demand, learned, size)
        means[:, period] = np.where(probability > 0, probability * size, probability)
    return means
