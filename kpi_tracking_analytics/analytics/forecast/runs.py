"""Runs of odd values: what they are, and what forecasts may learn from them."""

from dataclasses import dataclass

import numpy as np

from ..trend.rows import median

SHIFT_RUN = 3  # odd values in a row on one side that are a new level


@dataclass(frozen=True)
class Runs:
    """Runs of odd values, and new levels; arrays of shape (series, periods).

    :ivar length: odd values of the run so far; 0 = none
    :ivar since_seam: values since the last change of the definition; 0 before any
    :ivar offset: of the level in each period that is known at its end, from the first
        level on
    """

    length: np.ndarray
    since_seam: np.ndarray
    offset: np.ndarray


def follow_runs(is_odd: np.ndarray, errors: np.ndarray, seams: np.ndarray) -> Runs:
    """Follow the runs of odd values on one side from period to period.

    The third odd value in a row is a new level, as is the third value after a change of
    the definition: from its end on the level is known to be higher by the median error
    of the three. A period without value neither ends a run nor adds to it.

    :param is_odd: shape (series, periods)
    :param errors: values less forecasts; NaN = no value, or no forecast
    :param seams: where values are computed otherwise than those before
    """
    series, periods = errors.shape
    lengths = np.zeros((series, periods), int)
    since = np.zeros((series, periods), int)
    offsets = np.zeros((series, periods))
    run, age = np.zeros(series, int), np.zeros(series, int)
    offset, side = np.zeros(series), np.zeros(series)
    last = np.full((series, SHIFT_RUN), np.nan)
    for period in range(periods):
        error, odd = errors[:, period], is_odd[:, period]
        known = ~np.isnan(error)
        is_same = odd & (np.sign(error) == side)
        side = np.where(odd, np.sign(error), side)
        run = np.where(known, np.where(is_same, run + 1, odd), run)
        begins = seams[:, period]
        run = np.where(begins, 0, run)
        age = np.where(begins, known, age + (known & (age > 0)))
        pushed = np.column_stack([last[:, 1:], error])
        last = np.where(known[:, None], pushed, last)
        is_new = known & ((run == SHIFT_RUN) | (age == SHIFT_RUN))
        if is_new.any():
            offset = np.where(is_new, offset + median(last), offset)
        lengths[:, period] = np.where(known, run, 0)
        since[:, period] = age
        offsets[:, period] = offset
    return Runs(lengths, since, offsets)


def without_runs(values: np.ndarray, seams: np.ndarray) -> Runs:
    """The same where nothing is odd and no level known yet."""
    nothing = np.zeros(values.shape, int)
    runs = follow_runs(nothing > 0, values, seams)
    return Runs(nothing, runs.since_seam, nothing.astype(float))


def hide_learned(runs: Runs, seams: np.ndarray) -> np.ndarray:
    """Whether a value may not be learned from: odd, or just after a change."""
    is_odd = (runs.length > 0) & (runs.length < SHIFT_RUN)
    return is_odd | (is_settling(runs, seams) & (runs.since_seam < SHIFT_RUN))


def is_settling(runs: Runs, seams: np.ndarray) -> np.ndarray:
    """Whether a value is one of those that tell the level after a change."""
    is_young = (runs.since_seam > 0) & (runs.since_seam <= SHIFT_RUN)
    return is_young | seams
