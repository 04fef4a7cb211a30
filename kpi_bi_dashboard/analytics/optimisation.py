"""The search for parameters that every fit of this addon goes by."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

MOST_EVALUATIONS = 1000
TOLERANCE = 1e-11  # of the function, relative
LONGEST_STEP = 2.0
SLOPE_STEP, CURVE_STEP = 1.5e-8, 1e-3  # of differences
LEAST_CURVE = 1e-4
_known = partial(np.nan_to_num, nan=0.0, posinf=0.0, neginf=0.0)


@dataclass(frozen=True)
class Minimum:
    """Where a search ended.

    :ivar has_converged: False after ``MOST_EVALUATIONS``
    """

    point: np.ndarray
    value: float
    evaluations: int
    has_converged: bool


@np.errstate(all="ignore")
def find_minimum(function: Callable[[np.ndarray], float], start: np.ndarray) -> Minimum:
    """Quasi-Newton steps (BFGS; Nocedal & Wright 2006, section 6.1) by differences.

    The curvature at the start is measured, and updated from then on. What is not finite
    counts as infinitely high, so the search never raises.
    """

    def height(point: np.ndarray) -> float:
        nonlocal evaluations
        evaluations += 1
        try:
            value = float(function(point))
        except (OverflowError, ValueError):
            return np.inf
        return value if np.isfinite(value) else np.inf

    def beside(point: np.ndarray, step: float) -> np.ndarray:
        return np.array([height(point + row) for row in step * np.eye(len(point))])

    evaluations = 0
    point, value = start, height(start)
    slope, inverse = _measure(beside, point, value)
    while evaluations < MOST_EVALUATIONS:
        step = -inverse @ slope
        step = step / max(1, np.abs(step).max() / LONGEST_STEP)
        # halve it until it goes down by a part of what the slope says
        while (new := height(point + step)) > value + 1e-4 * min(step @ slope, 0):
            step = step / 2
            if np.abs(step).max() < 1e-9:
                return Minimum(point, value, evaluations, True)
        drop, old = value - new, slope
        point, value = point + step, new
        if drop <= TOLERANCE * (1 + abs(value)):
            return Minimum(point, value, evaluations, True)
        slope = _known((beside(point, SLOPE_STEP) - value) / SLOPE_STEP)
        inverse = _update(inverse, step, slope - old)
    return Minimum(point, value, evaluations, False)


def _measure(
    beside: Callable[[np.ndarray, float], np.ndarray], point: np.ndarray, value: float
) -> tuple[np.ndarray, np.ndarray]:
    """Slope and inverse curvature, all of it upwards, by differences.

    :param beside: heights a step away along each axis
    """
    near = beside(point, CURVE_STEP)
    rows = point + CURVE_STEP * np.eye(len(point))
    curves = np.array([beside(row, CURVE_STEP) for row in rows])
    curves = _known((curves - near - near[:, None] + value) / CURVE_STEP**2)
    slope = _known((near - value) / CURVE_STEP - CURVE_STEP / 2 * np.diag(curves))
    sizes, axes = np.linalg.eigh(curves)
    return slope, (axes / np.maximum(np.abs(sizes), LEAST_CURVE)) @ axes.T


def _update(inverse: np.ndarray, step: np.ndarray, change: np.ndarray) -> np.ndarray:
    """The inverse curvature after a step by which the slope changed so."""
    curve = change @ step
    if not curve > 0:
        return inverse
    part = np.eye(len(step)) - np.outer(step, change) / curve
    return part @ inverse @ part.T + np.outer(step, step) / curve
