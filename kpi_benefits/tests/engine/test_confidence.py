"""How confidence fades, and what it is worth."""

import pytest

from ...engine.confidence import (
    expect_remaining,
    fade,
    find_base_rate,
    is_stale,
)


@pytest.mark.parametrize(
    "given, age, base, expected",
    [
        (0.9, 0, 0.5, 0.9),
        (0.9, 90, 0.5, 0.9),  # a quarter is fresh
        (0.9, 270, 0.5, 0.7),  # half of 0.4 after 180 more days
        (0.9, 450, 0.5, 0.6),  # a quarter of it after 360
        (0.2, 270, 0.6, 0.4),  # upwards as well
        (0.9, 40_000, 0.3, 0.3),
    ],
)
def test_what_is_beyond_the_base_rate_halves(given, age, base, expected):
    assert fade(given, age, base) == pytest.approx(expected, abs=1e-12)


def test_scores_are_stale_from_the_91st_day_on():
    assert [is_stale(age) for age in (0, 90, 91)] == [False, False, True]


def test_the_base_rate_needs_ten_ended_benefits():
    assert find_base_rate([True] * 9) == 0.5
    assert find_base_rate([True] * 7 + [False] * 3) == 0.7


def test_only_what_is_to_come_is_weighted():
    assert expect_remaining(1000.0, 0.7) == pytest.approx(700.0)
    # to doubt a disbenefit makes it no smaller
    assert expect_remaining(-1000.0, 0.7) == -1000.0
