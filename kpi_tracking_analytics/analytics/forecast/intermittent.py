"""Demand that is zero in many periods.

What is wanted is its mean, as people add up periods to a year. Squared errors are least
of the mean, absolute ones of the median, which mostly is 0 (Kolassa 2016, International
Journal of Forecasting 32, 788–803): all that is compared here goes by squares.
"""

import numpy as np

from .combination import combine, discounted_mean
from .paths import seasonal_naive_paths

LEAST_ZERO_SHARE = 1 - 1 / 1.32  # mean interval of Syntetos, Boylan & Croston 2005
RATES = (0.3, 0.2)  # of the probability and the size of demand
MEAN_DISCOUNT = 0.95


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


def intermittent_paths(
    values: np.ndarray, season_length: int, horizon: int
) -> np.ndarray:
    """Forecasts of every origin: demand, the mean and the last season, combined.

    :param values: shape (series, periods), at least 0; NaN = no data
    :return: shape (series, periods, horizon)
    """
    known = ~np.isnan(values)
    mean = discounted_mean(np.where(known, values, 0.0), known, MEAN_DISCOUNT)
    each = {"demand": demand_means(values, *RATES), "mean": mean}
    paths = {key: np.repeat(each[key][:, :, None], horizon, axis=2) for key in each}
    if season_length > 1:
        paths["season"] = seasonal_naive_paths(values, season_length, horizon)
    return combine(paths, values, season_length)


def demand_means(
    values: np.ndarray, probability_rate: float, size_rate: float
) -> np.ndarray:
    """Demand per period expected at the end of each.

    Teunter, Syntetos & Babai 2011 (European Journal of Operational Research 214,
    606–615), eq. 1: the probability that there is any, updated in every period, times
    its size, updated when there is some. It starts with the first value: a probability
    of 1 or 0, and a size of that or of the first demand. Unlike Croston's it forgets
    what is no longer asked for.

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
