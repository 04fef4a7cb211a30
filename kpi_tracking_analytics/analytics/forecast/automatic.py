"""The forecast for those who do not choose a method.

It combines Theta, a damped trend and Holt–Winters, each with an additive and, for
positive series, a multiplicative season, with the naive and the seasonal naive
forecast. A combination of simple methods is hard to beat by choosing one of them
(Clemen 1989, International Journal of Forecasting 5, 559–583; Makridakis, Spiliotis &
Assimakopoulos 2020, same journal 36, 54–74).
"""

from collections.abc import Mapping

import numpy as np

from .combination import FLOOR, back_test, combine, fourth_power
from .intermittent import intermittent_paths, is_intermittent
from .paths import (
    exponential,
    logarithmic,
    naive_paths,
    running_extremes,
    seasonal_naive_paths,
)
from .smoothing import Family, Member, smooth

LEVELS = (0.01, 0.1, 1.0)  # variances of the level beside that of the noise
SEASONS = ((0.0, 0.0), (0.0, 1.0), (0.05, 100.0))  # none; steady; changing and clear
FIRST_TREND = 0.01  # variance: a trend has to show for years to be believed
CLEAR_TREND = 1.0  # or to be far above the noise
LEAST_VALUES = 7  # of fewer the last one is repeated

# Where a forecast comes from
NO_DATA = "no_data"
TOO_SHORT = "too_short"
CONSTANT = "constant"
INTERMITTENT = "intermittent"
NAIVE = "naive"
SEASONAL_NAIVE = "seasonal_naive"
MEAN = "mean"
LINE = "linear_regression"  # as the method of that name
COMBINATION = "combination"


def theta(season_length: int) -> Family:
    """Theta: simple smoothing and half the slope of the straight line.

    Assimakopoulos & Nikolopoulos 2000 (International Journal of Forecasting 16,
    521–530), in the form of Hyndman & Billah 2003 (same journal 19, 287–290).
    """
    return Family(_members(season_length), slope_share=0.5)


def damped_trend(season_length: int) -> Family:
    """A trend of which nine tenths are left after each period."""
    return Family(
        _members(season_length, trend=0.001, damping=0.9, first_trend=FIRST_TREND)
    )


def holt_winters(season_length: int) -> Family:
    """One trend that lasts."""
    slow = _members(season_length, first_trend=FIRST_TREND)
    clear = _members(season_length, LEVELS[1:2], first_trend=CLEAR_TREND)
    return Family(slow + clear)


def _members(
    season_length: int, levels: tuple[float, ...] = LEVELS, **trend: float
) -> tuple[Member, ...]:
    seasons = SEASONS if season_length > 1 else SEASONS[:1]
    return tuple(
        Member(level, season=season, first_season=first, **trend)
        for level in levels
        for season, first in seasons
    )


def smoothed_paths(
    values: np.ndarray,
    families: Mapping[str, Family],
    season_length: int,
    horizon: int,
) -> dict[str, np.ndarray]:
    """Forecasts of each family, and as ``…_multiplicative`` by logarithms.

    :param values: shape (series, periods); NaN = no data
    :return: by name, shape (series, periods, horizon); the multiplicative ones are NaN
        from the first value on that is not positive
    """
    paths = smooth(values, families, season_length, horizon)
    by_logarithm = smooth(logarithmic(values), families, season_length, horizon)
    for name, path in by_logarithm.items():
        paths[f"{name}_multiplicative"] = exponential(path, values)
    return paths


def automatic_paths(
    values: np.ndarray, season_length: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Forecasts of every origin, each from the values up to it, and their labels.

    :param values: shape (series, periods), of a size near 1; NaN = no data
    :return: shape (series, periods, horizon), and shape (series, periods)
    """
    families = {
        "theta": theta(season_length),
        "damped_trend": damped_trend(season_length),
        "holt_winters": holt_winters(season_length),
    }
    paths = smoothed_paths(values, families, season_length, horizon)
    plain = {NAIVE: naive_paths(values, horizon)}
    if season_length > 1:
        seasonal = seasonal_naive_paths(values, season_length, horizon)
        plain[SEASONAL_NAIVE] = seasonal
    result = combine({**paths, **plain}, values, season_length)
    labels = np.full(values.shape, COMBINATION, dtype="U20")
    # A plain forecast where it has done better than the combination so far.
    loss = back_test(result, values, season_length)
    for label, simple in plain.items():
        simple_loss = back_test(simple, values, season_length)
        better = simple_loss < loss
        result[better] = simple[better]
        labels[better] = label
        loss = np.where(better, simple_loss, loss)
    if season_length > 1:
        _add_first_season(result, labels, values, loss, seasonal, season_length)
    often_zero = is_intermittent(values)
    rows = often_zero.any(axis=1)
    demand = intermittent_paths(values[rows], season_length, horizon)
    result[rows] = np.where(often_zero[rows, :, None], demand, result[rows])
    labels[often_zero] = INTERMITTENT
    mark_poor(result, labels, values)
    return result, labels


def _add_first_season(
    result: np.ndarray,
    labels: np.ndarray,
    values: np.ndarray,
    loss: np.ndarray,
    seasonal: np.ndarray,
    season_length: int,
) -> None:
    """Repeats the season where just one is known, as far as it has closed.

    No forecast of it could be judged yet. But a season ends near where it began, which
    what only wanders does not: that distance counts as the error of repeating it.

    :param result, labels: changed in place
    :param loss: mean squared error of ``result`` at each origin
    :param seasonal: of :func:`.paths.seasonal_naive_paths`
    """
    first, last = values[:, : 1 - season_length], values[:, season_length - 1 :]
    count = np.cumsum(~np.isnan(values), axis=1)[:, season_length - 1 :]
    rows, places = np.nonzero((count == season_length) & ~np.isnan(last - first))
    gap = np.maximum((last - first)[rows, places] ** 2, FLOOR)
    origins = places + season_length - 1
    share = 1 / (1 + fourth_power(gap / loss[rows, origins]))
    own = result[rows, origins]
    result[rows, origins] += share[:, None] * (seasonal[rows, origins] - own)
    labels[rows, origins] = COMBINATION


def mark_poor(paths: np.ndarray, labels: np.ndarray, values: np.ndarray) -> None:
    """Repeats the last value where there are too few; names what is no method's work.

    :param paths, labels: changed in place
    """
    count = np.cumsum(~np.isnan(values), axis=1)
    low, high = running_extremes(values)
    labels[low == high] = CONSTANT
    few = count < LEAST_VALUES
    paths[few] = naive_paths(values, paths.shape[2])[few]
    labels[few] = TOO_SHORT
    labels[count == 0] = NO_DATA
