"""Which numbers a KPI can have at all."""

from enum import IntEnum

import numpy as np


class NumberKind(IntEnum):
    """Kind of number of a series.

    ``BY_HISTORY``: not negative if it never was, nor positive if it never was;
    ``COUNT``: whole, from 0; ``SHARE``: from 0 to 100; ``FREE``: any.
    """

    BY_HISTORY = 0
    COUNT = 1
    SHARE = 2
    FREE = 3


def read_kinds(kinds: np.ndarray | NumberKind | None, series: int) -> np.ndarray:
    """Kind of every series, as an array.

    :param kinds: one for all or one for each; None for ``BY_HISTORY``
    :raises ValueError: there are not as many as series, or an unknown one
    """
    array = np.asarray(NumberKind.BY_HISTORY if kinds is None else kinds, int)
    if not np.isin(array, list(NumberKind)).all():
        raise ValueError(f"kinds of numbers are {list(NumberKind)}, got {kinds}")
    if array.ndim and array.shape != (series,):
        raise ValueError(f"{series} series need as many kinds, got {array.shape}")
    return np.broadcast_to(array, (series,))


def fit_kinds(
    numbers: np.ndarray,
    kinds: np.ndarray,
    signs: np.ndarray,
    rounded: np.ufunc | None = None,
) -> np.ndarray:
    """Numbers moved to the nearest ones possible.

    :param numbers: shape (series, horizon)
    :param kinds: shape (series,)
    :param signs: shape (series, 2): whether each was ever negative, and ever positive
    :param rounded: how counts become whole, if they are to
    """
    negative, positive = signs.T
    by_history = kinds == NumberKind.BY_HISTORY
    is_share, is_count = kinds == NumberKind.SHARE, kinds == NumberKind.COUNT
    largest = np.finfo(float).max
    low = np.where(is_share | is_count | (by_history & ~negative), 0.0, -largest)
    # what was never anything but 0 may become something
    below = by_history & negative & ~positive
    high = np.where(is_share, 100.0, np.where(below, 0.0, largest))
    if rounded:
        numbers = np.where(is_count[:, None], rounded(numbers), numbers)
    return np.clip(numbers, low[:, None], high[:, None])
