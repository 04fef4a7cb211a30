from random import Random

import pytest

from ...engine.drawing.charts import numbers_on_scale, ticks
from ...engine.drawing.payload import ChartTile, Series


@pytest.mark.parametrize(
    ("numbers", "has_zero", "expected"),
    [
        ([0, 100], False, [0, 25, 50, 75, 100]),
        ([12, 87], True, [0, 25, 50, 75, 100]),  # 87 / 4 = 21.75, next round 25
        ([980, 1010], False, [980, 990, 1000, 1010]),  # lines may begin anywhere
        ([-40, 30], True, [-40, -20, 0, 20, 40]),  # 70 / 4 = 17.5
        ([-90, -10], True, [-100, -75, -50, -25, 0]),  # 90 / 4 = 22.5
        ([7], False, [0, 5, 10, 15]),  # 7 * 1.25 * 6 / 5 = 10.5, so 12; 12 / 4 = 3
        ([0, 0], True, [0, 0.25, 0.5, 0.75, 1]),
        ([], True, []),
        ([1e12, 3e12], True, [0, 1e12, 2e12, 3e12]),
        ([0.00012, 0.0003], True, [0, 0.0001, 0.0002, 0.0003]),
    ],
)
def test_ticks_are_round_and_reach_around_all_numbers(numbers, has_zero, expected):
    assert ticks(numbers, has_zero=has_zero) == pytest.approx(expected)


def test_a_scale_has_three_to_five_ticks():
    random = Random(7)
    for _each in range(2000):
        size = 10 ** random.uniform(-6, 9)
        low = random.uniform(-size, size)
        high = low + size * random.uniform(0.01, 3)
        for has_zero in (True, False):
            found = ticks([low, high], has_zero=has_zero)
            assert 3 <= len(found) <= 5, (low, high, has_zero)
            assert found[0] <= low + size * 1e-9
            assert found[-1] >= high - size * 1e-9


@pytest.mark.parametrize("low", [-1.7e308, 0.0, 1e-300])
def test_the_largest_numbers_have_few_ticks(low):
    assert 2 <= len(ticks([low, 1.7e308])) <= 8


def test_stacks_reach_as_far_as_their_sums():
    series = (Series("A", (3.0, -2.0)), Series("B", (4.0, None)))
    tile = ChartTile("Sales", ("Jan", "Feb"), series, targets=(None, 9.0))
    # January 3 + 4 up, February 2 down; the target of 9 too
    assert sorted(numbers_on_scale(tile, is_stacked=True)) == [-2, 0, 0, 7, 9]
    assert sorted(numbers_on_scale(tile)) == [-2, 3, 4, 9]
