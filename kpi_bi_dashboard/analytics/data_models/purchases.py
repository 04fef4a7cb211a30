"""Purchases as every analysis of customers takes them: a row per customer and day."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

_DAY_LIMIT = 1_000_000  # days since 1970 stay below; a key of customer and day
_DECIMALS = 6  # of sums: 0.1 + 0.2 − 0.3 is nothing
_CENT = 0.005  # less is nothing


@dataclass(frozen=True)
class Purchases:
    """What customers bought, oldest first within each customer.

    What one customer bought on a day is one row, the refunds of that day taken off;
    what was given back on the same day is no row.

    :ivar customers: ids, ascending
    :ivar days: ``datetime64[D]``
    :ivar amounts: revenue; below 0 where more was given back than bought
    :ivar margins: NaN = not known
    """

    customers: np.ndarray
    days: np.ndarray
    amounts: np.ndarray
    margins: np.ndarray

    @cached_property
    def nets(self) -> np.ndarray:
        """Amount of each row without what was given back of it later, up to the last
        row; NaN of refunds, and of purchases that were given back wholly.

        Nothing but the amount connects both: a refund is of the latest purchase that
        comes to as much, or if there is none, of the latest ones before it.
        """
        nets = np.where(self.amounts >= 0, self.amounts, np.nan)
        begins = np.append(find_begins(self.customers), len(self.customers))
        is_refund = self.amounts < 0
        # only those who gave something back
        for at in np.unique(
            np.searchsorted(begins, np.flatnonzero(is_refund), "right")
        ):
            rows = slice(begins[at - 1], begins[at])
            nets[rows] = _take_off(self.amounts[rows].tolist())
        return nets

    @property
    def is_purchase(self) -> np.ndarray:
        """Whether something was bought, maybe for nothing, and not given back wholly by
        the last row."""
        return ~np.isnan(self.nets)

    @property
    def bought(self) -> "Purchases":
        """The purchases alone, with what was not given back of them."""
        return replace(self, amounts=self.nets).select(self.is_purchase)

    @property
    def months(self) -> np.ndarray:
        """Number of the month of each, as ``month_numbers`` has it."""
        return month_numbers(self.days)

    def find_places(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As the function, of each row: customers are looked up once."""
        begins = find_begins(self.customers)
        counts = np.diff(begins, append=len(self.customers))
        place, is_known = find_places(ids, self.customers[begins])
        return np.repeat(place, counts), np.repeat(is_known, counts)

    def sum_of(self, ids: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """``amounts`` by customer of ``ids``; what others have is left out."""
        place, is_known = self.find_places(ids)
        return np.round(np.bincount(place[is_known], amounts[is_known], len(ids)), 2)

    def until(self, day: np.datetime64) -> "Purchases":
        """Those of ``day`` and before."""
        return self.select(self.days <= np.datetime64(day, "D"))

    def select(self, rows: np.ndarray) -> "Purchases":
        """Those where ``rows`` holds."""
        return Purchases(*(getattr(self, one.name)[rows] for one in fields(self)))


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
    found = sum_days(place, days, amounts, np.asarray(margins, float))
    return replace(found, customers=ids[found.customers])


def gather_rows(rows: Iterable[Mapping[str, Any]]) -> Purchases:
    """As ``gather``, of rows of ``customer``, ``date`` and ``amount``.

    :raises ValueError: a row lacks one of them
    """
    rows, names = list(rows), ("customer", "date", "amount")
    try:
        return gather(*([row[name] for row in rows] for name in names))
    except (KeyError, TypeError) as error:
        text = f"each row needs {', '.join(names)}: {error}"
        raise ValueError(text) from error


def sum_days(
    customers: np.ndarray, days: np.ndarray, amounts: np.ndarray, margins: np.ndarray
) -> Purchases:
    """As ``gather``, of customers that are whole numbers; of days, or of months."""
    keys = customers.astype(np.int64) * _DAY_LIMIT + days.astype(np.int64)
    order = np.argsort(keys, kind="stable")
    begins = find_begins(keys[order])
    rows = order[begins]
    if not len(rows):
        return Purchases(customers, days, amounts, margins)
    sums, of_margins, all_sums = (
        np.round(np.add.reduceat(one[order], begins), _DECIMALS)
        for one in (amounts, margins, np.abs(amounts))
    )
    found = Purchases(customers[rows], days[rows], sums, of_margins)
    # bought and given back at once
    return found.select((sums != 0) | (all_sums == 0))


def _take_off(amounts: list[float]) -> list[float]:
    """Purchases of a customer without later refunds, as ``Purchases.nets`` has them."""
    nets = [math.nan if amount < 0 else amount for amount in amounts]
    left: list[int] = []  # places of purchases that something is left of
    for place, amount in enumerate(amounts):
        if amount >= 0:
            left += [place] if amount else []
            continue
        refund = -amount
        same = next((n for n in reversed(left) if abs(nets[n] - refund) < _CENT), None)
        order = [*left] if same is None else [same]
        while order and refund > _CENT:
            last = order.pop()
            taken = min(nets[last], refund)
            refund -= taken
            nets[last] -= taken
            if nets[last] < _CENT:
                nets[last] = math.nan
                left.remove(last)
    return [round(net, _DECIMALS) for net in nets]


def find_begins(values: np.ndarray) -> np.ndarray:
    """Places of values that differ from the one before."""
    return np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])
