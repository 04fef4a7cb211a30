"""Amounts as exact decimal numbers, and as texts that programs read.

Floats hold what was entered only nearly: 0.1 + 0.2 is not 0.3. What people read is
written by Odoo's ``format_amount``, with the currency and the reader's signs.
"""

from collections.abc import Iterable
from decimal import Decimal

CENT = Decimal("0.01")


def exact(amount: float | None, digits: int = 2) -> Decimal:
    """An amount of a column as the decimal number that stands there; 0 for none."""
    return Decimal(f"{amount or 0:.{digits}f}")


def exact_sum(amounts: Iterable[float | None]) -> Decimal:
    """The exact sum of amounts of a column; 0 for none."""
    return sum(map(exact, amounts), Decimal(0))


def exact_text(amount: float | None, digits: int = 2) -> str:
    """The same as a text: 5 → ``5.00``."""
    return f"{exact(amount, digits):f}"


def amount_text(amount: float) -> str:
    """An amount as it was entered, with two decimals at least: 1.125 stays so."""
    number = Decimal(repr(amount))
    cents = number.quantize(CENT)
    return f"{cents if number == cents else number.normalize():f}"


def number_text(number: float) -> str:
    """A number without zeros that say nothing: 0.50 → ``0.5``, 1e3 → ``1000``."""
    return f"{Decimal(repr(number)).normalize():f}"
