"""What agents give back when customers do not pay, or get their money back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from .money import ONE, ZERO, CommissionError, differences


@dataclass(frozen=True)
class Refund:
    """Part of a base that was given back.

    :param base: above 0
    :param factor: share of the commission on it that is to be given back
    """

    base: Decimal
    factor: Decimal = ONE


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
    """What each refund takes back of a commission.

    All refunds together take back no more than was paid, and a commission whose whole
    base is given back in the window without decay comes to exactly 0, unless ``rate``
    says otherwise.

    :param amount, base: commission that was paid, and on what
    :param refunds: of this base, in their order
    :param rate: original rate at which to take back; None = the share of what was paid.
        They differ where the least of a line was paid: that is kept at the rate.
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


def true_up(before: Sequence[Decimal], after: Sequence[Decimal]) -> Decimal:
    """What a period pays less, computed anew without what was given back.

    :param before, after: commissions of all lines of the period
    """
    return sum(after, ZERO) - sum(before, ZERO)
