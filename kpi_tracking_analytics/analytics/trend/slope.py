"""How fast KPIs move, and whether that is more than chance."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from odoo.addons.kpi_tracking.engine.status import Direction

from .rows import blocks, segments, sorted_median, two_sided

SURE = 0.05  # p-value from which a trend is one
DISTANCE = NormalDist().inv_cdf(0.975)  # of the interval, in standard errors
LEAST_POINTS = 4  # of fewer no test can tell a trend from chance


@dataclass(frozen=True)
class Slope:
    """Trends of series; arrays of shape (series,), NaN = not enough data.

    :ivar per_day: median slope, in the unit of the KPI a day
    :ivar low, high: its 95% interval
    :ivar z: Mann–Kendall statistic; above 0 where later values are the larger ones
    :ivar p_value: probability that chance alone gives one as far from 0
    :ivar count: values used
    """

    per_day: np.ndarray
    low: np.ndarray
    high: np.ndarray
    z: np.ndarray
    p_value: np.ndarray
    count: np.ndarray


def measure_slope(
    values: np.ndarray,
    days: np.ndarray,
    seams: np.ndarray | None = None,
) -> Slope:
    """Median of the slopes between all pairs of values, and the test of its sign.

    Theil 1950, Sen 1968 (JASA 63, 1379–1389): up to 29% of the values may be wrong.
    Interval by Gilbert 1987, "Statistical Methods for Environmental Pollution
    Monitoring", section 16.4.2; test of Mann 1945 and Kendall 1975 with its correction
    for ties and for continuity. Pairs across a seam are left out, so a change of the
    definition is no trend. The season has to be removed before, and values that follow
    each other closely make the test too sure.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param days: shape (periods,): a day of each period, ascending; days need not be
        evenly spaced
    :param seams: of the shape of ``values``: where values are computed otherwise than
        those before
    :raises ValueError: ``days`` does not ascend or fit
    """
    values, days = np.asarray(values, float), np.asarray(days, float)
    if values.shape[1:] != days.shape or not (np.diff(days) > 0).all():
        raise ValueError("each period needs a day after that of the period before")
    number = segments(seams, values.shape)
    parts = [
        _measure(values[rows], days, number[rows])
        for rows in blocks(len(values), len(days) ** 2)
    ]
    columns = np.concatenate(parts, axis=1) if parts else np.empty((6, 0))
    return Slope(*columns[:5], columns[5].astype(int))


def judge_trend(slope: Slope, direction: Direction) -> np.ndarray:
    """Whether KPIs get better or worse: 1 = better, −1 = worse, 0 = neither surely.

    For a range the slope is that of :func:`rate_values`, which is higher the better.

    :return: shape (series,), int
    """
    way = np.where(slope.p_value <= SURE, np.sign(slope.z), 0.0).astype(int)
    return -way if direction == "lower" else way


def rate_values(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Values of a KPI with a range as numbers that are higher the better.

    :param low, high: ends of the range, of a shape that fits; NaN = open
    :return: 0 within the range, else minus the distance from it; NaN stays NaN
    """
    with np.errstate(over="ignore"):
        below = np.fmax(np.asarray(low, float) - values, 0.0)
        above = np.fmax(values - np.asarray(high, float), 0.0)
    return np.where(np.isnan(values), np.nan, -np.maximum(below, above))


def _measure(values: np.ndarray, days: np.ndarray, number: np.ndarray) -> np.ndarray:
    """The fields of :class:`Slope` as rows, for a block of series."""
    first, last = np.triu_indices(len(days), 1)
    with np.errstate(over="ignore", invalid="ignore"):
        steps = values[:, last] - values[:, first]
    steps[number[:, last] != number[:, first]] = np.nan
    variance = _variance(values, number, steps == 0, (first, last))
    score = np.nansum(np.sign(steps), axis=1)
    ordered = np.sort(steps / (days[last] - days[first]), axis=1)
    pairs = (~np.isnan(ordered)).sum(axis=1)
    known = (~np.isnan(values)).sum(axis=1)
    is_known = (known >= LEAST_POINTS) & (pairs >= LEAST_POINTS)
    error = np.sqrt(variance)
    z = np.divide(
        score - np.sign(score), error, out=np.zeros(len(values)), where=error > 0
    )
    half = DISTANCE * error
    limits = [
        _at_rank(ordered, (pairs - half) / 2, pairs),
        _at_rank(ordered, (pairs + half) / 2 + 1, pairs),
    ]
    middle = sorted_median(ordered) if ordered.shape[1] else np.full(len(z), np.nan)
    columns = np.array([middle, *limits, z, two_sided(z)])
    columns = np.where(is_known & np.isfinite(middle), columns, np.nan)
    return np.concatenate([columns, known[None]])


def _variance(
    values: np.ndarray,
    number: np.ndarray,
    is_tie: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Variance of Kendall's score: each stretch between seams has its own."""
    count, periods = values.shape
    known = ~np.isnan(values)
    row, pair = np.nonzero(is_tie)
    ties = known.astype(int)
    for end in pairs:
        at = np.bincount(row * periods + end[pair], minlength=count * periods)
        ties += at.reshape(count, periods)
    sizes = np.zeros(count * (number.max(initial=0) + 1), int)
    place = np.arange(count)[:, None] * (number.max(initial=0) + 1) + number
    np.add.at(sizes, place[known], 1)
    size = np.where(known, sizes[place], 1)
    ties = np.where(known, ties, 1)
    terms = (size - 1) * (2 * size + 5) - (ties - 1) * (2 * ties + 5)
    return terms.sum(axis=1) / 18


def _at_rank(ordered: np.ndarray, rank: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Value at a rank from 1, between two ranks in proportion; NaN beyond the ends."""
    if not ordered.shape[1]:
        return np.full(len(ordered), np.nan)
    place = np.clip(rank, 1, np.maximum(count, 1)) - 1
    low = np.floor(place).astype(int)
    high = np.ceil(place).astype(int)
    at_low, at_high = (
        np.take_along_axis(ordered, end[:, None], axis=1)[:, 0] for end in (low, high)
    )
    share = place - low
    with np.errstate(invalid="ignore"):
        between = at_low * (1 - share) + at_high * share
    return np.where((rank < 1) | (rank > count), np.nan, between)
