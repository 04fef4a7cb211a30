"""Forecasts of every origin by the simple methods, and what became of them.

Paths have the shape (series, periods, horizon): [:, t, h] is the forecast of period
t + 1 + h by the values up to period t, NaN where there is none.
"""

import numpy as np

LARGEST_FACTOR = 10.0


def naive_paths(values: np.ndarray, horizon: int) -> np.ndarray:
    """The last value that there is, again and again."""
    return np.repeat(carry_forward(values)[:, :, None], horizon, axis=2)


def mean_paths(values: np.ndarray, horizon: int) -> np.ndarray:
    """The mean of all values so far."""
    known = ~np.isnan(values)
    count = np.cumsum(known, axis=1)
    total = np.cumsum(np.where(known, values, 0.0), axis=1)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.repeat(mean[:, :, None], horizon, axis=2)


def seasonal_naive_paths(
    values: np.ndarray, season_length: int, horizon: int
) -> np.ndarray:
    """The last value of the same season; where there is none yet, the last value."""
    periods, last = values.shape[1], values.copy()
    for period in range(season_length, periods):
        before = last[:, period - season_length]
        last[:, period] = np.where(np.isnan(last[:, period]), before, last[:, period])
    paths = naive_paths(values, horizon)
    for ahead in range(1, horizon + 1):
        back = -(-ahead // season_length) * season_length - ahead
        seasonal = last[:, : max(periods - back, 0)]
        otherwise = paths[:, back:, ahead - 1]
        paths[:, back:, ahead - 1] = np.where(np.isnan(seasonal), otherwise, seasonal)
    return paths


def carry_forward(values: np.ndarray) -> np.ndarray:
    """Each gap filled with the value before it; NaN before the first."""
    places = np.where(np.isnan(values), 0, np.arange(values.shape[1]))
    last = np.maximum.accumulate(places, axis=1)
    return np.take_along_axis(values, last, axis=1)


def logarithmic(values: np.ndarray) -> np.ndarray:
    """Logarithms of the values; NaN from the first one on that is not positive."""
    positive = ~(values <= 0)
    still = np.logical_and.accumulate(positive, axis=1)
    return np.log(np.where(still & (values > 0), values, np.nan))


def exponential(paths: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Forecasts of logarithms as those of the values: their median.

    They leave the range of the values seen so far by at most its width, and never by
    more than :data:`LARGEST_FACTOR`, so that no young growth rate explodes; and end
    where a value was not positive.

    :param paths: of :func:`logarithmic` ``values``
    :param values: shape (series, periods)
    """
    low, high = running_extremes(logarithmic(values))
    width = np.clip(high - low, 0.0, np.log(LARGEST_FACTOR))
    low, high = (low - width)[:, :, None], (high + width)[:, :, None]
    ended = np.logical_or.accumulate(values <= 0, axis=1)
    result = np.exp(np.clip(paths, low, high))
    result[ended] = np.nan
    return result


def running_extremes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest value up to each period; infinite and crossed before any."""
    missing = np.isnan(values)
    low = np.minimum.accumulate(np.where(missing, np.inf, values), axis=1)
    high = np.maximum.accumulate(np.where(missing, -np.inf, values), axis=1)
    return low, high


def realised_errors(paths: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Value − forecast, where it became known.

    :param paths: shape (series, periods, horizon)
    :param values: shape (series, periods)
    :return: shape of ``paths``: [:, t, h] is the error in period t of the forecast made
        h + 1 periods before; NaN where either is missing
    """
    errors = np.full(paths.shape, np.nan)
    for ahead in range(1, min(paths.shape[2], paths.shape[1] - 1) + 1):
        made = paths[:, :-ahead, ahead - 1]
        errors[:, ahead:, ahead - 1] = values[:, ahead:] - made
    return errors
