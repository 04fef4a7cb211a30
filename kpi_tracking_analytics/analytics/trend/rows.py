"""Medians, ranks and tails of many series at once, gaps left out."""

import math
from collections.abc import Iterator

import numpy as np

MAD_SCALE = 1.4826  # of a normal distribution, deviation by its median one
BLOCK = 2_000_000  # numbers worked on at a time, 16 MB an array


def median(values: np.ndarray) -> np.ndarray:
    """Median along the last axis, NaN left out; NaN where nothing is known."""
    if not values.shape[-1]:
        return np.full(values.shape[:-1], np.nan)
    return sorted_median(np.sort(values, axis=-1))  # NaN comes last


def sorted_median(ordered: np.ndarray) -> np.ndarray:
    """The same of values that are in order, NaN last."""
    known = (~np.isnan(ordered)).sum(axis=-1)
    places = np.maximum(known - 1, 0) // 2, known // 2
    last = ordered.shape[-1] - 1
    low, high = (
        np.take_along_axis(ordered, np.minimum(place, last)[..., None], -1)[..., 0]
        for place in places
    )
    return np.where((low == high) | (known == 1), low, low / 2 + high / 2)


def deviation(values: np.ndarray) -> np.ndarray:
    """Robust standard deviation along the last axis: median distance from the median.

    Hampel 1974 (JASA 69, 383–393).
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return MAD_SCALE * median(np.abs(values - median(values)[..., None]))


def trailing_mean(values: np.ndarray, count: int) -> np.ndarray:
    """Mean of the last ``count`` values at each one; NaN where half of them lack."""
    if not values.size:
        return values
    padded = np.pad(values, ((0, 0), (count - 1, 0)), constant_values=np.nan)
    views = np.lib.stride_tricks.sliding_window_view(padded, count, axis=1)
    known = (~np.isnan(views)).sum(axis=2)
    total = np.nansum(views, axis=2)
    out = np.full(values.shape, np.nan)
    return np.divide(total, known, out=out, where=2 * known > count)


def ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each value in its row from 1, ties at their mean; NaN stays NaN."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    count = values.shape[1]
    is_new = np.ones(values.shape, bool)
    is_new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    places = np.arange(count)
    first = np.maximum.accumulate(np.where(is_new, places, 0), axis=1)
    ends = np.column_stack([is_new[:, 1:], np.ones(len(values), bool)])
    last = np.where(ends, places, count)[:, ::-1]
    last = np.minimum.accumulate(last, axis=1)[:, ::-1]
    result = np.empty(values.shape)
    np.put_along_axis(result, order, (first + last) / 2 + 1, axis=1)
    return np.where(np.isnan(values), np.nan, result)


def two_sided(z: np.ndarray) -> np.ndarray:
    """Probability of a normal number at least so far from 0; NaN stays NaN."""
    return _ERFC(np.abs(z) / math.sqrt(2)).astype(float)


def upper_tail(z: np.ndarray) -> np.ndarray:
    """Probability of a normal number of at least ``z``."""
    return _ERFC(np.asarray(z) / math.sqrt(2)).astype(float) / 2


def segments(seams: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Number of the way of computing of each value: 0, and one more at each seam."""
    if seams is None:
        return np.zeros(shape, int)
    return np.cumsum(np.asarray(seams, bool), axis=1)


def blocks(count: int, width: int) -> Iterator[slice]:
    """Slices of rows that are worked on at a time, ``width`` numbers each."""
    step = max(1, BLOCK // max(width, 1))
    return (slice(start, start + step) for start in range(0, count, step))


_ERFC = np.frompyfunc(math.erfc, 1, 1)
