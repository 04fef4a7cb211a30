import pytest

from ...engine.number_text import NumberText

ENGLISH = NumberText(".", ",", "[3,0]")
GERMAN = NumberText(",", ".", "[3, 0]")
FRENCH = NumberText(",", "\u202f", "[3,0]")


@pytest.mark.parametrize(
    ("write", "number", "digits", "expected"),
    [
        (ENGLISH, 1234567.891, 2, "1,234,567.89"),
        (GERMAN, 1234567.891, 2, "1.234.567,89"),
        (FRENCH, -1234.5, 1, "-1\u202f234,5"),
        (GERMAN, 999, 0, "999"),
        (GERMAN, 0, 3, "0,000"),
        (ENGLISH, 552102731, 6, "552,102,731.000000"),
    ],
)
def test_numbers_are_written_as_the_language_does(write, number, digits, expected):
    assert write(number, digits) == expected


def test_other_groups_than_thousands_are_left_to_others():
    assert GERMAN.is_usual
    assert not NumberText(".", ",", "[3,2,0]").is_usual
