"""The search for parameters that every fit of this addon goes by."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MOST_EVALUATIONS = 1000
TOLERANCE = 1e-9  # of the function, relative


@dataclass(frozen=True)
class Minimum:
    """Where a search ended.

    :ivar has_converged: False after ``MOST_EVALUATIONS``
    """

    point: np.ndarray
    value: float
    evaluations: int
    has_converged: bool


def find_minimum(
    function: Callable[[np.ndarray], float],
    start: np.ndarray,
    *,
    step: float = 0.5,
    most: int = MOST_EVALUATIONS,
) -> Minimum:
    """Nelder & Mead 1965 (Computer Journal 7, 308–313): needs no derivative.

    What is not finite counts as infinitely high, so the search never raises.
    """

    def height(point: np.ndarray) -> float:
        nonlocal evaluations
        evaluations += 1
        with np.errstate(all="ignore"):
            try:
                value = float(function(point))
            except (OverflowError, ValueError):
                return np.inf
        return value if np.isfinite(value) else np.inf

    evaluations = 0
    size = len(start)
    points = np.vstack([start, start + step * np.eye(size)])
    values = np.array([height(point) for point in points])
    while evaluations < most:
        order = np.argsort(values, kind="stable")
        points, values = points[order], values[order]
        flat = values[-1] - values[0] <= TOLERANCE * (1 + abs(values[0]))
        if flat and np.abs(points[1:] - points[0]).max() <= 1e-5:
            return Minimum(points[0], float(values[0]), evaluations, True)
        centre = points[:-1].mean(axis=0)
        away = centre - points[-1]
        reflected = centre + away
        value = height(reflected)
        if value < values[0]:
            expanded = centre + 2 * away
            farther = height(expanded)
            new = (expanded, farther) if farther < value else (reflected, value)
        elif value < values[-2]:
            new = reflected, value
        else:
            contracted = centre + (0.5 if value < values[-1] else -0.5) * away
            nearer = height(contracted)
            new = (contracted, nearer) if nearer < min(value, values[-1]) else None
        if new:
            points[-1], values[-1] = new
        else:
            points[1:] = points[0] + 0.5 * (points[1:] - points[0])
            values[1:] = [height(point) for point in points[1:]]
    best = int(np.argmin(values))
    return Minimum(points[best], float(values[best]), evaluations, False)
