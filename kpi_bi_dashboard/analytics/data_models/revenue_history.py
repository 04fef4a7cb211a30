"""Revenue of the past month by month, and how much of it recurs."""

import numpy as np

from .purchases import Purchases, find_begins

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
    bought = purchases.until(last).bought
    begins, monthly = find_begins(bought.customers)[1:], []
    for days, amounts in zip(
        np.split(bought.days, begins), np.split(bought.amounts, begins), strict=True
    ):
        if len(days) <= LEAST_PAUSES:
            continue
        pauses = np.diff(days).astype(float)
        silence, pause = (last - days[-1]).astype(float), pauses.mean()
        if pauses.std() <= MOST_UNEVEN * pause and silence <= 2 * pause:
            monthly.append(float(amounts.mean() * MONTH_DAYS / pause))
    return [sum(monthly, 0.0)] * months, len(monthly)
