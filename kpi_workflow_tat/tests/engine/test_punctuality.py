"""Findings about shares in time are silent where chance explains a difference."""

import pytest

from ...engine.punctuality import Share, compare_ends, find_late, is_lower

# With the 95% intervals of Wilson, worked out by hand.
CASES = (
    (Share(1, 10), Share(9, 10), True),  # 2–40% against 60–98%
    (Share(9, 10), Share(1, 10), False),
    (Share(8, 10), Share(9, 10), False),
    (Share(80, 100), Share(95, 100), True),  # 71.1–86.7% against 88.8–97.8%
    (Share(85, 100), Share(95, 100), False),  # 76.7–90.7%
    (Share(0, 1), Share(1, 1), False),  # of so few nothing is known
)


@pytest.mark.parametrize(("share", "other", "expected"), CASES)
def test_a_share_is_lower_where_chance_does_not_explain_it(share, other, expected):
    assert is_lower(share, other) == expected


def test_nobody_is_late_where_all_are_alike():
    """The demo company: 92%, 87% and 85% in time."""
    shares = {"Henrik": Share(12, 13), "Clara": Share(26, 30), "Jonas": Share(34, 40)}
    assert find_late(shares) == []


def test_the_latest_comes_first():
    shares = {
        "Ann": Share(95, 100),
        "Bo": Share(40, 100),
        "Cy": Share(20, 100),
        "Di": Share(96, 100),
    }
    assert find_late(shares) == ["Cy", "Bo"]


@pytest.mark.parametrize("shares", ({}, {"Ann": Share(0, 50)}))
def test_without_others_nobody_is_late(shares):
    assert find_late(shares) == []


@pytest.mark.parametrize(
    ("shares", "expected"),
    (
        ([], None),
        ([Share(3, 5)], None),
        ([Share(3, 5), Share(0, 0)], None),
        ([Share(20, 100), Share(90, 100)], "fewer"),
        ([Share(90, 100), Share(0, 0), Share(20, 100)], "more"),
        ([Share(18, 24), Share(26, 28)], "same"),
        # what lies between does not matter
        ([Share(90, 100), Share(10, 100), Share(91, 100)], "same"),
    ),
)
def test_the_last_period_is_compared_with_the_first(shares, expected):
    assert compare_ends(shares) == expected
