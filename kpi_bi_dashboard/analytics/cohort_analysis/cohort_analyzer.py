"""Cohorts: customers who began together, month after month since then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data_models.purchases import (
    Purchases,
    find_begins,
    find_places,
    gather_rows,
    month_numbers,
)
from ..plain import plain


@dataclass(frozen=True)
class Cohorts:
    """A triangle: cohorts in rows, months since the first purchase in columns.

    :ivar names: what the cohorts share besides their month; "" = nothing
    :ivar months: first month of each cohort, ``datetime64[M]``, oldest first
    :ivar sizes: customers of each cohort
    :ivar is_over: shape (cohorts, months): whether the month has ended by the cut-off.
        What has not is NaN in the figures and in no mean; a true 0 counts
    :ivar customers: same shape: who bought in the month
    :ivar revenue, margin: same shape; margin is NaN where a part of it is not known
    """

    names: tuple[str, ...]
    months: np.ndarray
    sizes: np.ndarray
    is_over: np.ndarray
    customers: np.ndarray
    revenue: np.ndarray
    margin: np.ndarray

    def select(self, rows: np.ndarray) -> "Cohorts":
        """Those where ``rows`` holds."""
        return Cohorts(*(np.array(values)[rows] for values in vars(self).values()))

    @property
    def retention(self) -> np.ndarray:
        """Share of each cohort that bought in each month; 1 in the first."""
        return self.customers / self.sizes[:, None]

    @property
    def mean_retention(self) -> np.ndarray:
        """Of all cohorts, weighted by their customers; NaN in months none has seen."""
        return self._per_customer(self.customers)

    @property
    def cumulative_value(self) -> np.ndarray:
        """Revenue per customer of the cohort up to each month."""
        return np.cumsum(self.revenue, axis=1) / self.sizes[:, None]

    @property
    def mean_cumulative_value(self) -> np.ndarray:
        """Of all cohorts: sums of the mean of each month, weighted by customers."""
        return np.cumsum(self._per_customer(self.revenue))

    def _per_customer(self, values: np.ndarray) -> np.ndarray:
        known = np.where(self.is_over, self.sizes[:, None], 0)
        return _ratio(np.nansum(values, axis=0), known.sum(axis=0))

    @property
    def net_revenue_retention(self) -> np.ndarray:
        """Revenue of each month as a share of that of the first (NRR)."""
        return _ratio(self.revenue, np.broadcast_to(self.revenue[:, :1], self.shape))

    @property
    def shape(self) -> tuple[int, int]:
        return self.revenue.shape


def build_cohorts(
    purchases: Purchases, cutoff: np.datetime64, groups: Mapping[int, str] | None = None
) -> Cohorts:
    """The triangle of the customers who bought by ``cutoff``.

    :param groups: region, channel or category of each customer; there is a cohort for
        each of them and month
    """
    known = purchases.until(cutoff)
    bought = known.bought
    begins = find_begins(bought.customers)
    ids, first = bought.customers[begins], month_numbers(bought.days[begins])
    names = [groups.get(one, "") for one in ids.tolist()] if groups else ""
    names, name = np.unique(names, return_inverse=True)
    # the last month that is over: the cut-off is its last day or later
    last = int(month_numbers(np.datetime64(cutoff, "D") + 1)) - 1
    oldest = first.min(initial=last)
    span = first.max(initial=last) - oldest + 1
    keys, cohort, sizes = np.unique(
        name * span + first - oldest, return_inverse=True, return_counts=True
    )
    months = keys % span + oldest
    width = int(max(last - oldest, 0)) + 1
    shape = (len(keys), width)
    is_over = months[:, None] + np.arange(width) <= last

    place, inside = known.find_places(ids)
    month = known.months - first[place] if len(ids) else place
    inside &= (month >= 0) & (month < width)
    is_purchase = known.is_purchase[inside]
    known, place, month = known.select(inside), place[inside], month[inside]
    cell = cohort[place] * width + month

    def total(weights: np.ndarray) -> np.ndarray:
        sums = np.bincount(cell, weights, shape[0] * width)
        return np.where(is_over, np.round(sums, 2).reshape(shape), np.nan)

    # days follow one another: each customer counts once in a month
    bought_in = (place * width + month)[is_purchase]
    buyers = cell[is_purchase][find_begins(bought_in)]
    counts = np.bincount(buyers, minlength=shape[0] * width).reshape(shape)
    return Cohorts(
        tuple(names[keys // span].tolist()),
        months.astype("datetime64[M]"),
        sizes,
        is_over,
        np.where(is_over, counts, np.nan),
        total(known.amounts),
        np.where(np.isnan(known.margins).all(), np.nan, total(known.margins)),
    )


def gross_revenue_retention(
    purchases: Purchases, cutoff: np.datetime64, cohorts: Cohorts
) -> np.ndarray:
    """Share of the first month's revenue that is still there, month by month (GRR).

    Of each customer no more is counted than in the first month. Same shape as the
    triangle of ``build_cohorts`` without groups.
    """
    known, width = purchases.until(cutoff), cohorts.shape[1]
    bought = known.bought
    begins = find_begins(bought.customers)
    ids, first = bought.customers[begins], bought.months[begins]
    place, inside = known.find_places(ids)
    month = known.months - first[place] if len(ids) else place
    inside &= (month >= 0) & (month < width)

    keys = place[inside] * width + month[inside]
    keys, row_of = np.unique(keys, return_inverse=True)
    sums = np.round(np.bincount(row_of, known.amounts[inside], len(keys)), 2)
    place, month = np.divmod(keys, width)
    start = np.zeros(len(ids))
    start[place[month == 0]] = sums[month == 0]

    capped = np.clip(sums, 0, np.maximum(start[place], 0))
    row, inside = find_places(cohorts.months.astype(int), first[place])
    cell = (row * width + month)[inside]
    kept = np.bincount(cell, capped[inside], cohorts.revenue.size)
    kept = np.where(cohorts.is_over, kept.reshape(cohorts.shape), np.nan)
    return _ratio(kept, np.broadcast_to(kept[:, :1], cohorts.shape))


class CohortAnalyzer:
    """Cohorts of rows such as ``{"customer": 7, "date": "2026-03-01", "amount":
    12.5}``.

    :param config: ``cutoff`` is the last day that counts (default: that of the last
        row), ``group`` the key of the rows by which cohorts are split
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = dict(config or {})

    def analyze_cohorts(self, data: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """The triangle as plain values; None = the month is not over.

        :raises ValueError: a row lacks a customer, a date or an amount
        """
        rows = list(data)
        purchases = gather_rows(rows)
        if not rows:
            return {"cohorts": [], "mean_retention": [], "mean_cumulative_value": []}
        cutoff = np.datetime64(self.config.get("cutoff") or purchases.days.max(), "D")
        group = self.config.get("group")
        groups = {row["customer"]: str(row.get(group, "")) for row in rows if group}
        found = build_cohorts(purchases, cutoff, groups)
        names = "name month size customers retention revenue cumulative_value".split()
        columns = (found.months, found.sizes, found.customers, found.retention)
        columns += (found.revenue, found.cumulative_value)
        rows = zip(found.names, *map(plain, columns), strict=True)
        return {
            "cohorts": [dict(zip(names, row, strict=True)) for row in rows],
            "mean_retention": plain(found.mean_retention),
            "mean_cumulative_value": plain(found.mean_cumulative_value),
        }


def _ratio(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    """NaN where there is no whole."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(wholes > 0, parts / np.where(wholes > 0, wholes, 1), np.nan)
