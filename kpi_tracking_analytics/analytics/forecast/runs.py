"""Runs of odd values: what they are, and what forecasts may learn from them."""

from dataclasses import dataclass

import numpy as np

from ..trend.rows import median

SHIFT_RUN = 3  # odd values in a row on one side that are a new level
# Errors in multiples of their margins: one counts as no more than so much of them, so
# that none makes a level alone; the mean of three is usually so large; a new level is
# a multiple of that, and never less than the last number.
MOST_SHARE, USUAL_MEAN, FACTOR, LEAST_MEAN = 0.62, 0.118, 2.85, 0.315
MOST_MEDIANS = 3.0  # of the three: a larger one is a spike beside them
PRIOR = 12.0  # means that the usual one counts as
SHRINK = 0.6  # of a step that is just seen: chance has helped it to be


@dataclass(frozen=True)
class Runs:
    """Runs of odd values, and new levels; arrays of shape (series, periods).

    :ivar length: odd values of the run so far; 0 = none
    :ivar since_seam: values since the last change of the definition; 0 before any
    :ivar offset: of the level in each period that is known at its end, from the first
        level on
    :ivar mean: error of the last three values where they tell a new level together,
        unit of the values; NaN elsewhere
    :ivar limit: of the mean, which it left
    """

    length: np.ndarray
    since_seam: np.ndarray
    offset: np.ndarray
    mean: np.ndarray
    limit: np.ndarray


def follow_runs(
    is_odd: np.ndarray,
    errors: np.ndarray,
    seams: np.ndarray,
    margins: np.ndarray | None = None,
) -> Runs:
    """Follow the runs of odd values on one side from period to period.

    The third odd value in a row is a new level, as are three values of which none is
    odd but their mean, and the third value after a change of the definition: from its
    end on the level is known to be higher by the median error of the three. A period
    without value neither ends a run nor adds to it.

    :param is_odd: shape (series, periods)
    :param errors: values less forecasts; NaN = no value, or no forecast
    :param seams: where values are computed otherwise than those before
    :param margins: of the errors; without them means tell nothing
    """
    series, periods = errors.shape
    if margins is None:
        margins = np.full(errors.shape, np.nan)
    lengths = np.zeros((series, periods), int)
    since = np.zeros((series, periods), int)
    offsets = np.zeros((series, periods))
    means, limits = np.full((2, series, periods), np.nan)
    run, age = np.zeros(series, int), np.zeros(series, int)
    offset, side = np.zeros(series), np.zeros(series)
    last = np.full((series, SHIFT_RUN), np.nan)
    together = _Together(series)
    for period in range(periods):
        error, odd, begins = errors[:, period], is_odd[:, period], seams[:, period]
        known = ~np.isnan(error)
        together.forget(begins)
        mean, limit = together.learn(error / margins[:, period])
        is_same = odd & (np.sign(error) == side)
        is_level = (np.abs(mean) > limit) & (np.sign(error) == np.sign(mean))
        is_level &= ~(is_same & (run > 0))  # the run itself tells
        last = _push(last, error)
        is_level &= np.abs(last).max(axis=1) <= MOST_MEDIANS * np.abs(median(last))
        side = np.where(odd | is_level, np.sign(error), side)
        run = np.where(known, np.where(is_same, run + 1, odd), run)
        run = np.where(is_level, SHIFT_RUN, run)
        run = np.where(begins, 0, run)
        age = np.where(begins, known, age + (known & (age > 0)))
        is_new = known & ((run == SHIFT_RUN) | (age == SHIFT_RUN))
        if is_new.any():
            doubt = np.where(is_level, SHRINK * (limit / mean) ** 2, 0.0)
            offset = np.where(is_new, offset + median(last) * (1 - doubt), offset)
            together.forget(is_new)
        means[is_level, period] = (mean * margins[:, period])[is_level]
        limits[is_level, period] = (limit * margins[:, period])[is_level]
        lengths[:, period] = np.where(known, run, 0)
        since[:, period] = age
        offsets[:, period] = offset
    return Runs(lengths, since, offsets, means, limits)


class _Together:
    """The mean of the last three errors, and how large it usually is.

    A series whose errors go on for long has larger means than one of which each error
    is by chance, and needs a larger one to be a new level.
    """

    def __init__(self, series: int) -> None:
        self._last = np.full((series, SHIFT_RUN), np.nan)
        self._total, self._count = np.zeros(series), np.zeros(series)

    def learn(self, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean of the last three errors and its limit by those before.

        :param shares: errors of a period in multiples of their margins; NaN = none
        :return: both in multiples of the margins; NaN without three errors
        """
        self._last = _push(self._last, np.clip(shares, -MOST_SHARE, MOST_SHARE))
        mean = np.where(np.isnan(shares), np.nan, self._last.mean(axis=1))
        total = self._total + PRIOR * USUAL_MEAN**2
        limit = np.maximum(FACTOR * np.sqrt(total / (self._count + PRIOR)), LEAST_MEAN)
        self._total += np.nan_to_num(np.minimum(mean**2, limit**2))
        self._count += ~np.isnan(mean)
        return mean, limit

    def forget(self, rows: np.ndarray) -> None:
        """Begin anew, on another level."""
        self._last[rows] = np.nan


def _push(last: np.ndarray, newest: np.ndarray) -> np.ndarray:
    """The last numbers of each row with a newer one; NaN = none."""
    pushed = np.column_stack([last[:, 1:], newest])
    return np.where(np.isnan(newest)[:, None], last, pushed)


def without_runs(values: np.ndarray, seams: np.ndarray) -> Runs:
    """The same where nothing is odd and no level known yet."""
    offset, unknown = np.zeros(values.shape), np.full(values.shape, np.nan)
    length, since = np.zeros((2, *values.shape), int)
    rows = seams.any(axis=1)
    followed = follow_runs(length[rows] > 0, values[rows], seams[rows])
    since[rows] = followed.since_seam
    return Runs(length, since, offset, unknown, unknown.copy())


def hide_learned(runs: Runs, seams: np.ndarray) -> np.ndarray:
    """Whether a value may not be learned from: odd, or just after a change."""
    is_odd = (runs.length > 0) & (runs.length < SHIFT_RUN)
    return is_odd | (is_settling(runs, seams) & (runs.since_seam < SHIFT_RUN))


def is_settling(runs: Runs, seams: np.ndarray) -> np.ndarray:
    """Whether a value is one of those that tell the level after a change."""
    is_young = (runs.since_seam > 0) & (runs.since_seam <= SHIFT_RUN)
    return is_young | seams
