"""Forecasts of departments and people that add up to those of what they are in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .forecast import Forecast, reconcile
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
    mean = forecast.mean.copy()
    settled: set[int] = set()
    for level in levels:
        rows, of = np.unique(level.parents, return_inverse=True)
        whole = recent[rows].sum(axis=1)
        known = np.zeros(len(rows))
        np.add.at(known, of, recent[level.parts].sum(axis=1))
        is_usable = (whole > 0) & (known <= whole * (1 + NEAR))
        is_usable &= _all_positive(mean[rows]) & (recent[rows] >= 0).all(axis=1)
        positive = _all_positive(mean[level.parts])
        positive &= (recent[level.parts] >= 0).all(axis=1)
        np.logical_and.at(is_usable, of, positive)
        chosen = np.flatnonzero(is_usable)
        taken = np.flatnonzero(is_usable[of])
        if not len(taken):
            continue
        share = 1 - known[chosen] / whole[chosen]
        is_fixed = np.array([row in settled for row in rows[chosen]])
        found = reconcile(
            mean[rows[chosen]],
            mean[level.parts[taken]],
            np.clip(share, 0.0, 1.0)[:, None],
            parent_of=np.searchsorted(chosen, of[taken]),
            parent_variance=np.where(is_fixed, 0.0, np.nan)[:, None],
        )
        mean[rows[chosen]] = found.parents
        mean[level.parts[taken]] = found.parts
        settled.update(level.parts[taken].tolist())
    base = forecast.mean
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = np.where((base > 0) & np.isfinite(mean), mean / base, 1.0)
    return adjust(forecast, factors, np.zeros(factors.shape))


def _all_positive(rows: np.ndarray) -> np.ndarray:
    """Whether each row is known and nowhere below 0."""
    return (rows >= 0).all(axis=1)
