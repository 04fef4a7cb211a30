from decimal import Decimal

import pytest

from ...engine.money import amount_text, exact, exact_text, number_text


@pytest.mark.parametrize(
    ("amount", "digits", "text"),
    [
        (0.1 + 0.2, 2, "0.30"),
        (5, 2, "5.00"),
        (None, 2, "0.00"),  # an empty column
        (False, 2, "0.00"),
        (-1.005, 3, "-1.005"),
        (1234567890123.45, 2, "1234567890123.45"),
        (0.05, 4, "0.0500"),
        (7.0, 0, "7"),
    ],
)
def test_what_a_column_holds(amount, digits, text):
    assert exact_text(amount, digits) == text
    assert exact(amount, digits) == Decimal(text)


@pytest.mark.parametrize(
    ("amount", "text", "short"),
    [
        (1250000.0, "1250000.00", "1250000"),
        (0.1, "0.10", "0.1"),
        (1.125, "1.125", "1.125"),  # a currency with three decimals
        (-3.0, "-3.00", "-3"),
        (0.0, "0.00", "0"),
        (1e15, "1000000000000000.00", "1000000000000000"),  # no exponent
        (1e-7, "0.0000001", "0.0000001"),
    ],
)
def test_what_programs_read(amount, text, short):
    assert amount_text(amount) == text
    assert number_text(amount) == short
