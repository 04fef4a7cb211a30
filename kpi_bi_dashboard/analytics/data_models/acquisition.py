"""What new customers cost by channel, and what they have earned since."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from .marketing_models import UNKNOWN, acquisition_costs, payback_months
from .purchases import Purchases, month_numbers

YEAR = 12
MOST_MONTHS = 36  # that the margin of a customer is followed
LEAST_FOLLOWED = 20  # customers, or half of fewer, whose margins are averaged
Z = 1.96  # of a 95% interval
Spend = tuple[str, date, float]


def find_acquisition(
    purchases: Purchases,
    day: np.datetime64,
    spend: Iterable[Spend],
    channels: Mapping[int, str],
) -> dict[str, Any]:
    """Costs of the last twelve full months, all, paid and by channel, as JSON.

    ``margin`` has what customers of the last three years earned by the month since
    their first purchase, beside these costs.

    :param day: the last one that counts
    :param channels: customer → channel of those who have one
    """
    last = int(month_numbers(day + 1)) - 1
    bought = purchases.bought
    ids, at = np.unique(bought.customers, return_index=True)
    first = bought.months[at]
    labels = np.array([channels.get(one, UNKNOWN) for one in ids.tolist()], object)
    spent: dict[int, Counter[str]] = {}
    for channel, when, amount in spend:
        month = int(month_numbers(np.datetime64(when)))
        spent.setdefault(month, Counter())[channel] += amount
    months = range(last - YEAR + 1, last + 1)
    won = {month: Counter(labels[first == month].tolist()) for month in months}
    total, customers = Counter(), Counter()
    for month in months:
        total.update(spent.get(month, {}))
        customers.update(won[month])
    costs = acquisition_costs(total, customers)
    who, is_known = purchases.find_places(ids)
    age = purchases.months - first[who] if len(ids) else who
    is_known &= (age >= 0) & (age < MOST_MONTHS)
    earned = np.zeros((len(ids), MOST_MONTHS))
    margins_of = purchases.margins[is_known]
    np.add.at(earned, (who[is_known], age[is_known]), margins_of)
    earned = np.cumsum(earned, axis=1)
    paid = [one.channel for one in costs[2:] if one.spend > 0]
    rows, margins = [], []
    for place, one in enumerate(costs):
        own = {0: labels, 1: paid}.get(place, [one.channel])
        is_own = (first > last - MOST_MONTHS) & np.isin(labels, own)
        curve = _follow(earned[is_own], last + 1 - first[is_own])
        low, high = _poisson_interval(one.customers)
        ends = {"low": one.cost and one.spend / high}
        ends["high"] = one.cost and one.spend / low
        rows.append({**vars(one), **ends})
        margins.append(_pay_back(one.cost, *curve))
    return {
        "costs": rows if spent else [],
        "months": [
            {**vars(every), "month": str(np.datetime64(month, "M")), "paid": own.cost}
            for month in months
            for every, own, *_others in [
                acquisition_costs(spent.get(month, {}), won[month])
            ]
        ],
        "margin": {"rows": margins},
    }


def _follow(
    earned: np.ndarray, months_over: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean margin of a customer by the end of each month since the first purchase.

    Of those alone who have that month behind them. It ends where these are fewer than
    ``LEAST_FOLLOWED`` and half of all, or a margin is not known.

    :param earned: shape (customers, months): margin by the end of each month
    :param months_over: of each customer
    :return: mean, low and high of its 95% interval, NaN of one customer
    """
    points, least = [], min(LEAST_FOLLOWED, (len(earned) + 1) // 2)
    for number in range(MOST_MONTHS):
        known = earned[months_over > number, number]
        if len(known) < max(least, 1) or np.isnan(known).any():
            break
        spread = known.std(ddof=1) / len(known) ** 0.5 if len(known) > 1 else np.nan
        points.append((known.mean(), Z * spread))
    mean, spread = np.array(points).reshape(-1, 2).T
    return mean, mean - spread, mean + spread


def _pay_back(
    cost: float | None, mean: np.ndarray, low: np.ndarray, high: np.ndarray
) -> dict[str, Any]:
    """When a customer has paid for its cost, and how much it has brought for it."""
    value = float(mean[-1]) if len(mean) else None
    is_known = cost is not None and value is not None
    return {
        "months": len(mean),
        "value": value,
        "payback": payback_months(mean, cost) if is_known else None,
        "low": payback_months(high, cost) if is_known else None,
        "high": payback_months(low, cost) if is_known else None,
        "value_to_cost": value / cost if is_known and cost > 0 else None,
        "return_on_spend": value / cost - 1 if is_known and cost > 0 else None,
    }


def _poisson_interval(count: int) -> tuple[float, float]:
    """95% interval of the number expected where so many came (score interval)."""
    middle, spread = count + Z**2 / 2, Z * (count + Z**2 / 4) ** 0.5
    return middle - spread, middle + spread
