"""Odd stretches of long series of many values a day, found as the values come in."""

from dataclasses import dataclass

import numpy as np

from ..forecast.limits import next_bar, tail_quantile
from ..trend.rows import blocks, median, trailing_mean

RATE = 1 / 500  # of the values that leave the limit by chance, most of them in runs
DAYS = 7  # whose values at the same time are the usual ones
NEIGHBOURS = 1  # values on each side that count as at the same time
LEAST_USUAL = 4  # of them that have to be known
PARTS = 24  # of a day: errors are averaged over one
LEAST_PART = 3
WINDOW = 8000  # errors that the limits are taken from, four weeks of every five minutes
LEAST_ERRORS = 100
ABOVE = 20  # errors above the quantile that the tail is drawn on from
TAIL = 0.8
REFRESH = 50  # values for which a limit is used
QUIET_PARTS = 6  # of a day: alarms within one are one run
LEAST_QUIET = 12


@dataclass(frozen=True)
class Stream:
    """Odd stretches; arrays of shape (series, values).

    :ivar is_start: whether a run of alarms begins
    :ivar is_odd: whether the mean error is beyond its limit
    :ivar expected: usual value at this time of day; NaN = not known
    :ivar score: mean error of the last hour in multiples of its limit, with its sign;
        NaN = not judged
    """

    is_start: np.ndarray
    is_odd: np.ndarray
    expected: np.ndarray
    score: np.ndarray


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # beyond 1e308
def watch(values: np.ndarray, day: int, rate: float = RATE) -> Stream:
    """Find stretches in which values are not what they usually are at their time.

    The mean error of a 24th of a day is compared with those before it, by a conformal
    limit that every run of alarms raises and quiet lowers. A single value has to be far
    off to move the mean; many that are a little off do too. No result depends on a
    later value.

    :param values: shape (series, values), float64, oldest first, evenly spaced; NaN =
        no data
    :param day: values a day, or of another season; at least 4
    :param rate: share of the values beyond the limit by chance, above 0 and below ½
    :raises ValueError: ``day`` or ``rate`` is out of bounds
    """
    if day < 4:
        raise ValueError(f"a day needs at least 4 values, got {day}")
    if not 0 < rate < 0.5:
        raise ValueError(f"rate must be between 0 and 0.5, got {rate}")
    values = np.asarray(values, float)
    expected = _usual(values, day)
    errors = trailing_mean(values - expected, max(LEAST_PART, day // PARTS))
    sizes = np.where(np.isfinite(errors), np.abs(errors), np.nan)
    # Limits by the sizes before, renewed now and then.
    limits = np.full(sizes.shape, np.nan)
    for start in range(0, sizes.shape[1], REFRESH):
        past = sizes[:, max(0, start - WINDOW) : start]
        limit = tail_quantile(past, rate, LEAST_ERRORS, ABOVE, TAIL)
        limits[:, start : start + REFRESH] = limit[:, None]
    score = np.where((sizes == 0) & (limits == 0), 0.0, sizes / limits)
    quiet = max(day // QUIET_PARTS, LEAST_QUIET)
    is_start, is_odd, bars = _follow(score, quiet, rate)
    return Stream(is_start, is_odd, expected, np.copysign(score / bars, errors))


def _usual(values: np.ndarray, day: int) -> np.ndarray:
    """Median of the values around the same time of the days before."""
    result = np.full(values.shape, np.nan)
    lags = [
        number * day + shift
        for number in range(1, DAYS + 1)
        for shift in range(-NEIGHBOURS, NEIGHBOURS + 1)
    ]
    for rows in blocks(len(values), values.shape[1] * len(lags)):
        past = np.full((*values[rows].shape, len(lags)), np.nan)
        for place, lag in enumerate(lags):
            past[:, lag:, place] = values[rows, : max(values.shape[1] - lag, 0)]
        known = (~np.isnan(past)).sum(axis=2)
        result[rows] = np.where(known >= LEAST_USUAL, median(past), np.nan)
    return result


def _follow(
    score: np.ndarray, quiet: int, rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts of runs, odd values, and the bar that each score was held against."""
    is_start = np.zeros(score.shape, bool)
    is_odd = np.zeros(score.shape, bool)
    bars = np.ones(score.shape)
    bar = np.ones(len(score))
    last = np.full(len(score), -quiet - 1)
    for place in range(score.shape[1]):
        now = score[:, place]
        bars[:, place] = bar
        is_odd[:, place] = now > bar
        is_start[:, place] = is_odd[:, place] & (place - last > quiet)
        last = np.where(is_odd[:, place], place, last)
        bar = next_bar(bar, is_start[:, place], ~np.isnan(now), rate)
    return is_start, is_odd, bars
