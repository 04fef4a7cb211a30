"""What people know of periods and numbers do not: one-off and planned events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from odoo.addons.kpi_base.engine.periods import Period

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Effect:
    """What an event does to a KPI.

    :ivar kind: ``one_off``, ``real``, ``add`` or ``factor``
    :ivar first, last: its days, both included
    :ivar amount: what it adds to each period, or the factor
    """

    report_id: int
    kind: str
    first: date
    last: date
    amount: float = 0.0


def mark_one_off(
    effects: Sequence[Effect],
    row_of: Mapping[int, int],
    periods: Sequence[Period],
    kind: str = "one_off",
) -> np.ndarray:
    """Periods that nothing is learned from; shape (KPIs, periods), bool.

    :param kind: another kind of effects whose periods are asked for
    """
    marks = np.zeros((len(row_of), len(periods)), bool)
    for effect in effects:
        if effect.kind == kind and effect.report_id in row_of:
            touched = [bool(_days_within(effect, period)) for period in periods]
            marks[row_of[effect.report_id], touched] = True
    return marks


def plan(
    effects: Sequence[Effect],
    row_of: Mapping[int, int],
    periods: Sequence[Period],
    is_additive: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """What planned events do to coming periods.

    What is added to a sum is spread over the days of the event; any other value is
    larger by it for the share of a period that the event lasts, as is a factor. Several
    events add up, after the factors were multiplied.

    :param is_additive: shape (KPIs,): whether a KPI adds up over time
    :return: factors and sums, shape (KPIs, periods): 1 and 0 where nothing is planned
    """
    factors = np.ones((len(row_of), len(periods)))
    sums = np.zeros(factors.shape)
    lengths = np.array([period.days for period in periods], float)
    for effect in effects:
        if effect.kind not in ("add", "factor") or effect.report_id not in row_of:
            continue
        row = row_of[effect.report_id]
        days = np.array([_days_within(effect, period) for period in periods], float)
        if effect.kind == "factor":
            factors[row] *= 1 + days / lengths * (effect.amount - 1)
        else:
            whole = (effect.last - effect.first).days + 1
            sums[row] += effect.amount * days / (whole if is_additive[row] else lengths)
    return factors, sums


def _days_within(effect: Effect, period: Period) -> int:
    """Days of the period that the event lasts."""
    first = max(effect.first, period.start)
    stop = min(effect.last + DAY, period.stop)
    return max((stop - first).days, 0)
