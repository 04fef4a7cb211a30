"""Sums without rounding errors, and parts that add up to a given sum.

The error of each addition is kept beside its result (Knuth 1969, "The Art of Computer
Programming" 2, section 4.2.2, theorem B), which gives about twice the digits (Ogita,
Rump & Oishi 2005, SIAM J. Sci. Comput. 26, 1955–1988).
"""

import numpy as np

PASSES = 4  # parts that take a share of the rounding remainder, largest first


def exact_sum(values: np.ndarray) -> np.ndarray:
    """Sum of each row as if computed with twice the digits; NaN counts as nothing.

    :param values: shape (series, terms), float64; beyond 1e308 in sum is NaN
    :return: shape (series,); 0 of no terms
    """
    high = np.where(np.isnan(values), 0.0, values)
    low = np.zeros_like(high)
    with np.errstate(over="ignore", invalid="ignore"):
        while high.shape[1] > 1:
            high, low = _add_halves(high, low)
        total = (high + low).sum(axis=1)
    return np.where(np.isfinite(total), total, np.nan)


def close_parts(parts: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Parts that sum to ``change`` exactly, where they already do but for rounding.

    The remainder, below the last digit of the largest part, goes into that one; what
    is too small to change it goes into the next. Parts that are zero stay so.

    :param parts: shape (series, parts), float64; NaN counts as nothing
    :param change: shape (series,)
    :return: shape of ``parts``
    """
    closed = parts.copy()
    sizes = np.where(np.isnan(parts), 0.0, np.abs(parts))
    order = np.argsort(-sizes, axis=1, kind="stable")
    for rank in range(min(PASSES, parts.shape[1])):
        place = order[:, rank : rank + 1]
        rest = exact_sum(np.column_stack([change, -closed]))[:, None]
        part = np.take_along_axis(closed, place, axis=1)
        is_usable = np.isfinite(rest) & np.isfinite(part) & (part != 0)
        np.put_along_axis(closed, place, np.where(is_usable, part + rest, part), axis=1)
    return closed


def _add_halves(high: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first half of the columns plus the second, with the error of each sum."""
    if high.shape[1] % 2:
        high = np.pad(high, ((0, 0), (0, 1)))
        low = np.pad(low, ((0, 0), (0, 1)))
    half = high.shape[1] // 2
    left, right = high[:, :half], high[:, half:]
    total = left + right
    shift = total - left
    error = (left - (total - shift)) + (right - shift)
    return total, low[:, :half] + low[:, half:] + error
