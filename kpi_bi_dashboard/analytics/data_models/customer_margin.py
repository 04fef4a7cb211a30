"""Margin per customer by the month since the first purchase, the same on all pages."""

from dataclasses import dataclass

import numpy as np

from .purchases import Purchases, month_numbers

MAX_MONTHS = 36  # since the first purchase
MIN_FOLLOWED = 20  # customers, or half of fewer, whose margins are averaged
Z = 1.96  # of a 95% interval


@dataclass(frozen=True)
class MarginCurve:
    """Mean margin of a customer by the end of each month since the first purchase.

    :ivar mean: shape (months,)
    :ivar low, high: same shape: 95% interval; NaN of a single customer
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


class MonthlyMargins:
    """What each customer earned in each month since the first purchase.

    :param day: the last one that counts
    """

    def __init__(self, purchases: Purchases, day: np.datetime64) -> None:
        known = purchases.until(day)
        bought = known.bought
        ids, at = np.unique(bought.customers, return_index=True)
        first = bought.months[at]
        last = int(month_numbers(np.datetime64(day, "D") + 1)) - 1
        self._is_over = np.arange(MAX_MONTHS) < (last + 1 - first)[:, None]

        place, is_known = known.find_places(ids)
        age = known.months - first[place] if len(ids) else place
        is_known &= (age >= 0) & (age < MAX_MONTHS)
        self._margins = np.zeros((len(ids), MAX_MONTHS))
        cells = place[is_known], age[is_known]
        np.add.at(self._margins, cells, known.margins[is_known])

    def accumulate(self, rows: np.ndarray | None = None) -> MarginCurve:
        """The curve of some customers: sums of the mean of each month.

        The mean of a month is that of the customers who have it behind them, as a life
        table weighs it (Kaplan & Meier 1958), so the curve falls only by refunds and
        negative margins, never because older customers end. It stops where the
        customers are fewer than ``MIN_FOLLOWED`` and half of all, or a margin is not
        known.

        :param rows: of the customers, ids ascending; None = all
        """
        rows = slice(None) if rows is None else rows
        margins, is_over = self._margins[rows], self._is_over[rows]
        counts = is_over.sum(axis=0)
        least = max(min(MIN_FOLLOWED, (len(margins) + 1) // 2), 1)
        is_unknown = (np.isnan(margins) & is_over).any(axis=0)
        ends = np.flatnonzero((counts < least) | is_unknown)
        months = int(ends[0]) if len(ends) else MAX_MONTHS

        margins, is_over = margins[:, :months], is_over[:, :months]
        counts = counts[:months]
        means = np.where(is_over, margins, 0).sum(axis=0) / counts
        # what each customer moves the curve by; customers are independent, months of
        # the same one are not
        moved = np.cumsum(np.where(is_over, margins - means, 0) / counts, axis=1)
        variance = (moved**2).sum(axis=0)
        degrees = np.where(counts > 1, counts / np.maximum(counts - 1, 1), np.nan)
        spread = Z * np.sqrt(variance * degrees)
        mean = np.cumsum(means)
        return MarginCurve(mean, mean - spread, mean + spread)
