"""Targets that are suggested; the expected ones are worked out by hand."""

import numpy as np
import pytest

from ...engine.target_suggestions import suggest_targets

NAN = np.nan
TEN = range(10, 110, 10)  # median 55; two thirds are no better than 70, nine tenths 91


@pytest.mark.parametrize(
    ("values", "direction", "more", "expected"),
    [
        ([], "higher", {}, []),
        ([NAN], "higher", {}, []),
        ([0, 0, 0], "higher", {}, []),  # of nothing nothing follows
        ([100], "higher", {}, [100, 110, 120]),  # 105 and 115, of two digits, up
        ([100], "lower", {}, [100, 95, 85]),
        ([5], "higher", {}, [5, 6, 7]),  # whole numbers, each more than before
        ([5], "higher", {"decimals": 1}, [5, 5.3, 5.8]),  # 5.25 and 5.75, up
        ([NAN, 40, NAN], "higher", {}, [40, 42, 46]),
        (TEN, "higher", {}, [55, 70, 91]),
        (TEN, "lower", {}, [55, 40, 19]),
        ([98, 99, 97], "higher", {"limit": 100}, [98, 100]),  # 103 cannot be
        ([100, 100], "higher", {"limit": 100}, [100]),
        ([-100], "higher", {}, [-100, -95, -85]),  # a loss that gets smaller
        ([1_234_567], "higher", {}, [1_200_000, 1_300_000, 1_500_000]),
        ([3, 3, 3, 3, 3, 3, 3], "higher", {}, [3, 4, 5]),  # always the same
        ([1], "lower", {"limit": 0}, [1, 0]),
    ],
)
def test_targets_follow_from_what_was_reached(values, direction, more, expected):
    assert suggest_targets(values, direction, **more) == pytest.approx(expected)


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_each_target_is_better_than_the_one_before(direction):
    rng = np.random.default_rng(7)
    for _attempt in range(200):
        values = rng.normal(
            rng.uniform(-50, 50), rng.uniform(0, 20), rng.integers(1, 15)
        )
        found = suggest_targets(values, direction, decimals=int(rng.integers(0, 3)))
        steps = np.diff(found)
        assert (steps > 0).all() if direction == "higher" else (steps < 0).all()
        assert len(found) == 3
