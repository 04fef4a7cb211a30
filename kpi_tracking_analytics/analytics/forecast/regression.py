"""Straight lines and parabolas through all values so far, by least squares."""

import numpy as np

DAMPING = 0.9  # of each further step along a parabola, which soon leaves all bounds
LEAST_SPREAD = 1e-9  # of what a power of time adds to the lower ones


def running_lines(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lines through the values up to each period.

    :param values: shape (series, periods); NaN = no data
    :return: slope per period and height at the period, both of that shape; below three
        values flat through their mean; heights NaN before the first
    """
    known = ~np.isnan(values)
    times = np.arange(values.shape[1], dtype=float)
    filled = np.where(known, values, 0.0)
    count = np.cumsum(known, axis=1)
    divisor = np.maximum(count, 1)
    mean_time = np.cumsum(known * times, axis=1) / divisor
    mean = np.cumsum(filled, axis=1) / divisor
    spread = np.cumsum(known * times**2, axis=1) - divisor * mean_time**2
    shared = np.cumsum(filled * times, axis=1) - divisor * mean * mean_time
    slopes = np.zeros(values.shape)
    np.divide(shared, spread, out=slopes, where=(count > 2) & (spread > 0))
    heights = np.where(count > 0, mean + slopes * (times - mean_time), np.nan)
    return slopes, heights


def linear_paths(values: np.ndarray, horizon: int) -> np.ndarray:
    """The line through all values up to each origin, and on.

    :return: shape (series, periods, horizon)
    """
    slopes, heights = running_lines(values)
    return heights[:, :, None] + slopes[:, :, None] * np.arange(1, horizon + 1)


def polynomial_paths(values: np.ndarray, horizon: int) -> np.ndarray:
    """The parabola through all values up to each origin, and on in shrinking steps.

    With fewer than five values, or where a square says nothing, it is a line.

    :return: shape (series, periods, horizon)
    """
    series, periods = values.shape
    moments, products = np.zeros((5, series)), np.zeros((3, series))
    paths = np.full((series, periods, horizon), np.nan)
    ahead = np.cumsum(DAMPING ** np.arange(1, horizon + 1))
    for period in range(periods):
        known = ~np.isnan(values[:, period])
        # powers of the age of each value: one period older, and the new one of age 0
        moments, products = _age(moments), _age(products)
        moments[0] += known
        products[0] += np.where(known, values[:, period], 0.0)
        paths[:, period] = _parabola(moments, products, period + 1.0, ahead)
    return paths


def _age(sums: np.ndarray) -> np.ndarray:
    """Sums of powers of ages a period later, by the binomial theorem."""
    older = np.empty(sums.shape)
    row = np.ones(1)
    for power in range(len(sums)):
        older[power] = row @ sums[: power + 1]
        row = np.r_[1.0, row[1:] + row[:-1], 1.0]  # the next row of Pascal's triangle
    return older


def _parabola(
    moments: np.ndarray, products: np.ndarray, unit: float, ahead: np.ndarray
) -> np.ndarray:
    """Values ``ahead`` of the newest, by polynomials orthogonal on the known ages.

    :param moments: shape (5, series): sums of powers 0 to 4 of ages
    :param products: shape (3, series): sums of values times powers 0 to 2 of ages
    :param unit: ages are divided by it, so that no power is far from 1
    """
    count = moments[0]
    scale = np.maximum(count, 1.0) * unit ** np.arange(5.0)[:, None]
    mean = moments / scale
    shared = products / scale[:3]
    spread = mean[2] - mean[1] ** 2
    slope = _ratio(shared[1] - mean[1] * shared[0], spread, count > 2)
    # x² − mean − lean · (x − mean): what a square adds to a line
    lean = _ratio(mean[3] - mean[1] * mean[2], spread, count > 2)
    square = mean[4] - mean[2] ** 2 - lean**2 * spread
    bent = shared[2] - mean[2] * shared[0] - lean * (shared[1] - mean[1] * shared[0])
    bend = _ratio(bent, square, count > 4)
    age = -ahead / unit
    line = age - mean[1][:, None]
    curve = age**2 - mean[2][:, None] - lean[:, None] * line
    result = shared[0][:, None] + slope[:, None] * line + bend[:, None] * curve
    return np.where(count[:, None] > 0, result, np.nan)


def _ratio(above: np.ndarray, below: np.ndarray, enough: np.ndarray) -> np.ndarray:
    where = enough & (below > LEAST_SPREAD)
    return np.divide(above, below, out=np.zeros(len(above)), where=where)
