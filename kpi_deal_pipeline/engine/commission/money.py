"""Amounts of money: exact in between, rounded where somebody is paid."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)


class CommissionError(ValueError):
    """A plan or an amount that cannot be computed with; says what and where."""


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """The multiple of ``unit`` next to ``amount``, halves away from 0.

    :param unit: smallest amount of the currency, such as 0.01, 1 or 0.05
    """
    return (amount / unit).quantize(ONE, ROUND_HALF_UP) * unit


def apportion(
    total: Decimal, weights: Sequence[Decimal], unit: Decimal
) -> list[Decimal]:
    """Parts of ``total`` by weight that add up to it, rounded by largest remainder.

    A negative total gives the parts of the positive one with the sign changed, so that
    what is taken back of each part is what was given.

    :param total: a multiple of ``unit``
    :param weights: not negative, not all 0
    :raises CommissionError: weights that split nothing
    """
    whole = sum(weights, ZERO)
    if any(weight < 0 for weight in weights) or not whole:
        raise CommissionError("Shares must be 0 or more, and one of them above 0.")
    units = abs(total) / unit
    exact = [units * weight / whole for weight in weights]
    parts = [share.quantize(ONE, ROUND_FLOOR) for share in exact]
    left = int(units - sum(parts, ZERO))
    lost = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for at in lost[:left]:
        parts[at] += 1
    return [(part * unit).copy_sign(total) for part in parts]


def differences(running: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Rounded parts whose sums are the rounded running totals.

    Each part differs from the exact one by a unit at most, and any number of the first
    of them together by half a unit.
    """
    totals = [ZERO, *(rounded(amount, unit) for amount in running)]
    return [after - before for before, after in zip(totals, totals[1:], strict=False)]
