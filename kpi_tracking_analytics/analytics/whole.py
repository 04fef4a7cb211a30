"""Forecasts of departments and people that add up to those of what they are in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .forecast import Forecast
from .outlook import adjust

FEWEST = 3  # closed periods that the share beside the parts is taken of
NEAR = 1e-9  # what values may differ by that were added up in another order


@dataclass(frozen=True)
class Level:
    """KPIs whose values add up, and the parts of each; rows as of the forecast.

    :ivar parts: shape (parts,)
    :ivar parents: shape (parts,): the row that each part is in
    """

    parts: np.ndarray
    parents: np.ndarray


def make_add_up(
    forecast: Forecast, past: np.ndarray, levels: Sequence[Level], season_length: int
) -> Forecast:
    """The forecast, moved so that parts and what is beside them make their parent.

    What a parent has beside its parts keeps about its share of the last season. At the
    top parent and parts give way to each other by their sizes; further down the parent
    stays. A family with negative numbers, or of which parts have more than the whole,
    as a record counts for several of them, is left as it is.

    :param past: closed periods, shape (KPIs, periods), in the order of the forecast
    :param levels: the widest first
    """
    recent = np.nan_to_num(past[:, -max(season_length, FEWEST) :])
    base = forecast.mean
    mean, is_settled = base.copy(), np.zeros(len(base), bool)
    for level in levels:
        rows, of = np.unique(level.parents, return_inverse=True)
        whole = recent[rows].sum(axis=1)
        known = np.zeros(len(rows))
        np.add.at(known, of, recent[level.parts].sum(axis=1))
        # known and nowhere below 0
        positive = (mean >= 0).all(axis=1) & (recent >= 0).all(axis=1)
        is_usable = (whole > 0) & (known <= whole * (1 + NEAR)) & positive[rows]
        np.logical_and.at(is_usable, of, positive[level.parts])
        taken = is_usable[of]
        parents, parts = rows[is_usable], level.parts[taken]
        share = np.clip(1 - known[is_usable] / whole[is_usable], 0.0, 1.0)
        mean[parents], mean[parts] = reconcile(
            mean[parents],
            mean[parts],
            share[:, None],
            (np.cumsum(is_usable) - 1)[of[taken]],
            is_settled[parents][:, None],
        )
        is_settled[parts] = True
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = np.where((base > 0) & np.isfinite(mean), mean / base, 1.0)
    return adjust(forecast, factors, np.zeros(factors.shape))


def reconcile(
    parents: np.ndarray,
    parts: np.ndarray,
    own_share: np.ndarray,
    parent_of: np.ndarray,
    is_fixed: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Moves forecasts so that parts and the rest make up their parent.

    Least squares weighted by the variances of the errors, in whose place are the sizes
    of the forecasts (Hyndman, Lee & Wang 2016, Computational Statistics & Data Analysis
    97, 16–32).

    :param parents: shape (parents, horizon), nowhere below 0
    :param parts: shape (parts, horizon), nowhere below 0
    :param own_share: shape (parents, 1): of a parent that is in none of its parts
    :param parent_of: shape (parts,): row of each part's parent
    :param is_fixed: shape (parents, 1): whether a parent stays
    :return: parents and parts, of the same shapes
    """
    total = np.zeros(parents.shape)
    np.add.at(total, parent_of, parts)
    weight = np.where(is_fixed, 0.0, parents)
    # what is beside the parts is as uncertain as its share of the parent
    weights = (1 + own_share) * weight + total
    excess = total - (1 - own_share) * parents
    step = np.divide(excess, weights, out=np.zeros(total.shape), where=weights > 0)
    return parents + step * weight, parts - step[parent_of] * parts
