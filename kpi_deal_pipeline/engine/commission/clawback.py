"""Amounts that agents give back when customers do not pay, or get their money back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import TypeVar

from .compute import Line, Step, commissions
from .money import ONE, ZERO, CommissionError, differences, round_amount
from .plan import Plan

K = TypeVar("K")
LIMITS = ("floor", "cap", "period_cap")


@dataclass(frozen=True)
class Refund:
    """Part of a base that was given back.

    :param base: above 0
    :param factor: share of the commission on it that is to be given back
    """

    base: Decimal
    factor: Decimal = ONE


@dataclass(frozen=True)
class PeriodRefund:
    """Part of a deal that was given back, where its period is computed anew.

    :param keys: of the lines that the deal has
    :param share: of their full base, from 0 to 1
    :param factor: share of the commission on it that is to be given back
    """

    keys: Collection[object]
    share: Decimal
    factor: Decimal = ONE


def full_months(start: date, stop: date) -> int:
    """Number of full months from ``start`` to ``stop``; below 0 where it is before."""
    months = (stop.year - start.year) * 12 + stop.month - start.month
    return months - (stop.day < start.day)


def decay_factor(months: Decimal, window: Decimal | None, is_linear: bool) -> Decimal:
    """Share of a commission that is to be given back so many months after it.

    :param window: months after which nothing is given back; None = without end
    :param is_linear: falls from all to nothing over the window, else stays at all
    """
    if window is None:
        return ONE
    if months >= window:
        return ZERO
    return ONE - max(months, ZERO) / window if is_linear else ONE


def clawbacks(
    amount: Decimal,
    base: Decimal,
    refunds: Sequence[Refund],
    unit: Decimal,
    rate: Decimal | None = None,
) -> list[Decimal]:
    """Amount that each refund takes back of a commission.

    All refunds together take back no more than was paid, and a commission whose full
    base is given back in the window without decay comes to exactly 0, unless ``rate``
    says otherwise.

    :param amount, base: commission that was paid, and on what
    :param refunds: of this base, in their order
    :param rate: original rate at which to take back; None = the share of what was paid.
        They differ where the least of a line was paid: that is retained at the rate.
    :return: 0 or below, one for each refund
    :raises CommissionError: more is given back than the base
    """
    if any(refund.base <= 0 for refund in refunds):
        raise CommissionError("A refund is above 0.")
    total = sum((refund.base for refund in refunds), ZERO)
    if total > base:
        raise CommissionError(f"Refunds of {total:f} are more than the base {base:f}.")
    share = amount if rate is None else min(amount, base * rate)
    exact = [
        share * weighted / base
        for weighted in accumulate(refund.base * refund.factor for refund in refunds)
    ]
    return [-part for part in differences(exact, unit)]


def original_rate(base: Decimal, steps: Sequence[Step]) -> Decimal:
    """Rate that a unit of the base earned before the least and most of a deal; or 0.

    :param steps: derivation of the commission on ``base``
    """
    earned = [step.total for step in steps if step.kind not in LIMITS]
    return earned[-1] / base if base and earned else ZERO


def true_up(
    plan: Plan, lines: Sequence[Line], refunds: Sequence[PeriodRefund]
) -> list[dict[object, Decimal]]:
    """Amounts that refunds take back where a period is computed anew without them.

    :param lines: all of one agent and period, in the order in which they were earned
    :param refunds: in their order; each is computed on what those before have left
    :return: for each refund, key of a line → difference to what it paid before, below
        0 or, as with a cap, above; lines that pay the same are left out
    """
    full = {line.key: line for line in lines}
    left, before, found = dict(full), _amounts(plan, lines), []
    for refund in refunds:
        for key in refund.keys:
            left[key] = left[key].without(refund.share, full[key])
        after = _amounts(plan, left.values())
        taken = {
            key: round_amount((amount - before[key]) * refund.factor, plan.unit)
            for key, amount in after.items()
        }
        found.append({key: amount for key, amount in taken.items() if amount})
        before = after
    return found


def override_clawbacks(
    shares: Sequence[tuple[Mapping[K, Decimal], Decimal]],
    refunds: Sequence[K],
    unit: Decimal,
) -> dict[K, Decimal]:
    """Refund → amount that it takes back of a manager's share.

    Rounded as a running total, so that all of it is taken back with the last refund.

    :param shares: (refund → what it takes back of an agent's commission, rate) of each
    :param refunds: all of them, in their order
    """
    taken = [
        sum((found.get(refund, ZERO) * rate for found, rate in shares), ZERO)
        for refund in refunds
    ]
    return dict(zip(refunds, differences(list(accumulate(taken)), unit), strict=True))


def _amounts(plan: Plan, lines: Iterable[Line]) -> dict[object, Decimal]:
    return {each.key: each.amount for each in commissions(plan, lines)}
