import pytest

from ...engine.number_text import compact


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (82_437.2, 2, "82.4 k"),
        (999_950, 0, "1 M"),  # rounds into the next letter
        (1_000, 0, "1 k"),
        (-1_234_567, 0, "-1.23 M"),
        (999.4, 0, "999 "),
        (12.345, 2, "12.3 "),
        (12.345, 0, "12 "),
        (0.1234, 2, "0.12 "),
        (0, 2, "0.00 "),
        (5e15, 0, "5000 T"),
    ],
)
def test_three_digits_say_enough(value, decimals, expected):
    number, shown, letter = compact(value, decimals)
    assert f"{number:.{shown}f} {letter}" == expected
