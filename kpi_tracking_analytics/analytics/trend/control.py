"""Control charts: which values and runs are more than the process's own noise.

The rules of Nelson 1984 (J. Quality Technology 16, 237–239):

==== ==================================================================
rule pattern
==== ==================================================================
1    one value beyond 3 standard deviations
2    9 in a row on one side of the centre
3    6 in a row that all rise or all fall
4    14 in a row up and down in turn
5    2 of 3 beyond 2 standard deviations on one side
6    4 of 5 beyond 1 standard deviation on one side
7    15 in a row within 1 standard deviation
8    8 in a row beyond 1 standard deviation, on whichever side
==== ==================================================================
"""

from dataclasses import dataclass

import numpy as np

from .levels import level_seams
from .rows import median

# Three standard deviations by the mean and the median moving range (Wheeler & Chambers
# 1992, "Understanding Statistical Process Control", table A.2).
BY_MEAN = 2.660
BY_MEDIAN = 3.145
LEAST_RANGES = 3
NELSON_RULES = 8


@dataclass(frozen=True)
class Limits:
    """Natural limits of processes; arrays of shape (series,), NaN = too little data.

    :ivar center: mean, or median
    :ivar low, high: three standard deviations from it
    :ivar sigma: a standard deviation, by the moving ranges
    """

    center: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sigma: np.ndarray


def measure_limits(
    values: np.ndarray, seams: np.ndarray | None = None, *, by_median: bool = False
) -> Limits:
    """Limits of an XmR chart, by the differences between neighbours.

    What came before a change of the definition is shifted to the level after it; the
    step itself is no moving range, nor is one across a gap.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param seams: of that shape: where values are computed otherwise than those before
    :param by_median: use medians, which a few outliers do not widen
    """
    values = np.asarray(values, float)
    with np.errstate(over="ignore", invalid="ignore"):
        ranges = np.abs(np.diff(values, axis=1))
    if seams is not None:
        ranges[np.asarray(seams, bool)[:, 1:]] = np.nan
    levelled = level_seams(values, seams)
    middle = median if by_median else _mean
    is_known = (~np.isnan(ranges)).sum(axis=1) >= LEAST_RANGES
    with np.errstate(over="ignore", invalid="ignore"):
        reach = (BY_MEDIAN if by_median else BY_MEAN) * middle(ranges)
        center = middle(levelled)
        low, high = center - reach, center + reach
    is_known &= np.isfinite(low) & np.isfinite(high)
    columns = (center, low, high, reach / 3)
    return Limits(*(np.where(is_known, column, np.nan) for column in columns))


def find_nelson(
    values: np.ndarray, limits: Limits, seams: np.ndarray | None = None
) -> np.ndarray:
    """Where each of the eight rules holds, at the last value of its pattern.

    The rules are those of the module's table. A gap or a change of the definition ends
    every run.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :return: shape (8, series, periods), bool: rule 1 first; nothing where there are no
        limits, and only rules of order where all values are the same
    """
    levelled = level_seams(values, seams)
    z = _standardise(levelled, limits)
    if seams is None:
        seams = np.zeros(z.shape, bool)
    steps = np.full(z.shape, np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        steps[:, 1:] = np.sign(np.diff(levelled, axis=1))
    steps[seams | np.isnan(z)] = np.nan
    turns = np.zeros(z.shape, bool)
    turns[:, 1:] = steps[:, 1:] * steps[:, :-1] == -1
    rules = (
        np.abs(z) > 3,
        (_run(z > 0, seams) >= 9) | (_run(z < 0, seams) >= 9),
        # 5 steps are between 6 values, 12 turns between 14
        (_run(steps > 0, seams) >= 5) | (_run(steps < 0, seams) >= 5),
        _run(turns, seams) >= 12,
        _among(z, 2, 3, seams) | _among(-z, 2, 3, seams),
        _among(z, 1, 5, seams) | _among(-z, 1, 5, seams),
        _run(np.abs(z) < 1, seams) >= 15,
        _run(np.abs(z) > 1, seams) >= 8,
    )
    return np.array(rules)


def _standardise(values: np.ndarray, limits: Limits) -> np.ndarray:
    """Distances from the centre in standard deviations; NaN without limits."""
    sigma = limits.sigma[:, None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        distance = values - limits.center[:, None]
        z = distance / sigma
    return np.where((distance == 0) & (sigma == 0), 0.0, z)


def _run(holds: np.ndarray, seams: np.ndarray) -> np.ndarray:
    """How many periods in a row it holds up to each one, from the last seam on."""
    place = np.arange(holds.shape[1])
    start = np.maximum.accumulate(
        np.where(~holds, place, np.where(seams, place - 1, -1)), axis=1
    )
    return place - start


def _among(z: np.ndarray, size: int, window: int, seams: np.ndarray) -> np.ndarray:
    """Whether all but one of the last ``window`` values are above, this one too."""
    holds = z > size
    reach = np.minimum(_run(~np.isnan(z), seams), window)
    total = np.cumsum(np.pad(holds, ((0, 0), (1, 0))), axis=1)
    place = np.arange(1, total.shape[1])
    start = np.take_along_axis(total, place - reach, axis=1)
    return holds & (total[:, 1:] - start >= window - 1)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean of the known values of each row; NaN where there are none."""
    known = ~np.isnan(values)
    size = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.divide(total, size, out=np.full(len(values), np.nan), where=size > 0)
