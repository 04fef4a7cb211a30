import pytest

from ...engine.number_text import group_digits


@pytest.mark.parametrize(
    ("digits", "separator", "grouping", "expected"),
    [
        ("1234567", ",", [3, 0], "1,234,567"),
        ("1234567", ".", [3, 0], "1.234.567"),
        ("-1234", "\u202f", [3, 0], "-1\u202f234"),
        ("999", ".", [3, 0], "999"),
        ("12345678", ",", [3, 2, 0], "1,23,45,678"),  # as in India
        ("12345678", ",", [3, 2, -1], "123,45,678"),
        ("12345678", ",", [3], "12345,678"),  # no size repeats: Odoo stops, too
        ("1234", ",", [], "1234"),
        ("1234", "", [3, 0], "1234"),
        ("nan", ",", [3, 0], "nan"),
    ],
)
def test_digits_are_grouped_as_the_language_does(digits, separator, grouping, expected):
    assert group_digits(digits, separator, grouping) == expected
