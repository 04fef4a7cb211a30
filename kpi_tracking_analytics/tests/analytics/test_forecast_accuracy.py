"""Confidence and skill."""

import numpy as np
import pytest

from ...analytics.forecast.paths import naive_paths, realised_errors
from ...analytics.forecast.result import confidence, skill

NAN = np.nan


def _errors(*numbers):
    return np.array(numbers, float)[None, :, None]


@pytest.mark.parametrize(
    ("errors", "sizes", "expected"),
    [
        ([1, -2, 3], [10, 20, 30], 90),  # 6 of 60
        ([0, 0, 0], [10, 20, 30], 100),
        ([90, 90, 90], [10, 20, 30], 0),  # never below 0
        ([1, -2, NAN, 3], [10, 20, 999, 30], 90),  # what was not judged counts nowhere
        ([1, 2, NAN], [10, 20, 30], NAN),  # below three origins
        ([0, 0, 0], [0, 0, 0], 100),
        ([1, 1, 1], [0, 0, 0], 0),
    ],
)
def test_confidence_is_what_is_not_wrong(errors, sizes, expected):
    found = confidence(_errors(*errors), np.array([sizes], float))
    np.testing.assert_allclose(found, [[expected]])


def test_confidence_is_told_for_each_horizon():
    errors = np.zeros((1, 4, 2))
    errors[0, :, 1] = 5
    found = confidence(errors, np.full((1, 4), 10.0))
    np.testing.assert_allclose(found, [[100, 50]])


def _skill(ours, values, *plain):
    return skill(_errors(*ours), np.array([values], float), list(plain))[0]


def test_skill_is_the_share_saved_of_the_better_plain_forecast():
    values = [0, 2, 0, 2, 0]  # naive is off by 2 each time
    naive = naive_paths(np.array([values], float), 1)
    worse = naive + 10
    ours = [NAN, 1, 1, 1, 1]
    assert _skill(ours, values, naive) == pytest.approx(0.5)
    assert _skill(ours, values, worse, naive) == pytest.approx(0.5)
    assert _skill([NAN, 3, 3, 3, 3], values, naive) == pytest.approx(-0.5)
    assert _skill([NAN, 99, 99, 99, 99], values, naive) == -1


def test_of_what_is_often_0_the_mean_has_more_skill_than_0():
    """Squared errors of (4, −4, 0, 0) are 8 on average; of the mean 1, 3; of 0, 4."""
    values = [0, 4, 0, 0] * 5
    naive = naive_paths(np.array([values], float), 1)
    judged = [NAN] * 4  # from whole fours on
    mean = judged + [each - 1 for each in values[4:]]
    nothing = judged + values[4:]
    assert _skill(mean, values, naive) == pytest.approx(1 - (3 / 8) ** 0.5)
    assert _skill(nothing, values, naive) == pytest.approx(1 - (4 / 8) ** 0.5)


def test_the_plain_forecast_itself_has_no_skill():
    values = np.random.default_rng(1).normal(size=(5, 30))
    naive = naive_paths(values, 3)
    errors = realised_errors(naive, values)
    np.testing.assert_allclose(skill(errors, values, [naive]), 0, atol=1e-12)


def test_skill_compares_where_both_were_judged():
    # naive is off by 9 first, where nobody else was judged, then by 2
    values = [0, 9, 7, 9, 7, 9]
    naive = naive_paths(np.array([values], float), 1)
    assert _skill([NAN, NAN, 1, 1, 1, 1], values, naive) == pytest.approx(0.5)


@pytest.mark.parametrize(("ours", "expected"), [([0] * 5, 0), ([1] * 5, -1)])
def test_nothing_beats_a_plain_forecast_that_is_never_wrong(ours, expected):
    values = [7, 7, 7, 7, 7]
    naive = naive_paths(np.array([values], float), 1)
    assert _skill(ours, values, naive) == expected


def test_below_three_origins_no_skill_is_told():
    naive = naive_paths(np.array([[1.0, 2, 3]]), 1)
    assert np.isnan(_skill([NAN, 1, 1], [1, 2, 3], naive))
