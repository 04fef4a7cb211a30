import math

import numpy as np
import pytest

from ...engine.scorecard import change, weighted_achievement

NAN = math.nan
CASES = [  # achievements, weights, cap, percent, KPIs that count
    ([80, 100], [1, 1], 100, 90, 2),  # (80 + 100) / 2
    ([80, 100], [3, 1], 100, 85, 2),  # (240 + 100) / 4
    ([150, 50], [1, 1], 100, 75, 2),  # the cap: (100 + 50) / 2, not 100
    ([150, 50], [1, 1], 120, 85, 2),  # (120 + 50) / 2
    ([-40, 100], [1, 1], 100, 50, 2),  # below nothing is nothing
    ([NAN, 60, 90], [5, 1, 2], 100, 80, 2),  # its weight goes to the others: 240 / 3
    ([NAN, NAN], [1, 1], 100, NAN, 0),
    ([80, 50], [0, 1], 100, 50, 2),  # weight 0: shown, does not count
    ([80, NAN], [0, 1], 100, NAN, 1),  # nothing with a weight is known
    ([], [], 100, NAN, 0),
]


@pytest.mark.parametrize("achievements, weights, cap, percent, counted", CASES)
def test_weighted_achievement(achievements, weights, cap, percent, counted):
    column = np.array(achievements, float).reshape(-1, 1)
    score = weighted_achievement(column, weights, cap)
    assert score.percent == pytest.approx([percent], nan_ok=True)
    assert score.counted.tolist() == [counted]


def test_each_period_is_weighed_by_what_it_has():
    score = weighted_achievement([[80, NAN, 100], [60, 40, NAN]], [1, 3])
    assert score.percent == pytest.approx([65, 40, 100])  # (80 + 180) / 4
    assert score.counted.tolist() == [2, 1, 1]


def test_change_compares_like_with_like():
    # The third KPI is new at 0%: no fall. (90 + 50) / 2 - (70 + 60) / 2
    assert change([90, 50, 0], [70, 60, NAN], [1, 1, 4]) == pytest.approx(5)


def test_change_beyond_the_cap_is_none():
    assert change([150], [110], [1]) == pytest.approx(0)
    assert change([150], [110], [1], cap=120) == pytest.approx(10)


def test_change_is_unknown_without_a_kpi_in_both():
    assert math.isnan(change([90, NAN], [NAN, 60], [1, 1]))
