"""Progress of a KPI from its baseline to its target, and where it is going."""

from typing import Literal

import numpy as np

TrendWord = Literal["improving", "declining", "stable"]


def measure_progress(
    baseline: np.ndarray, target: np.ndarray, actual: np.ndarray
) -> np.ndarray:
    """Share of the way from the baseline to the target that was gone.

    It is not clamped: 1.2 is beyond the target, −0.3 is worse than the baseline. The
    same holds where less is better, as both differences change their sign then.

    :param baseline: one number per KPI, NaN = none; the others are of its shape
    :return: same shape, 1 = target reached; NaN where a number is missing or baseline
        and target are equal, as there is no way between them
    """
    start, stop, now = (np.asarray(each, float) for each in (baseline, target, actual))
    way = stop - start
    with np.errstate(over="ignore", invalid="ignore"):
        return np.divide(
            now - start,
            way,
            out=np.full(np.broadcast(start, stop, now).shape, np.nan),
            where=way != 0,
        )


def name_trend(
    slope_low: float, slope_high: float, *, is_lower_better: bool
) -> TrendWord:
    """What a slope means for the reader, from the limits between which it lies.

    :param slope_low: lower limit, in the KPI's unit per day; NaN = not known
    :return: ``stable`` where the limits do not exclude that nothing changes
    """
    if slope_low > 0:
        return "declining" if is_lower_better else "improving"
    if slope_high < 0:
        return "improving" if is_lower_better else "declining"
    return "stable"
