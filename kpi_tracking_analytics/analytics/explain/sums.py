"""Sums and counts: what each key added or took away between two periods."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from .exact import close_parts, exact_sum


@dataclass(frozen=True)
class SumSplit:
    """Change of sums by key: ``parts`` and ``other`` add up to ``change``.

    :ivar parts: shape (series, keys); NaN where a key is part of ``other``
    :ivar other: shape (series,): all that has no key of its own
    :ivar change: shape (series,): sum after less sum before; NaN where a side has no
        number at all
    """

    parts: np.ndarray
    other: np.ndarray
    change: np.ndarray


def split_sum(
    before: np.ndarray,
    after: np.ndarray,
    other_before: np.ndarray | None = None,
    other_after: np.ndarray | None = None,
) -> SumSplit:
    """Difference of every key between two periods.

    Where a side keeps its largest keys only, one that it lacks may be in its remainder:
    such a key is folded into the remainder of the other side too, or it would seem to
    have come from nothing. A side without a remainder keeps all its keys, so what it
    lacks is 0 there.

    :param before, after: shape (series, keys), float64; NaN = key not kept there
    :param other_before, other_after: shape (series,): sum of what has no key;
        NaN = every key was kept
    :raises ValueError: the shapes differ
    """
    before, after = np.asarray(before, float), np.asarray(after, float)
    if before.shape != after.shape:
        raise ValueError(
            f"both sides need the same keys, got {before.shape} and {after.shape}"
        )
    rests = [
        np.full(len(before), np.nan) if rest is None else np.asarray(rest, float)
        for rest in (other_before, other_after)
    ]
    is_known = _is_known(before, rests[0]) & _is_known(after, rests[1])
    before = np.where(np.isnan(before) & np.isnan(rests[0])[:, None], 0.0, before)
    after = np.where(np.isnan(after) & np.isnan(rests[1])[:, None], 0.0, after)
    terms = np.column_stack([after, rests[1], -before, -rests[0]])
    change = np.where(is_known, exact_sum(terms), np.nan)
    has_key = ~np.isnan(before) & ~np.isnan(after) & np.isfinite(change)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        parts = np.where(has_key, after - before, np.nan)
    keyless = np.column_stack([has_key, np.zeros((len(before), 1), bool)])
    other = exact_sum(np.where(np.column_stack([keyless, keyless]), np.nan, terms))
    closed = close_parts(np.column_stack([parts, other]), change)
    other = np.where(np.isfinite(change), closed[:, -1], np.nan)
    return SumSplit(closed[:, :-1], other, change)


def align_keys(
    before: Mapping[Hashable, float], after: Mapping[Hashable, float]
) -> tuple[list[Hashable], np.ndarray, np.ndarray]:
    """The keys of both sides with their values, as rows for :func:`split_sum`.

    :return: keys in the order of ``after``, then those that only ``before`` has; and
        one row for each side, shape (1, keys), NaN where it lacks the key
    """
    keys = list(dict.fromkeys([*after, *before]))
    rows = [
        np.array([[side.get(key, np.nan) for key in keys]], float)
        for side in (before, after)
    ]
    return keys, rows[0], rows[1]


def _is_known(values: np.ndarray, rest: np.ndarray) -> np.ndarray:
    return (~np.isnan(values)).any(axis=1) | ~np.isnan(rest)
