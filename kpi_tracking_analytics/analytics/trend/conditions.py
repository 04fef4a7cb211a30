"""Conditions that alerts ask of many series at once."""

from collections.abc import Sequence

import numpy as np

from odoo.addons.kpi_tracking.engine.status import Direction

from .levels import level_seams
from .rows import MAD_SCALE, trailing_median
from .season import find_season, remove_season
from .slope import Slope, measure_slope

SURE = 0.05  # p-value from which a trend is one
LEAST_LEVEL = 8  # periods whose median is the level
CYCLES = 8  # of the season that say what is usual at its positions
LEAST_CYCLES = 2
WINDOW = 64  # periods that say how far values usually are from that
LEAST_KNOWN = 8  # of them


def measure_trend(
    values: np.ndarray,
    days: np.ndarray,
    seasons: Sequence[int] = (),
    seams: np.ndarray | None = None,
) -> Slope:
    """Slopes a day without the season, with their test.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param days: shape (periods,): a day of each period, ascending
    :param seasons: candidates for the periods of a season, such as 12 for months
    :param seams: of the shape of ``values``: where values are computed otherwise than
        those before
    """
    season = find_season(values, seasons, seams)
    return measure_slope(remove_season(values, season), days, seams)


def judge_trend(slope: Slope, direction: Direction, sure: float = SURE) -> np.ndarray:
    """Whether KPIs get better or worse: 1 = better, −1 = worse, 0 = neither surely.

    For a range the slope is that of :func:`rate_values`, which is higher the better.

    :return: shape (series,), int
    """
    way = np.where(slope.p_value <= sure, np.sign(slope.z), 0.0).astype(int)
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


def seasonal_z(
    values: np.ndarray, period: int = 1, seams: np.ndarray | None = None
) -> np.ndarray:
    """How far values are from what is usual at their position in the season.

    The median of the periods before, over whole seasons, is the level; the median
    distance from it at the same position of up to :data:`CYCLES` seasons before is what
    is usual, also under a steady trend; the robust deviation of what is left of the
    :data:`WINDOW` periods before is the unit. Only earlier periods are looked at.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param period: periods of a season; 1 = none
    :param seams: of the shape of ``values``: where values are computed otherwise than
        those before; there the level starts anew
    :return: same shape; NaN where too little is known, infinite beyond values that
        never left the usual ones
    :raises ValueError: ``period`` below 1
    """
    if period < 1:
        raise ValueError(f"a season has at least 1 period, got {period}")
    values = np.asarray(values, float)
    if seams is not None and np.any(seams):
        return _seasonal_z_of_parts(values, period, np.asarray(seams, bool))
    window = period * -(-LEAST_LEVEL // period)
    with np.errstate(over="ignore", invalid="ignore"):
        distance = values - trailing_median(values, window)
        left = distance - _usual_by_position(distance, period)
    known = np.cumsum(~np.isnan(left), axis=1) - ~np.isnan(left)
    unit = MAD_SCALE * trailing_median(np.abs(left), WINDOW)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        z = left / unit
    z = np.where((left == 0) & (unit == 0), 0.0, z)
    return np.where(known >= LEAST_KNOWN, z, np.nan)


def _seasonal_z_of_parts(
    values: np.ndarray, period: int, seams: np.ndarray
) -> np.ndarray:
    """The same where each period sees the values before levelled up to itself.

    What comes after a seam says how large its shift is, so the first periods after one
    are not judged until their own level is known.
    """
    result = seasonal_z(values, period)
    number = np.cumsum(seams, axis=1)
    count = np.cumsum(~np.isnan(values), axis=1)
    at_seam = np.maximum.accumulate(np.where(seams, count, 0), axis=1)
    for column in np.flatnonzero(number.any(axis=0)):
        rows = np.flatnonzero(number[:, column] > 0)
        past = values[rows, :column]
        levelled = level_seams(past, seams[rows, :column])
        row = np.column_stack([levelled, values[rows, column]])
        z = seasonal_z(row, period)[:, -1]
        since = (count - at_seam)[rows, column]
        result[rows, column] = np.where(since >= LEAST_LEVEL, z, np.nan)
    return result


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


def _usual_by_position(distance: np.ndarray, period: int) -> np.ndarray:
    """Median of the cycles before at the same position of the season."""
    count, periods = distance.shape
    cycles = -(-periods // period)
    padding = ((0, 0), (0, cycles * period - periods))
    padded = np.pad(distance, padding, constant_values=np.nan)
    folded = padded.reshape(count, cycles, period).transpose(0, 2, 1)
    folded = folded.reshape(count * period, cycles)
    reach = CYCLES if period > 1 else WINDOW
    usual = trailing_median(folded, reach)
    known = ~np.isnan(np.pad(folded, ((0, 0), (1, 0)), constant_values=np.nan)[:, :-1])
    usual[np.cumsum(known, axis=1) < LEAST_CYCLES] = np.nan
    usual = usual.reshape(count, period, cycles).transpose(0, 2, 1)
    return usual.reshape(count, cycles * period)[:, :periods]
