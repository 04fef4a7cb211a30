"""How revenue moves from month to month: new, more, less, lost and won back."""

from dataclasses import dataclass

import numpy as np

from .purchases import Purchases, month_numbers, sum_days

MOVEMENTS = ("new", "reactivated", "expansion", "contraction", "churned")
MIN_REPEATED = 0.5  # of the revenue, from customers who bought in several months


@dataclass(frozen=True)
class RevenueMovements:
    """Movements of the months that are over, oldest first.

    ``before`` and the movements add up to ``after``.

    :ivar months: ``datetime64[M]``
    :ivar before, after: revenue of the month before, and of the month
    :ivar amounts: by name of ``MOVEMENTS``: arrays of a number for each month;
        contraction and churned are negative
    :ivar customers: by the same names: customers of each month
    :ivar repeated: share of the revenue of these months from customers who bought in
        several of them; NaN without revenue
    """

    months: np.ndarray
    before: np.ndarray
    after: np.ndarray
    amounts: dict[str, np.ndarray]
    customers: dict[str, np.ndarray]
    repeated: float

    @property
    def has_repeat_business(self) -> bool:
        """Whether a month without a purchase says something of a customer."""
        return bool(self.repeated >= MIN_REPEATED)


def find_movements(
    purchases: Purchases, cutoff: np.datetime64, months: int = 12
) -> RevenueMovements:
    """Movements of the last months that are over by ``cutoff``.

    Of each customer: *new* in the month of the first purchase, *reactivated* after a
    month without revenue, *churned* in a month without revenue after one with it,
    otherwise *expansion* or *contraction* by the difference. Refunds count in their
    month.
    """
    last = int(month_numbers(np.datetime64(cutoff, "D") + 1)) - 1
    known = purchases.until(cutoff)
    oldest = int(known.months.min(initial=last))
    first = max(oldest, last - months + 1)
    shown = np.arange(first, last + 1)
    by_month = sum_days(known.customers, known.months, known.amounts, known.amounts)
    ids, place = np.unique(by_month.customers, return_inverse=True)
    # from the month before the first one that is shown
    column = by_month.days - (first - 1)
    begun = np.full(len(ids), last + 1)
    np.minimum.at(begun, place, by_month.days)
    inside = (column >= 0) & (column <= len(shown))
    revenue = np.zeros((len(ids), len(shown) + 1))
    revenue[place[inside], column[inside]] = np.round(by_month.amounts[inside], 2)

    was, now = revenue[:, :-1], revenue[:, 1:]
    is_first = begun[:, None] == shown
    is_kept = (was != 0) & (now != 0)
    rows = {
        "new": (was == 0) & (now != 0) & is_first,
        "reactivated": (was == 0) & (now != 0) & ~is_first,
        "expansion": is_kept & (now > was),
        "contraction": is_kept & (now < was),
        "churned": (was != 0) & (now == 0),
    }
    change = now - was
    buys_again = ((now > 0).sum(axis=1) > 1)[:, None]
    total = now.sum()
    repeated = (now * buys_again).sum() / total if total > 0 else np.nan
    return RevenueMovements(
        shown.astype("datetime64[M]"),
        was.sum(axis=0).round(2),
        now.sum(axis=0).round(2),
        {
            name: np.where(one, change, 0).sum(axis=0).round(2)
            for name, one in rows.items()
        },
        {name: one.sum(axis=0) for name, one in rows.items()},
        float(repeated),
    )
