"""Roll-ups: values of periods into coarser ones, of scopes into their parents.

How a KPI may be rolled up is declared, for time and for scopes each. Values are arrays
of shape (rows, periods), float64, oldest period first, NaN = no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

OVER_SCOPES = ("sum", "average", "min", "max")
EXTREMES = {"min": np.fmin, "max": np.fmax}
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

    :param values, weights: shape (rows, fine periods), in order; NaN = no fact
    :param index: for each fine period that of the coarse one that it is part of
    :param count: of coarse periods
    :param aggregation: over time: sum, average, min, max, last; ``none`` or
        ``formula``: cannot be combined
    :param is_counted: whether facts come from records, which have weights; entries of
        people have none, so each period counts the same in their average
    :return: of shape (rows, coarse periods)
    :raises RollupError: a weight is negative, or a value too large
    """
    shape = (len(values), count)
    expected = np.broadcast_to(np.bincount(index, minlength=count), shape)
    if aggregation in ("none", "formula"):
        missing = np.full(shape, np.nan)
        return Rollup(missing, missing.copy(), np.zeros(shape, int), expected)
    if aggregation != "average":
        weights = None
    elif not is_counted:
        weights = np.where(np.isnan(weights), 1.0, weights)
    cells = np.arange(len(values))[:, None] * count + np.asarray(index)
    return _roll_up(values, weights, cells, aggregation, expected)


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
    :param aggregation: one of :data:`OVER_SCOPES`
    :param weights: shape of ``values``, for ``average``; all alike if left out
    :return: shape (parent_count, periods); every member is an expected part
    :raises RollupError: a weight is negative, or a value too large
    """
    periods = values.shape[1]
    parents = np.broadcast_to(np.asarray(parents).T, values.shape[::-1]).T
    cells = np.where(parents < 0, NO_PARENT, parents * periods + np.arange(periods))
    expected = np.bincount(cells[cells >= 0], minlength=parent_count * periods)
    expected = expected.reshape(parent_count, periods)
    return _roll_up(values, weights, cells, aggregation, expected)


def _roll_up(
    values: np.ndarray,
    weights: np.ndarray | None,
    cells: np.ndarray,
    aggregation: str,
    expected: np.ndarray,
) -> Rollup:
    """Combine values by the cell of the result that each belongs to.

    A part without a value is absent, and so is one without a weight from an average.

    :param cells: shape of ``values``, in reading order; negative = none
    :param expected: number of parts of each cell, in the shape of the result
    """
    loads = np.ones_like(values) if weights is None else weights
    if np.any(loads < 0):
        raise RollupError("A weight is negative; weights are 0 or more.")
    is_average = aggregation == "average"
    is_known = ~np.isnan(values) & (cells >= 0)
    if is_average:
        is_known &= ~np.isnan(loads)
    parts, loads, cells = values[is_known], loads[is_known], cells[is_known]
    size = expected.size
    present = np.bincount(cells, minlength=size)
    total = np.bincount(cells, np.nan_to_num(loads), size).astype(float)
    found = np.full(size, np.nan)
    if aggregation in EXTREMES:
        EXTREMES[aggregation].at(found, cells, parts)
    elif aggregation == "last":
        found[cells] = parts  # in order of time: later ones overwrite
    elif is_average:
        added = np.bincount(cells, parts * loads, size)
        np.divide(added, total, out=found, where=total > 0)
    else:
        found = np.where(present, np.bincount(cells, parts, size), np.nan)
    if np.isinf(found).any():
        raise RollupError("The values are too large to be rolled up into a number.")
    values, total, present = (
        array.reshape(expected.shape) for array in (found, total, present)
    )
    return Rollup(values, total, present, expected.copy())
