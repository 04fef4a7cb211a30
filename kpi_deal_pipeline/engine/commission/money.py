"""Amounts of money: exact in between, rounded where somebody is paid."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)


class CommissionError(ValueError):
    """A plan or an amount that cannot be computed with; says what and where."""


def round_amount(amount: Decimal, unit: Decimal) -> Decimal:
    """The multiple of ``unit`` next to ``amount``, halves away from 0.

    :param unit: smallest amount of the currency, such as 0.01, 1 or 0.05
    """
    return (amount / unit).quantize(ONE, ROUND_HALF_UP) * unit


def differences(running: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Rounded parts whose sums are the rounded running totals.

    Each part differs from the exact one by a unit at most, and any number of the first
    of them together by half a unit.
    """
    totals = [ZERO, *(round_amount(amount, unit) for amount in running)]
    return [after - before for before, after in zip(totals, totals[1:], strict=False)]
