"""Purchases as every analysis of customers takes them: a row per customer and day."""

from dataclasses import dataclass

import numpy as np

_DAY_LIMIT = 1_000_000  # days since 1970 stay below; a key of customer and day


@dataclass(frozen=True)
class Purchases:
    """What customers bought, oldest first within each customer.

    What one customer bought on a day is one row, its refunds taken off. Sums are made
    in cents: 0.1 + 0.2 − 0.3 is nothing.

    :ivar customers: ids, ascending
    :ivar days: ``datetime64[D]``
    :ivar amounts: revenue; below 0 where more was given back than bought
    :ivar margins: NaN = not known
    """

    customers: np.ndarray
    days: np.ndarray
    amounts: np.ndarray
    margins: np.ndarray

    @property
    def is_purchase(self) -> np.ndarray:
        """Whether something was bought, maybe for nothing, rather than given back."""
        return self.amounts >= 0

    @property
    def months(self) -> np.ndarray:
        """Number of the month of each, as ``month_numbers`` has it."""
        return month_numbers(self.days)

    def until(self, day: np.datetime64) -> "Purchases":
        """Those of ``day`` and before."""
        return self.select(self.days <= np.datetime64(day, "D"))

    def select(self, rows: np.ndarray) -> "Purchases":
        """Those where ``rows`` holds."""
        return Purchases(*(values[rows] for values in vars(self).values()))


def month_numbers(days: np.ndarray) -> np.ndarray:
    """Months since 1970 of days."""
    return np.asarray(days).astype("datetime64[M]").astype(int)


def find_places(
    ids: np.ndarray, customers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Place of each customer in ``ids``, ascending, and whether it is there at all."""
    if not len(ids):
        return np.zeros(len(customers), int), np.zeros(len(customers), bool)
    place = np.minimum(np.searchsorted(ids, customers), len(ids) - 1)
    return place, ids[place] == customers


def gather(
    customers: np.ndarray,
    days: np.ndarray,
    amounts: np.ndarray,
    margins: np.ndarray | None = None,
) -> Purchases:
    """Purchases of rows in any order, several of a customer and day or not.

    :raises ValueError: as many customers, days and amounts are needed, and finite
        amounts
    """
    customers, amounts = np.asarray(customers), np.asarray(amounts, dtype=float)
    days = np.asarray(days, dtype="datetime64[D]")
    if not customers.shape == days.shape == amounts.shape:
        raise ValueError("as many customers, days and amounts are needed")
    if not np.isfinite(amounts).all():
        raise ValueError("amounts are finite numbers")
    ids, place = np.unique(customers, return_inverse=True)
    margins = np.full(len(amounts), np.nan) if margins is None else margins
    keys = place.astype(np.int64) * _DAY_LIMIT + days.astype(np.int64)
    keys, rows = np.unique(keys, return_inverse=True)
    return Purchases(
        ids[keys // _DAY_LIMIT],
        (keys % _DAY_LIMIT).astype("datetime64[D]"),
        _sum_cents(rows, amounts, len(keys)),
        _sum_cents(rows, np.asarray(margins, float), len(keys)),
    )


def _sum_cents(rows: np.ndarray, amounts: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(rows, np.round(amounts * 100), count) / 100
