"""Forecasts of a KPI and of its parts that add up.

Least squares weighted by the variances of the errors (Hyndman, Lee & Wang 2016,
Computational Statistics & Data Analysis 97, 16–32): whoever is forecast worse gives way
more.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Reconciled:
    """Forecasts of which each parent is the sum of its parts and what it has beside.

    :ivar parents: shape (parents, horizon)
    :ivar parts: shape (parts, horizon); NaN where there was no forecast, which is
        left to what the parent has beside
    :ivar own: shape (parents, horizon): what each parent has beside these parts
    """

    parents: np.ndarray
    parts: np.ndarray
    own: np.ndarray


def reconcile(
    parents: np.ndarray,
    parts: np.ndarray,
    own_share: np.ndarray | float = 0.0,
    *,
    parent_of: np.ndarray | None = None,
    parent_variance: np.ndarray | float = np.nan,
    part_variance: np.ndarray | float = np.nan,
) -> Reconciled:
    """Moves forecasts so that parts and the rest make up their parent.

    :param parents: shape (parents, horizon)
    :param parts: shape (parts, horizon); NaN = no forecast
    :param own_share: of a parent that is in none of its parts, 0 to 1; or (parents, 1)
    :param parent_of: shape (parts,): row of each part's parent; None for one parent
    :param parent_variance, part_variance: shapes of the forecasts: of their errors;
        where they are NaN, the sizes of the forecasts take their place
    :raises ValueError: shapes that do not fit, or a share outside 0 to 1
    """
    parents, parts = np.asarray(parents, float), np.asarray(parts, float)
    share = np.broadcast_to(np.asarray(own_share, float), (len(parents), 1))
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError(f"own shares are from 0 to 1, got {own_share}")
    rows = _rows(parents, parts, parent_of)
    known = ~np.isnan(parts)
    filled = np.where(known, parts, 0.0)
    parent_weight, part_weight = _weights(
        _variances(parents, parent_variance), _variances(filled, part_variance), rows
    )
    part_weight *= known
    # what is beside the parts is as uncertain as its share of the parent
    total_weight = (1 + share) * parent_weight + _sums(part_weight, rows, parents)
    excess = _sums(filled, rows, parents) - (1 - share) * parents
    # a part without a forecast is somewhere in the rest, which nothing is known of
    is_judged = (total_weight > 0) & (_sums(~known, rows, parents) == 0)
    step = np.divide(excess, total_weight, out=np.zeros(excess.shape), where=is_judged)
    parent = parents + step * parent_weight
    moved = filled - step[rows] * part_weight
    rest = parent - _sums(moved, rows, parents)
    return Reconciled(parent, np.where(known, moved, np.nan), rest)


def _weights(
    of_parents: np.ndarray, of_parts: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Variances as multiples of the largest of each family; nothing overflows then."""
    largest = np.nan_to_num(of_parents)
    np.maximum.at(largest, rows, of_parts)
    largest[largest == 0] = 1.0
    return of_parents / largest, of_parts / largest[rows]


def _rows(
    parents: np.ndarray, parts: np.ndarray, parent_of: np.ndarray | None
) -> np.ndarray:
    if parents.ndim != 2 or parts.ndim != 2 or parents.shape[1] != parts.shape[1]:
        raise ValueError(
            f"forecasts of shapes {parents.shape} and {parts.shape} have no periods"
            " in common"
        )
    rows = np.zeros(len(parts), int) if parent_of is None else np.asarray(parent_of)
    if rows.shape != (len(parts),):
        raise ValueError(f"{len(parts)} parts need as many parents, got {rows.shape}")
    return rows


def _variances(forecasts: np.ndarray, variance: np.ndarray | float) -> np.ndarray:
    return np.where(np.isnan(variance), np.abs(forecasts), variance)


def _sums(parts: np.ndarray, rows: np.ndarray, parents: np.ndarray) -> np.ndarray:
    sums = np.zeros(parents.shape)
    np.add.at(sums, rows, parts)
    return sums
