"""Months of a benefit as numbers: planned for its whole life, realised so far.

After go-live it grows until it has its full size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np

from odoo.addons.kpi_base.engine.spread import apportion

from .fault import BenefitError, _lt
from .standing import QUARTER, measure_cadence

NAN = float("nan")
NEAR = 1e-9
NOT_BEGUN = 0.1  # of the plan: below it a benefit has not begun


@dataclass(frozen=True)
class History:
    """A benefit, or several added up, month by month.

    :ivar planned: shape (months,), one per month of its life, oldest first
    :ivar realised: shape (closed months,); NaN = nobody has said
    :ivar late: months from the first planned one to the actual go-live; in them nothing
        reported means that nothing came
    :ivar overdue: months since the last planned one was over
    :ivar first: first day of the first month
    :ivar every: months from one value to the next, as far as that is known beforehand
    :raises BenefitError: plan with gaps or infinite, more realised than planned months
    """

    planned: np.ndarray
    realised: np.ndarray
    late: int = 0
    overdue: int = 0
    first: date = date.min
    every: int = 1

    def __post_init__(self) -> None:
        if not np.isfinite(self.planned).all() or np.isinf(self.realised).any():
            raise BenefitError("A month of the plan is missing or not finite.")
        if len(self.realised) > len(self.planned):
            raise BenefitError("More months are over than were planned.")

    @property
    def closed(self) -> int:
        """How many months are over."""
        return len(self.realised)

    @property
    def reported(self) -> np.ndarray:
        """Realised, with 0 where nothing came before the go-live."""
        known = self.realised.copy()
        early = known[: self.late]
        early[np.isnan(early)] = 0.0
        return known

    @cached_property
    def begin(self) -> int:
        """Place of the first month in which something is planned."""
        return int(np.argmax(np.abs(self.planned) > NEAR))

    @cached_property
    def booked(self) -> np.ndarray:
        """Places of the months in which more came than next to nothing."""
        least = NOT_BEGUN * np.abs(self.planned[: self.closed]) + NEAR
        return np.flatnonzero(np.abs(self.realised) >= least)

    @cached_property
    def cadence(self) -> int:
        """Months from one booking to the next; a quarter or more before the first."""
        if not len(self.booked):
            return min(max(QUARTER, self.every), len(self.planned))
        first = int(self.booked[0])
        # What begins late is not booked seldom.
        begin = self.begin if self.is_caught_up(self.begin, first) else first
        return max(self.every, measure_cadence([int(at) for at in self.booked - begin]))

    def is_caught_up(self, first: int, last: int) -> bool:
        """Whether the booking of a month is rather for all months since ``first``."""
        if first >= last:
            return False
        plan = self.planned[first : last + 1]
        half = (plan[-1] + plan.sum()) / 2
        return abs(self.realised[last]) >= abs(half)

    def spread_bookings(self, planned: np.ndarray) -> tuple[np.ndarray, int]:
        """Realised, with what is booked for several months spread as planned.

        A quarter that is booked a month late is still a quarter.

        :param planned: shape (closed months,)
        :return: of each month, and how many of them were booked
        """
        spread = self.realised.copy()
        first = int(np.argmax(np.append(np.abs(planned) > NEAR, True)))
        for place in map(int, self.booked):
            months = place - first + 1
            is_late = months == self.cadence + 1 > 2
            span = slice(first, place + 1 - is_late)
            is_due = 1 < months <= self.cadence + is_late
            if is_due or self.is_caught_up(first, place):
                amount = np.nansum(spread[first : place + 1])
                spread[place] = 0.0
                spread[span] = planned[span] * (amount / (planned[span].sum() or 1.0))
            first = span.stop
        return spread, first

    @property
    def counted(self) -> np.ndarray:
        """Realised as ``count_realised`` counts each month."""
        planned = self.planned[: self.closed]
        missing = np.isnan(self.realised)
        return np.where(missing, np.minimum(planned, 0.0), self.realised)

    @property
    def done(self) -> float:
        """Realised so far."""
        return float(self.counted.sum())

    @property
    def total(self) -> float:
        """Planned for the whole life."""
        return float(self.planned.sum())

    @property
    def left(self) -> float:
        """Planned for the months to come."""
        return float(self.planned[self.closed :].sum())

    @property
    def silent(self) -> int:
        """Months in a row, up to the last one, of which nobody has said anything."""
        missing = np.isnan(self.reported)
        if not missing.any():
            return 0
        trailing = int(np.argmin(missing[::-1])) if not missing.all() else len(missing)
        return trailing + self.overdue if trailing else 0

    def get_day(self, place: int) -> date:
        """First day of a month, by its place; those to come as well."""
        years, month = divmod(self.first.month - 1 + place, 12)
        return date(self.first.year + years, month + 1, 1)


def shift_plan(planned: Sequence[float], late: int) -> np.ndarray:
    """The plan of the same months with everything ``late`` months later.

    What falls out at the end is lost: the end of a benefit does not move.
    """
    plan = np.asarray(planned, float)
    late = min(late, len(plan))
    return np.concatenate([np.zeros(late), plan[: len(plan) - late]])


def count_months(start: date, stop: date) -> int:
    """Months from the one of ``start`` to that of ``stop``; below 0: it is earlier."""
    return (stop.year - start.year) * 12 + stop.month - start.month


def build_months(
    rows: Sequence[tuple[date, float, float]],
    this_month: date,
    late: int = 0,
    every: int = 1,
) -> History:
    """Months from the first planned one to the last, and which of them are over.

    :param rows: (first day, planned, realised) of months; NaN = nobody has said
    :param late: months from the first one to the actual go-live; −1: it was not yet
    :param every: as of ``History``
    """
    first, last = rows[0][0], rows[-1][0]
    count = count_months(first, last) + 1
    planned, realised = np.zeros(count), np.full(count, NAN)
    for day, plan, done in rows:
        place = count_months(first, day)
        planned[place], realised[place] = plan, done
    elapsed = max(count_months(first, this_month), 0)
    closed = min(elapsed, count)
    return History(
        planned,
        realised[:closed],
        late=closed if late < 0 else late,
        overdue=elapsed - closed,
        first=first,
        every=every,
    )


def add_months(several: Sequence[History]) -> History:
    """Months of several benefits together; NaN where none of them counts anything."""
    first = min(one.first for one in several)
    last = max(one.get_day(len(one.planned) - 1) for one in several)
    count = count_months(first, last) + 1
    planned, realised = np.zeros(count), np.zeros(count)
    is_silent = np.ones(count, bool)
    elapsed = 0
    for one in several:
        start = count_months(first, one.first)
        planned[start : start + len(one.planned)] += one.planned
        over = slice(start, start + one.closed)
        realised[over] += one.counted
        is_silent[over] &= np.isnan(one.reported)
        elapsed = max(elapsed, start + one.closed + one.overdue)
    # A disbenefit that nobody reported counts all the same.
    realised[is_silent & (realised == 0)] = NAN
    closed = min(elapsed, count)
    overdue = elapsed - closed
    return History(planned, realised[:closed], overdue=overdue, first=first)


def list_levels(
    kind: str, ramp: int, periods: int, custom: Sequence[float] = ()
) -> np.ndarray:
    """Share of its full size that a benefit has, on average, in each period.

    :param kind: ``linear``; ``s_curve`` (slow, fast, slow: 3t² − 2t³); ``custom``
    :param ramp: periods until the full size; 0 = at once
    :param periods: how many, from go-live
    :param custom: the share in each period, the last one stays; 1 = full size
    :raises BenefitError: another kind, shares below 0 or not finite, none at all
    """
    if kind == "custom":
        given = np.asarray(custom, float)
        if not len(given):
            raise BenefitError(
                _lt("A custom ramp-up needs a share for the first period.")
            )
        if not (np.isfinite(given) & (given >= 0)).all():
            raise BenefitError(_lt("Ramp-up shares cannot be negative."))
        return given[np.minimum(np.arange(periods), len(given) - 1)]
    total = _TOTALS.get(kind)
    if not total:
        raise BenefitError(f"There is no ramp-up “{kind}”.")
    if ramp < 0:
        raise BenefitError(_lt("The ramp-up must be 0 periods or more."))
    if not ramp:
        return np.ones(periods)
    edges = np.minimum(np.arange(periods + 1) / ramp, 1.0)
    beyond = np.maximum(np.arange(periods + 1) / ramp - 1.0, 0.0)
    return np.diff(total(edges) + beyond) * ramp


def spread_total(total: Decimal, levels: np.ndarray, unit: Decimal) -> list[Decimal]:
    """Amount of each period, in proportion to its level; they add up to ``total``.

    :param total: a multiple of ``unit``; below 0 for a disbenefit
    :raises BenefitError: levels that are all 0
    """
    weights = [Decimal(repr(float(level))) for level in levels]
    if not any(weights):
        raise BenefitError(
            _lt("The benefit has no amount in any period. Enter a share above 0.")
        )
    return apportion(total, weights, unit)


# Level reached, added up from go-live to each point of the ramp-up.
_TOTALS = {"linear": lambda t: t**2 / 2, "s_curve": lambda t: t**3 - t**4 / 2}
