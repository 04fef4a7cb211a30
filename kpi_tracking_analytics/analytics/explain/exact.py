"""Sums without rounding errors, and parts that add up to a given sum."""

import math

import numpy as np

PASSES = 4  # parts that take a share of the rounding remainder
FINE = 2.0**42  # times a remainder: what is not larger takes in its first ten bits


def exact_sum(values: np.ndarray) -> np.ndarray:
    """Sum of each row, rounded once; NaN counts as nothing.

    :param values: shape (series, terms), float64; beyond 1e308 in sum is NaN
    :return: shape (series,); 0 of no terms
    """
    rows = np.where(np.isnan(values), 0.0, values).tolist()
    return np.array([_sum_exactly(row) for row in rows], float)


def close_parts(parts: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Parts that sum to ``change``, where they already do but for rounding.

    The remainder, below the last digits of the largest part, goes into the largest one
    that it changes by little and exactly enough; what is left of it into a smaller one.
    Parts that are zero stay so.

    :param parts: shape (series, parts), float64; NaN counts as nothing
    :param change: shape (series,)
    :return: shape of ``parts``
    """
    closed = parts.copy()
    if not parts.shape[1]:
        return closed
    for _pass in range(PASSES):
        rest = exact_sum(np.column_stack([change, -closed]))[:, None]
        place = _place_for(closed, rest)
        part = np.take_along_axis(closed, place, axis=1)
        is_usable = np.isfinite(rest) & np.isfinite(part) & (part != 0)
        np.put_along_axis(closed, place, np.where(is_usable, part + rest, part), axis=1)
    return closed


def _place_for(parts: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Place of the largest part with digits enough to take in the rest of its row.

    :return: shape (series, 1); of the smallest part where none has them
    """
    sizes = np.where(np.isnan(parts) | (parts == 0), np.inf, np.abs(parts))
    with np.errstate(over="ignore", invalid="ignore"):
        is_fine = sizes <= np.abs(rest) * FINE
    largest = np.where(is_fine, sizes, -1.0).argmax(axis=1)
    place = np.where(is_fine.any(axis=1), largest, sizes.argmin(axis=1))
    return place[:, None]


def _sum_exactly(row: list[float]) -> float:
    try:
        total = math.fsum(row)
    except (OverflowError, ValueError):  # ValueError: infinite terms of both signs
        return math.nan
    return total if math.isfinite(total) else math.nan
