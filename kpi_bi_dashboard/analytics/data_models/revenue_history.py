"""Revenue of the past month by month, and how much of it recurs."""

import numpy as np

from .purchases import Purchases

MONTH_DAYS = 365.25 / 12
# of a customer who buys at even pauses
LEAST_PAUSES, MOST_UNEVEN = 4, 0.35


def monthly_revenue(
    purchases: Purchases, last: np.datetime64
) -> tuple[np.ndarray, np.ndarray]:
    """Revenue of the months that are over, from the first purchase on.

    :param last: the last day that counts
    :return: months, ``datetime64[M]``, and their revenue; a month without purchases is
        a true 0
    """
    stop = (last + 1).astype("datetime64[M]")
    first = purchases.days.min(initial=last).astype("datetime64[M]")
    months = np.arange(first, stop)
    places = (purchases.days.astype("datetime64[M]") - first).astype(int)
    is_over = places < len(months)
    amounts = np.round(100 * purchases.amounts[is_over])
    return months, np.bincount(places[is_over], amounts, len(months)) / 100


def recurring_revenue(
    purchases: Purchases, last: np.datetime64, months: int
) -> tuple[list[float], int]:
    """What customers who buy at even pauses bring a month if they go on so.

    Even: at least :data:`LEAST_PAUSES` pauses, whose deviation is at most
    :data:`MOST_UNEVEN` of their mean, and no longer silence than two of them.

    :return: by month, and how many customers these are
    """
    bought = purchases.select(purchases.is_purchase).until(last)
    _ids, starts, counts = np.unique(
        bought.customers, return_index=True, return_counts=True
    )
    total, count = 0.0, 0
    for start, number in zip(starts, counts, strict=True):
        if number <= LEAST_PAUSES:
            continue
        days = bought.days[start : start + number]
        pauses = np.diff(days).astype(float)
        silence = (last - days[-1]).astype(float)
        pause = pauses.mean()
        if pauses.std() <= MOST_UNEVEN * pause and silence <= 2 * pause:
            amount = bought.amounts[start : start + number].mean()
            total, count = total + amount * MONTH_DAYS / pause, count + 1
    return [total] * months, count
