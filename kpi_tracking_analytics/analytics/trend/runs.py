"""Runs of periods beside others, streaks, how values waver, what is left to bring."""

import numpy as np

from odoo.addons.kpi_tracking.engine.status import Direction

from .rows import deviation, median, segments


def percent_changes(values: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Changes in percent of ``references``, as ``period_report.change`` has them.

    :return: same shape; NaN where one is missing, the reference is 0, or the one is
        negative and the other positive
    """
    values, references = np.asarray(values, float), np.asarray(references, float)
    has_base = (references != 0) & (np.sign(values) * np.sign(references) >= 0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        percent = 100 * ((values - references) / np.abs(references))
    return np.where(has_base & np.isfinite(percent), percent, np.nan)


def compare_runs(
    values: np.ndarray,
    count: int,
    is_additive: np.ndarray,
    weights: np.ndarray | None = None,
    seams: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The last ``count`` periods, and those before them, of every period.

    Additive KPIs are summed, and have no sum where a period of the run has no value;
    others are averaged by their weights. Runs with a change of the definition inside or
    between them are not compared.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param count: periods of a run, at least 1
    :param is_additive: shape (series,), bool
    :param weights: of the shape of ``values``, at least 0; 1 where missing
    :return: what the runs are together, two arrays of the shape of ``values`` for
        :func:`percent_changes`; NaN where there is nothing to compare
    :raises ValueError: ``count`` below 1
    """
    if count < 1:
        raise ValueError(f"a run has at least 1 period, got {count}")
    values = np.asarray(values, float)
    if weights is None:
        weights = np.ones(values.shape)
    last = _combine(values, count, np.asarray(is_additive, bool)[:, None], weights)
    before = np.full(values.shape, np.nan)
    before[:, count:] = last[:, :-count]
    number = segments(seams, values.shape)
    has_seam = np.ones(values.shape, bool)
    first = np.arange(values.shape[1]) - 2 * count + 1
    has_seam[:, first >= 0] = number[:, first >= 0] != number[:, first[first >= 0]]
    is_known = ~has_seam & np.isfinite(last) & np.isfinite(before)
    return np.where(is_known, last, np.nan), np.where(is_known, before, np.nan)


def _combine(
    values: np.ndarray, count: int, is_additive: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Sums or weighted means of the last ``count`` periods; NaN where there are none.

    :param is_additive: shape (series, 1)
    """
    known = ~np.isnan(values)
    weights = np.where(is_additive | np.isnan(weights), 1.0, weights)
    weights = np.where(known, weights, 0.0)
    total = _trailing(np.where(known, values, 0.0) * weights, count)
    size = _trailing(weights, count)
    is_usable = np.where(is_additive, size == count, size > 0)
    divisor = np.where(is_additive | ~is_usable, 1.0, size)
    with np.errstate(invalid="ignore"):
        return np.where(is_usable, total / divisor, np.nan)


def measure_streaks(is_on_target: np.ndarray) -> np.ndarray:
    """How many judged periods in a row are on target, or off it, up to each one.

    :param is_on_target: shape (series, periods), oldest first: 1 = on target, 0 = off,
        NaN = not judged, which neither ends a streak nor adds to it
    :return: same shape, int: above 0 on target, below 0 off it, 0 before the first
    """
    judged = ~np.isnan(is_on_target)
    place = np.arange(is_on_target.shape[1])
    latest = np.maximum.accumulate(np.where(judged, place, -1), axis=1)
    state = np.take_along_axis(
        np.where(judged, is_on_target, 0.0), np.maximum(latest, 0), axis=1
    )
    is_turn = np.zeros(judged.shape, bool)
    is_turn[:, 1:] = judged[:, 1:] & (latest[:, :-1] >= 0)
    is_turn[:, 1:] &= state[:, 1:] != state[:, :-1]
    count = np.cumsum(judged, axis=1)
    at_turn = np.maximum.accumulate(np.where(is_turn, count - 1, 0), axis=1)
    return np.where(latest < 0, 0, (count - at_turn) * np.where(state > 0, 1, -1))


def measure_volatility(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """How far values lie from what the periods before let expect, beside their size.

    :param values: shape (series, periods), float64; NaN = no data
    :param errors: of that shape: values less their forecasts of one period before
    :return: shape (series,): robust deviation of the errors as a share of the median
        size of the values; NaN where that is 0 or unknown
    """
    size = median(np.abs(np.asarray(values, float)))
    spread = deviation(np.asarray(errors, float))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        share = spread / size
    return np.where(np.isfinite(share) & (size > 0), share, np.nan)


def pace_needed(
    actual: np.ndarray,
    target: np.ndarray,
    days_left: np.ndarray,
    direction: Direction = "higher",
) -> np.ndarray:
    """What each working day left has to bring so that a sum reaches its target.

    For a KPI that is better when lower it is what each day may bring at most; below 0
    where already more was spent than the target.

    :param actual: sums so far; NaN = no data
    :param target: of the whole period; NaN = none
    :param days_left: working days left, at least 0
    :return: of the common shape, in the unit of the KPI a day; 0 where a target was
        reached, NaN where no day is left to reach it
    :raises ValueError: the direction is a range, which no pace leads to
    """
    if direction == "range":
        raise ValueError("a range has no pace: it is not reached by adding up")
    actual, target, days_left = np.broadcast_arrays(
        *(np.asarray(array, float) for array in (actual, target, days_left))
    )
    with np.errstate(over="ignore", invalid="ignore"):
        left = target - actual
    if direction == "higher":
        left = np.maximum(left, 0.0)  # NaN stays
    out = np.where(left == 0, 0.0, np.nan)
    pace = np.divide(left, days_left, out=out, where=days_left > 0)
    return np.where(np.isinf(pace), np.nan, pace)


def _trailing(values: np.ndarray, count: int) -> np.ndarray:
    """Sum of the last ``count`` columns at each one; NaN before the first full run."""
    result = np.full(values.shape, np.nan)
    if values.shape[1] >= count:
        views = np.lib.stride_tricks.sliding_window_view(values, count, axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            result[:, count - 1 :] = views.sum(axis=2)
    return result
