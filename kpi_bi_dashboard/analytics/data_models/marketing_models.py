"""What winning customers costs, and when they have paid for it; funnels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from odoo.addons.kpi_tracking_analytics.analytics.reliability import (
    find_bottleneck,
    wilson_interval,
)

# people whose channel nobody knows; spend on no channel
UNKNOWN = ""


@dataclass(frozen=True)
class AcquisitionCost:
    """Cost of a new customer of one channel, or of all (``channel`` empty).

    :ivar cost: None = there was no new customer
    """

    channel: str
    spend: float
    customers: int
    cost: float | None


def acquisition_costs(
    spend: Mapping[str, float], customers: Mapping[str, int]
) -> list[AcquisitionCost]:
    """Per channel, first all together (blended), then those with spend (paid).

    :param spend: of the period, by channel; ``UNKNOWN`` = on none
    :param customers: who bought for the first time in it, by channel
    """
    channels = sorted({*spend, *customers})
    paid = [channel for channel in channels if spend.get(channel, 0) > 0]
    parts = [("", channels), ("paid", paid), *((one, [one]) for one in channels if one)]
    costs = []
    for name, part in parts:
        spent = float(sum(spend.get(channel, 0) for channel in part))
        count = sum(customers.get(channel, 0) for channel in part)
        cost = spent / count if count else None
        costs.append(AcquisitionCost(name, spent, count, cost))
    return costs


def payback_months(earned: np.ndarray, spent: float) -> int | None:
    """Months until the margin earned has paid for the spend, by the curve itself.

    A mean margin over the lifetime would say twelve months where customers pay in the
    first and never again.
    """
    reached = np.flatnonzero(np.asarray(earned) >= spent)
    return int(reached[0]) + 1 if len(reached) else None


@dataclass(frozen=True)
class FunnelStep:
    """A step of a funnel.

    :ivar count: who came so far within the window
    :ivar rate: of those of the step before; None = there were none, or it is the first
    :ivar low, high: 95% interval of the rate
    :ivar is_bottleneck: its interval lies below all others
    """

    name: str
    count: int
    rate: float | None
    low: float | None
    high: float | None
    is_bottleneck: bool


def build_funnel(
    names: Sequence[str], reached: np.ndarray, window_days: float
) -> list[FunnelStep]:
    """A funnel of people who all had the same time.

    :param names: of the steps
    :param reached: shape (people, steps): days since the first step at which each was
        reached; NaN = not, below 0 counts as 0. Somebody has reached a step who reached
        a later one
    :param window_days: who came later is counted as lost
    """
    days = np.where(np.isnan(reached), np.inf, np.maximum(reached, 0))
    within = np.minimum.accumulate(days[:, ::-1], axis=1)[:, ::-1] <= window_days
    return rate_steps(names, within.sum(axis=0).tolist())


def rate_steps(names: Sequence[str], counts: Sequence[int]) -> list[FunnelStep]:
    """Rates from step to step with their intervals; the bottleneck among them."""
    rates: list[tuple[float, float, float] | None] = [None]
    for before, count in pairwise(counts):
        # more orders than offers: the steps are not counted of the same people
        share = min(count, before)
        rates.append(
            (share / before, *wilson_interval(share, before)) if before else None
        )
    rows = [*zip(names, counts, rates, strict=True)]
    slowest = find_bottleneck({name: rate[1:] for name, _count, rate in rows if rate})
    return [
        FunnelStep(name, count, *(rate or (None,) * 3), name == slowest)
        for name, count, rate in rows
    ]
