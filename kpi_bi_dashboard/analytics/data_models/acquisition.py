"""What new customers cost by channel, and what they have earned since."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from .customer_margin import MarginCurve, MonthlyMargins, Z
from .marketing_models import UNKNOWN, acquisition_costs, payback_months
from .purchases import Purchases, month_numbers

YEAR = 12
Spend = tuple[str, date, float]


def find_acquisition(
    purchases: Purchases,
    day: np.datetime64,
    spend: Iterable[Spend],
    channels: Mapping[int, str],
) -> dict[str, Any]:
    """Costs of the last twelve full months, all, paid and by channel, as JSON.

    ``margin`` has what customers earned by the month since their first purchase,
    compared with these costs.

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
    earned = MonthlyMargins(purchases, day)
    paid = [one.channel for one in costs[2:] if one.spend > 0]
    rows, margins = [], []
    for place, one in enumerate(costs):
        own = {0: labels, 1: paid}.get(place, [one.channel])
        curve = earned.accumulate(np.isin(labels, own))
        low, high = _poisson_interval(one.customers)
        ends = {"low": one.cost and one.spend / high}
        ends["high"] = one.cost and one.spend / low
        rows.append({**vars(one), **ends})
        margins.append(_pay_back(one.cost, curve))
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


def _pay_back(cost: float | None, curve: MarginCurve) -> dict[str, Any]:
    """When a customer has paid for its cost, and how much it has brought for it."""
    mean, low, high = curve.mean, curve.low, curve.high
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
