"""Revenue of earlier months."""

import numpy as np

from .purchases import Purchases


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
