"""Many numbers as a short text."""

import pytest

from ...engine.ranges import read_ranges, write_ranges


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([7], "7"), ([5, 3, 4, 12, 4], "3-5,12"), ([1, 3, 5], "1,3,5")],
)
def test_adjacent_numbers_are_a_range(numbers, text):
    assert write_ranges(numbers) == text


def test_ranges_are_read_back():
    assert read_ranges("3-5,12") == [(3, 5), (12, 12)]


@pytest.mark.parametrize(
    "text", ["", "x", "0", "-1", "5-3", "1,", "1--2", "1 or 1", "9999999999", "1.5"]
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="written as"):
        read_ranges(text)
