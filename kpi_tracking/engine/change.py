"""Changes of KPIs beside how much they usually change.

A change is divided by the median absolute change of the periods before it: the median
moving range of Wheeler & Chambers 1992, "Understanding Statistical Process Control",
ch. 3, which one outlier does not widen as it does a standard deviation (Hampel 1974,
"The influence curve and its role in robust estimation"). Where more than half of them
are zero, by their mean (Iglewicz & Hoaglin 1993, "How to Detect and Handle Outliers",
section 3, does so for deviations).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import copysign, inf, isnan, nan

import numpy as np

WINDOW = 12  # periods whose changes are the usual ones
LEAST_KNOWN = 3  # changes; of fewer nobody knows what is usual
# Upper limit of moving ranges by their median (Wheeler & Chambers 1992, table A.2):
# a larger change is not chance.
UNUSUAL = 3.865
# Of what hardly moves a small change is many times the usual one: from here on, how
# many times says no more than that there is hardly any.
FAR = 20.0


@dataclass(frozen=True)
class Changes:
    """Changes of KPIs from each period to the next; arrays of one shape, NaN = none.

    :param steps: differences to the period before, in the unit of the KPI
    :param usual: median absolute change of the periods before, or the mean where that
        is zero; same unit
    :param ratios: ``steps`` in multiples of ``usual``, with their sign
    """

    steps: np.ndarray
    usual: np.ndarray
    ratios: np.ndarray


def measure_changes(
    values: np.ndarray, window: int = WINDOW, seams: np.ndarray | None = None
) -> Changes:
    """Changes of every KPI, each measured by those of the ``window`` periods before.

    The first period has no change, nor has one beside a gap. Fewer than
    :data:`LEAST_KNOWN` known changes before make no usual one, so the ratio is NaN.
    The first change after none at all is infinitely large, another none is 0.

    :param values: shape (kpis, periods), float64, oldest first; NaN = no data
    :param window: number of changes before, at least :data:`LEAST_KNOWN`
    :param seams: of the same shape: where values are computed otherwise than those
        before, which they are not compared with
    :return: arrays of the same shape
    :raises ValueError: ``window`` is too short
    """
    if window < LEAST_KNOWN:
        raise ValueError(f"window must be at least {LEAST_KNOWN} periods, got {window}")
    values = np.asarray(values, float)
    steps = np.full(values.shape, np.nan)
    steps[:, 1:] = np.diff(values, axis=1)
    if seams is not None:
        steps[seams] = np.nan
    usual = _usual_before(np.abs(steps), window)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = steps / usual
    # Zero by zero is no change.
    ratios[(steps == 0) & (usual == 0)] = 0.0
    return Changes(steps, usual, ratios)


def measure_next(known: Sequence[float], value: float) -> float:
    """Change to ``value`` in multiples of the usual one, as ``measure_changes`` has it.

    Periods without a value are passed over: what somebody enters now is compared with
    the last values that there are.

    :param known: values before it, oldest first, without gaps
    :return: with its sign, infinite after values that were all the same; NaN where too
        few are known
    """
    return measure_last([*known, value])


def measure_last(
    values: Sequence[float | None], seams: Sequence[bool] | None = None
) -> float:
    """Last ratio of ``measure_changes`` for one KPI, many times faster for so little.

    :param values: oldest first; None or NaN = no data
    :param seams: as many: where a value is computed otherwise than that before
    :return: change in multiples of the usual one, with its sign; NaN = not known
    """
    values = [nan if value is None else value for value in values[-WINDOW - 2 :]]
    seams = seams[-WINDOW - 2 :] if seams else [False] * len(values)
    steps = [
        nan if is_seam else after - before
        for before, after, is_seam in zip(values, values[1:], seams[1:], strict=False)
    ]
    last = steps.pop() if steps else nan
    sizes = sorted(abs(step) for step in steps if not isnan(step))
    if isnan(last) or len(sizes) < LEAST_KNOWN:
        return nan
    median = (sizes[(len(sizes) - 1) // 2] + sizes[len(sizes) // 2]) / 2
    usual = median or sum(sizes) / len(sizes)
    if usual:
        return last / usual
    return copysign(inf, last) if last else 0.0


def _usual_before(sizes: np.ndarray, window: int) -> np.ndarray:
    """Usual of the known sizes in the ``window`` columns before each column."""
    kpis, periods = sizes.shape
    padded = np.concatenate([np.full((kpis, window), np.nan), sizes], axis=1)
    before = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)
    ordered = np.sort(before[:, :periods], axis=2)  # NaN comes last
    known = (~np.isnan(ordered)).sum(axis=2)
    low = np.maximum(known - 1, 0) // 2
    middle = [
        np.take_along_axis(ordered, place[:, :, None], axis=2)[:, :, 0]
        for place in (low, known // 2)
    ]
    # A window full of numbers has two middle ones, or one twice.
    median = (middle[0] + middle[1]) / 2
    mean = np.nansum(ordered, axis=2) / np.maximum(known, 1)
    return np.where(known < LEAST_KNOWN, np.nan, np.where(median > 0, median, mean))
