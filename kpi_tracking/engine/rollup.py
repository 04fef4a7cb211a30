"""Roll-ups: values of periods into coarser ones, of scopes into their parents.

How a KPI may be rolled up is declared, for time and for scopes each; what would
mean nothing is refused with the reason. Values are arrays of shape (rows, periods),
float64, oldest period first, NaN = no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

OVER_TIME = ("sum", "average", "min", "max", "first", "last")
OVER_SCOPES = ("sum", "average", "min", "max")
REFUSED = {
    "distinct": "The same one may be counted in several parts, so the counts cannot "
    "be added. Count it again over all of them.",
    "median": "A median of medians is not the median of all. Compute it again from "
    "the records.",
    "percentile": "Percentiles of parts say nothing about the percentile of all. "
    "Compute it again from the records.",
    "ratio": "An average of ratios is not the ratio of the total. Roll up its parts "
    "and evaluate the formula on them.",
}
ORDER_REFUSED = (
    "Scopes have no order, so none of them is the first or the last. Declare sum or "
    "average."
)
NO_PARENT = -1


class RollupError(ValueError):
    """A roll-up that would mean nothing: which, why, what to do."""


@dataclass(frozen=True)
class Rollup:
    """Rolled-up values and what they were made of, all of one shape.

    ``weights`` is the summed weight of the parts that have values, their number
    where no weights were given.
    """

    values: np.ndarray
    weights: np.ndarray
    parts_present: np.ndarray
    parts_expected: np.ndarray


@dataclass(frozen=True)
class _Parts:
    """Known parts in reading order, and the cell of the result each belongs to."""

    values: np.ndarray
    weights: np.ndarray
    cells: np.ndarray
    size: int


def check_aggregation(aggregation: str, dimension: str) -> None:
    """Refuse an aggregation over ``time`` or ``scopes`` that means nothing.

    :raises RollupError: with the reason
    """
    if aggregation in REFUSED:
        raise RollupError(REFUSED[aggregation])
    if dimension == "scopes" and aggregation in ("first", "last"):
        raise RollupError(ORDER_REFUSED)
    allowed = OVER_TIME if dimension == "time" else OVER_SCOPES
    if aggregation not in allowed:
        raise RollupError(
            f"There is no aggregation {aggregation} over {dimension}; there are "
            f"{', '.join(allowed)}."
        )


def roll_up_time(
    values: np.ndarray,
    coarse_index: np.ndarray,
    aggregation: str,
    *,
    weights: np.ndarray | None = None,
    expected: np.ndarray | None = None,
) -> Rollup:
    """Values of fine periods, rolled up to the coarser periods they lie in.

    ``first`` and ``last`` are the first and last known value.

    :param values: shape (rows, fine periods)
    :param coarse_index: for each fine period the index, from 0, of its coarse period
    :param weights: shape of ``values``; needed by ``average``
    :param expected: for each coarse period how many fine ones it has; the number
        given by ``coarse_index`` if left out
    :return: shape (rows, coarse periods)
    :raises RollupError: the aggregation means nothing over time, or lacks weights
    """
    check_aggregation(aggregation, "time")
    rows = len(values)
    given = np.bincount(coarse_index)
    expected = given if expected is None else np.asarray(expected)
    coarse = len(expected)
    cells = np.arange(rows)[:, None] * coarse + np.asarray(coarse_index)[None, :]
    return _roll_up(
        _find_known_parts(values, weights, cells, (rows, coarse), aggregation),
        aggregation,
        np.broadcast_to(expected, (rows, coarse)),
    )


def roll_up_periods(
    values: np.ndarray,
    weights: np.ndarray,
    index: Sequence[int],
    count: int,
    aggregation: str,
    *,
    is_counted: bool,
) -> Rollup:
    """Values of a KPI's own periods, rolled up as it declares for longer ones.

    Nothing is made up: a period without facts, such as one before the KPI's history,
    has no value. What was counted and found to be none has a fact of 0.

    :param values, weights: shape (rows, fine periods); NaN = no fact
    :param index: for each fine period that of the coarse one that it is part of
    :param count: of coarse periods
    :param aggregation: over time; ``none`` or ``formula``: cannot be combined
    :param is_counted: whether facts come from records, which have weights; entries of
        people have none, so each period counts the same in their average
    :return: of shape (rows, coarse periods)
    """
    expected = np.bincount(index, minlength=count)
    if aggregation in ("none", "formula"):
        missing = np.full((len(values), count), np.nan)
        parts = np.zeros(missing.shape, int)
        return Rollup(missing, missing.copy(), parts, parts + expected)
    if aggregation == "average" and not is_counted:
        weights = np.where(np.isnan(weights), 1.0, weights)
    return roll_up_time(
        values,
        index,
        aggregation,
        weights=weights if aggregation == "average" else None,
        expected=expected,
    )


def roll_up_scopes(
    values: np.ndarray,
    parents: np.ndarray,
    parent_count: int,
    aggregation: str,
    *,
    weights: np.ndarray | None = None,
) -> Rollup:
    """Values of scopes, rolled up to the scope each belongs to.

    :param values: shape (scopes, periods)
    :param parents: index of the parent, from 0, or -1 for none; shape (scopes,), or
        (scopes, periods) where members change: the parent on the period's last day
    :param weights: shape of ``values``; needed by ``average``
    :return: shape (parent_count, periods); every member is an expected part
    :raises RollupError: the aggregation means nothing over scopes, or lacks weights
    """
    check_aggregation(aggregation, "scopes")
    scopes, periods = values.shape
    parents = np.asarray(parents)
    if parents.ndim == 1:
        parents = parents[:, None]
    parents = np.broadcast_to(parents, (scopes, periods))
    shape = (parent_count, periods)
    cells = np.where(
        parents == NO_PARENT, NO_PARENT, parents * periods + np.arange(periods)
    )
    expected = np.bincount(cells[cells >= 0], minlength=parent_count * periods)
    return _roll_up(
        _find_known_parts(values, weights, cells, shape, aggregation),
        aggregation,
        expected.reshape(shape),
    )


def finest_tracked(
    parents: Sequence[int], is_tracked: Sequence[bool]
) -> tuple[np.ndarray, np.ndarray]:
    """For every scope, the finest tracked scopes below it, which make up its roll-up.

    On each branch the deepest tracked scopes count; what lies above them on the
    branch is left out, so nothing is counted twice.

    :param parents: for each scope the index of its parent, or -1
    :param is_tracked: for each scope whether it has facts of its own
    :return: (scopes, parts): pairs in order of the scope, then of the part; a scope
        is no part of itself
    :raises RollupError: the scopes contain one another in a circle
    """
    children: list[list[int]] = [[] for _ in parents]
    for scope, parent in enumerate(parents):
        if parent != NO_PARENT:
            children[parent].append(scope)
    parts: list[list[int]] = [[] for _ in parents]
    for scope in _deepest_first(parents, children):
        for child in children[scope]:
            below = parts[child]
            parts[scope].extend(below or ([child] if is_tracked[child] else []))
    pairs = [(s, part) for s, found in enumerate(parts) for part in sorted(found)]
    array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def _deepest_first(parents: Sequence[int], children: list[list[int]]) -> list[int]:
    order = [scope for scope, parent in enumerate(parents) if parent == NO_PARENT]
    for scope in order:
        order.extend(children[scope])
    if len(order) < len(parents):
        raise RollupError("These scopes contain one another in a circle.")
    return order[::-1]


def _find_known_parts(
    values: np.ndarray,
    weights: np.ndarray | None,
    cells: np.ndarray,
    shape: tuple[int, int],
    aggregation: str,
) -> _Parts:
    """Parts with a value and, for an average, a weight; those without are absent."""
    if weights is None:
        if aggregation == "average":
            raise RollupError(
                "An average is rolled up by the weights of its parts, and there are "
                "none. Keep the number of records or hours behind each value."
            )
        weights = np.ones_like(values)
    elif np.any(weights < 0):
        raise RollupError("A weight is negative; weights are 0 or more.")
    is_known = ~np.isnan(values) & (cells >= 0)
    if aggregation == "average":
        is_known &= ~np.isnan(weights)
    return _Parts(
        values[is_known],
        np.nan_to_num(weights[is_known]),
        cells[is_known],
        shape[0] * shape[1],
    )


def _roll_up(
    parts: _Parts,
    aggregation: str,
    expected: np.ndarray,
) -> Rollup:
    present = np.bincount(parts.cells, minlength=parts.size)
    weights = _total(parts, parts.weights)
    values = AGGREGATIONS[aggregation](parts)
    is_empty = present == 0
    if np.isinf(values[~is_empty]).any():
        raise RollupError("The values are too large to be rolled up into a number.")
    values[is_empty] = np.nan
    return Rollup(
        values.reshape(expected.shape),
        weights.reshape(expected.shape),
        present.reshape(expected.shape),
        expected.copy(),
    )


def _total(parts: _Parts, numbers: np.ndarray) -> np.ndarray:
    """Sum of ``numbers`` per cell; float also where there are no parts at all."""
    return np.bincount(parts.cells, numbers, minlength=parts.size).astype(float)


def _sum(parts: _Parts) -> np.ndarray:
    return _total(parts, parts.values)


def _average(parts: _Parts) -> np.ndarray:
    """Weighted mean; NaN where all weights are 0."""
    weighted = parts.values * parts.weights
    above = _total(parts, weighted)
    below = _total(parts, parts.weights)
    return np.divide(above, below, out=np.full(parts.size, np.nan), where=below > 0)


def _min(parts: _Parts) -> np.ndarray:
    result = np.full(parts.size, np.inf)
    np.minimum.at(result, parts.cells, parts.values)
    return result


def _max(parts: _Parts) -> np.ndarray:
    result = np.full(parts.size, -np.inf)
    np.maximum.at(result, parts.cells, parts.values)
    return result


def _last(parts: _Parts) -> np.ndarray:
    """The last known value: parts come in order of time, later ones overwrite."""
    result = np.full(parts.size, np.nan)
    result[parts.cells] = parts.values
    return result


def _first(parts: _Parts) -> np.ndarray:
    result = np.full(parts.size, np.nan)
    result[parts.cells[::-1]] = parts.values[::-1]
    return result


AGGREGATIONS = {
    "sum": _sum,
    "average": _average,
    "min": _min,
    "max": _max,
    "first": _first,
    "last": _last,
}
