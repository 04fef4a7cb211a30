"""Combining forecasts by how well each would have done so far."""

from collections.abc import Mapping

import numpy as np

DISCOUNT = 0.98  # of the squared errors of a period by each period that follows
# Nobody can know a season before it came twice: what was forecast till then says little
EARLY_SEASONS = 2
EARLY_WEIGHT = 0.1
FLOOR = 1e-300  # of squared errors: where all are 0, all weigh the same


def combine(
    paths: Mapping[str, np.ndarray], values: np.ndarray, season_length: int
) -> np.ndarray:
    """Mean of several forecasts, weighted at each origin by the back-test up to it.

    The weight is the fourth power of the inverse mean squared error over all horizons
    of the forecasts made before (Bates & Granger 1969, Operational Research Quarterly
    20, 451–468; it is above their 1 as the methods' errors resemble each other).
    Forecasts nobody could judge yet get equal weights.

    :param paths: by name, each (series, periods, horizon); NaN = does not take part
    :param values: shape (series, periods)
    :return: shape of each path; NaN where no path has a forecast
    """
    losses = np.array(
        [back_test(path, values, season_length) for path in paths.values()]
    )
    takes_part = np.array([~np.isnan(path[:, :, 0]) for path in paths.values()])
    losses = np.where(takes_part, losses, np.nan)
    best = np.fmin.reduce(losses, axis=0)
    weights = np.nan_to_num(fourth_power(best / losses))
    weights = np.where(weights.sum(axis=0) > 0, weights, takes_part)
    total = weights.sum(axis=0)
    weights /= np.where(total > 0, total, 1.0)
    combined = np.zeros(next(iter(paths.values())).shape)
    for weight, path in zip(weights, paths.values(), strict=True):
        combined += weight[:, :, None] * np.where(weight[:, :, None] > 0, path, 0.0)
    combined[total == 0] = np.nan
    return combined


def back_test(paths: np.ndarray, values: np.ndarray, season_length: int) -> np.ndarray:
    """Mean squared error over all horizons of the forecasts that can be judged.

    :return: shape (series, periods), at the end of each period; NaN before the first
    """
    squares, count = np.zeros((2, *values.shape))
    for ahead in range(1, min(paths.shape[2], values.shape[1] - 1) + 1):
        error = values[:, ahead:] - paths[:, :-ahead, ahead - 1]
        known = ~np.isnan(error)
        squares[:, ahead:] += np.where(known, error, 0.0) ** 2
        count[:, ahead:] += known
    means = squares / np.maximum(count, 1)
    before = np.cumsum(~np.isnan(values), axis=1) - 1
    weights = np.where(count > 0, early_weights(before, season_length), 0.0)
    return np.maximum(discounted_mean(means, weights, DISCOUNT), FLOOR)


def fourth_power(ratios: np.ndarray) -> np.ndarray:
    """Much faster than ``ratios**4``."""
    return np.square(np.square(ratios))


def early_weights(before: np.ndarray, season_length: int) -> np.ndarray:
    """How much an error counts with so many values before it."""
    return np.where(before < EARLY_SEASONS * season_length, EARLY_WEIGHT, 1.0)


def discounted_mean(
    values: np.ndarray, weights: np.ndarray, discount: float
) -> np.ndarray:
    """Mean of the values up to each period, older ones counting less.

    :param values: shape (series, periods, …)
    :param weights: same shape, from 0 for what does not count
    :param discount: what each value that counts leaves of the weights before it
    :return: same shape; NaN before the first that counts
    """
    total = np.zeros(values[:, 0].shape)
    weight = np.zeros(values[:, 0].shape)
    means = np.full(values.shape, np.nan)
    for period in range(values.shape[1]):
        new = weights[:, period]
        fade = np.where(new > 0, discount, 1.0)
        total = total * fade + new * values[:, period]
        weight = weight * fade + new
        np.divide(total, weight, out=means[:, period], where=weight > 0)
    return means
