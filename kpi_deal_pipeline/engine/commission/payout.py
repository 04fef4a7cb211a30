"""Payment of commissions: instalments and draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from .money import ZERO, CommissionError, differences


@dataclass(frozen=True)
class Payout:
    """Payment for a period.

    :param paid: what the agent gets
    :param owed: advance that later periods have still to earn
    """

    paid: Decimal
    owed: Decimal


def instalments(
    amount: Decimal, base: Decimal, billed: Sequence[Decimal], unit: Decimal
) -> list[Decimal]:
    """Parts of a commission that fall due with what is invoiced, or paid.

    :param base: that the commission was computed on; what is billed beyond it pays
        nothing
    :param billed: amounts in their order, 0 or more
    :return: one for each; they add up to ``amount`` once all of the base is billed
    """
    if any(part < 0 for part in billed):
        raise CommissionError(
            "A billed amount must be 0 or more. Enter money returned as a refund."
        )
    if base <= 0:
        return [ZERO for _part in billed]
    exact = [amount * min(total, base) / base for total in accumulate(billed)]
    return differences(exact, unit)


def draw(
    earned: Decimal, guarantee: Decimal, *, is_recoverable: bool, owed: Decimal = ZERO
) -> Payout:
    """Payment for a period where at least ``guarantee`` is paid.

    :param earned: negative where more was taken back than earned
    :param is_recoverable: what was advanced is withheld from later periods, as far as
        those earn more than the guarantee
    :param owed: advance left from the periods before
    """
    if not is_recoverable:
        return Payout(max(earned, guarantee), owed)
    paid = max(earned - owed, guarantee)
    return Payout(paid, owed + paid - earned)
