"""Levels of series: known shifts taken out, unknown ones found; natural limits."""

from dataclasses import dataclass

import numpy as np

from .rows import median, ranks, segments

REACH = 12  # known values on each side that say how large a shift was
LEAST_RUN = 4  # known values of a level, on each side of a shift
CHANCE = 0.01  # of a shift where there is none, at most
MOST_ROUNDS = 6  # each can double the number of levels
# Three standard deviations by the mean moving range (Wheeler & Chambers 1992,
# "Understanding Statistical Process Control", table A.2).
BY_MEAN = 2.660
LEAST_RANGES = 3


@dataclass(frozen=True)
class Shifts:
    """Shifts of level; arrays of shape (series, periods).

    :ivar is_start: whether a new level begins
    :ivar sizes: median of the new level less that of the one before; NaN elsewhere
    :ivar p_values: probability of such a shift by chance; NaN elsewhere
    """

    is_start: np.ndarray
    sizes: np.ndarray
    p_values: np.ndarray


def level_seams(values: np.ndarray, seams: np.ndarray | None) -> np.ndarray:
    """Values as if they had always been computed as the last ones are.

    What lies before a seam is shifted by the difference of the medians of up to
    :data:`REACH` known values on both sides; over a season that of the season is nil.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param seams: of that shape: where values are computed otherwise than those before
    :return: same shape; a part with nothing known beside the seam stays as it is
    """
    levelled = np.array(values, float)
    number = segments(seams, levelled.shape)
    for seam in range(number.max(initial=0), 0, -1):
        known = ~np.isnan(levelled)
        after = known & (number == seam)
        before = known & (number == seam - 1)
        after &= np.cumsum(after, axis=1) <= REACH
        before &= np.cumsum(before[:, ::-1], axis=1)[:, ::-1] <= REACH
        with np.errstate(over="ignore", invalid="ignore"):
            shift = median(np.where(after, levelled, np.nan))
            shift = shift - median(np.where(before, levelled, np.nan))
            shift = np.where(np.isfinite(shift), shift, 0.0)[:, None]
            levelled = np.where(number < seam, levelled + shift, levelled)
    return levelled


def find_shifts(values: np.ndarray, seams: np.ndarray | None = None) -> Shifts:
    """Shifts of level, by halving: the clearest one, then those on both sides of it.

    Test of Pettitt 1979 (Applied Statistics 28, 126–135) on ranks, which outliers do
    not move. A straight line that is nearer to the values than two levels is no shift.
    Seams are known shifts: a level ends there and none is found. The season has to be
    removed before.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param seams: of that shape: where values are computed otherwise than those before
    """
    values = np.asarray(values, float)
    number = segments(seams, values.shape)
    p_values = np.full(values.shape, np.nan)
    row = np.repeat(np.arange(len(values)), number.max(initial=0) + 1)
    wanted = np.tile(np.arange(number.max(initial=0) + 1), len(values))
    inside = number[row] == wanted[:, None]
    for _round in range(MOST_ROUNDS):
        usable = (inside & ~np.isnan(values[row])).sum(axis=1) >= 2 * LEAST_RUN
        row, inside = row[usable], inside[usable]
        if not len(row):
            break
        start, p_value = _clearest(np.where(inside, values[row], np.nan))
        found = p_value <= CHANCE
        row, inside, start = row[found], inside[found], start[found]
        p_values[row, start] = p_value[found]
        is_later = np.arange(values.shape[1]) >= start[:, None]
        inside = np.concatenate([inside & ~is_later, inside & is_later])
        row = np.concatenate([row, row])
    is_start = ~np.isnan(p_values)
    return Shifts(is_start, _sizes(values, number, is_start), p_values)


@dataclass(frozen=True)
class Limits:
    """Natural limits of processes; arrays of shape (series,), NaN = too little data.

    :ivar low, high: three standard deviations, by the moving ranges, from the mean
    """

    low: np.ndarray
    high: np.ndarray


def measure_limits(values: np.ndarray, seams: np.ndarray | None = None) -> Limits:
    """Limits of an XmR chart, by the differences between neighbours.

    What came before a change of the definition is shifted to the level after it; the
    step itself is no moving range, nor is one across a gap.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param seams: of that shape: where values are computed otherwise than those before
    """
    values = np.asarray(values, float)
    with np.errstate(over="ignore", invalid="ignore"):
        ranges = np.abs(np.diff(values, axis=1))
        if seams is not None:
            ranges[np.asarray(seams, bool)[:, 1:]] = np.nan
        center, reach = _mean(level_seams(values, seams)), BY_MEAN * _mean(ranges)
        low, high = center - reach, center + reach
    is_known = (~np.isnan(ranges)).sum(axis=1) >= LEAST_RANGES
    is_known &= np.isfinite(low) & np.isfinite(high)
    return Limits(np.where(is_known, low, np.nan), np.where(is_known, high, np.nan))


def _clearest(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Column where the clearest new level of each row begins, and its p-value."""
    known = ~np.isnan(values)
    before = np.cumsum(known, axis=1) - known
    count = known.sum(axis=1)[:, None]
    rank = np.where(known, ranks(values), 0.0)
    score = 2 * (np.cumsum(rank, axis=1) - rank) - before * (count + 1.0)
    is_allowed = known & (before >= LEAST_RUN) & (count - before >= LEAST_RUN)
    size = np.where(is_allowed, np.abs(score), -1.0)
    start = size.argmax(axis=1)
    largest, count = size.max(axis=1), count[:, 0].astype(float)
    p_value = np.minimum(2 * np.exp(-6 * largest**2 / (count**3 + count**2)), 1.0)
    is_level = ~_is_line(values, start)
    return start, np.where(is_level & (largest > 0), p_value, 1.0)


def _is_line(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Whether a straight line is nearer to the values than two levels are."""
    known = ~np.isnan(values)
    largest = np.where(known, np.abs(values), 0.0).max(axis=1, keepdims=True)
    scaled = np.divide(values, largest, out=np.zeros_like(values), where=largest > 0)
    scaled[~known] = np.nan
    days = np.where(known, np.arange(values.shape[1]), np.nan)
    days = days - np.nanmean(days, axis=1, keepdims=True)
    middle = np.nanmean(scaled, axis=1, keepdims=True)
    slope = np.nansum(days * scaled, axis=1) / np.nansum(days**2, axis=1)
    line = np.nansum((scaled - middle - slope[:, None] * days) ** 2, axis=1)
    is_later = np.arange(values.shape[1]) >= start[:, None]
    levels = np.zeros(len(values))
    for side in (is_later, ~is_later):
        part = np.where(side & known, scaled, 0.0)
        size = np.maximum((side & known).sum(axis=1), 1)
        mean = (part.sum(axis=1) / size)[:, None]
        levels += np.where(side & known, (part - mean) ** 2, 0.0).sum(axis=1)
    return line < levels


def _sizes(values: np.ndarray, number: np.ndarray, is_start: np.ndarray) -> np.ndarray:
    """Median of each level less that of the one before; NaN where none begins."""
    level = number + np.cumsum(is_start, axis=1)
    medians = np.full((len(values), level.max(initial=0) + 1), np.nan)
    for count in range(medians.shape[1]):
        medians[:, count] = median(np.where(level == count, values, np.nan))
    before = np.take_along_axis(medians, np.maximum(level - 1, 0), axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = np.take_along_axis(medians, level, axis=1) - before
    return np.where(is_start, sizes, np.nan)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean of the known values of each row; NaN where there are none."""
    known = ~np.isnan(values)
    size = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.divide(total, size, out=np.full(len(values), np.nan), where=size > 0)
