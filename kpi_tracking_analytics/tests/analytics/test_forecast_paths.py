"""Naive forecasts, logarithms, and errors of all origins."""

import numpy as np
import pytest

from ...analytics.forecast.paths import (
    carry_forward,
    exponential,
    logarithmic,
    mean_paths,
    naive_paths,
    realised_errors,
    running_extremes,
    seasonal_naive_paths,
)

NAN = np.nan


@pytest.mark.parametrize(
    ("values", "filled"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([1, NAN, NAN, 4], [1, 1, 1, 4]),
        ([NAN, 2, NAN], [NAN, 2, 2]),  # nothing comes before the first
        ([NAN, NAN], [NAN, NAN]),
        ([0, NAN, -1], [0, 0, -1]),
    ],
)
def test_gaps_are_filled_with_what_came_before(values, filled):
    np.testing.assert_equal(carry_forward(np.array([values], float))[0], filled)


def test_naive_repeats_the_last_value():
    paths = naive_paths(np.array([[NAN, 3.0, NAN, 5.0]]), 2)
    np.testing.assert_equal(paths[0], [[NAN, NAN], [3, 3], [3, 3], [5, 5]])


def test_the_mean_is_that_of_all_values_so_far():
    paths = mean_paths(np.array([[NAN, 3.0, NAN, 5.0]]), 2)
    np.testing.assert_equal(paths[0], [[NAN, NAN], [3, 3], [3, 3], [4, 4]])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # of season 3, after 1 2 3: 1 2 3 1; with less than a season the last value
        ([1, 2, 3], [1, 2, 3, 1]),
        ([1, 2, 3, 4], [2, 3, 4, 2]),
        ([1, 2], [2, 1, 2, 2]),
        ([1, NAN, 3, 4], [4, 3, 4, 4]),  # the second season was never seen
        ([1, 2, 3, 4, NAN], [3, 4, 2, 3]),  # a gap: the season before it
    ],
)
def test_seasonal_naive_repeats_the_last_season(values, expected):
    paths = seasonal_naive_paths(np.array([values], float), 3, 4)
    np.testing.assert_equal(paths[0, -1], expected)


def test_seasonal_naive_looks_at_no_later_value():
    values = np.random.default_rng(1).normal(size=(3, 30))
    whole = seasonal_naive_paths(values, 7, 9)
    for end in (1, 6, 7, 8, 20):
        part = seasonal_naive_paths(values[:, :end], 7, 9)
        np.testing.assert_equal(part, whole[:, :end])


def test_a_season_of_one_period_is_none():
    values = np.random.default_rng(1).normal(size=(3, 10))
    np.testing.assert_equal(seasonal_naive_paths(values, 1, 4), naive_paths(values, 4))


def test_logarithms_end_with_the_first_value_that_has_none():
    logs = logarithmic(np.array([[1.0, NAN, np.e, 0.0, 5.0]]))
    np.testing.assert_allclose(logs[0], [0, NAN, 1, NAN, NAN])


def test_exponential_is_the_way_back():
    values = np.array([[1.0, 2.0, 4.0, 8.0]])
    paths = naive_paths(logarithmic(values), 2)
    np.testing.assert_allclose(exponential(paths, values), naive_paths(values, 2))


def test_exponential_leaves_the_range_by_at_most_its_width():
    values = np.array([[2.0, 4.0]])
    paths = np.array([[[50.0, -50.0], [50.0, -50.0]]])
    # only 2 known: no width; then from 2 to 4, so up to 8 and down to 1
    np.testing.assert_allclose(exponential(paths, values)[0], [[2, 2], [8, 1]])


def test_exponential_never_leaves_the_range_by_more_than_ten_times():
    values = np.array([[1e-9, 1.0]])
    paths = np.full((1, 2, 1), 50.0)
    assert exponential(paths, values)[0, 1, 0] == pytest.approx(10)


def test_exponential_ends_where_a_value_is_not_positive():
    values = np.array([[2.0, -1.0, 3.0]])
    result = exponential(np.zeros((1, 3, 1)), values)
    assert np.isnan(result[0, :, 0]).tolist() == [False, True, True]


def test_extremes_are_those_so_far():
    low, high = running_extremes(np.array([[NAN, 3.0, 5.0, NAN, 1.0]]))
    np.testing.assert_equal(low[0], [np.inf, 3, 3, 3, 1])
    np.testing.assert_equal(high[0], [-np.inf, 3, 5, 5, 5])


def test_errors_stand_where_they_became_known():
    values = np.array([[10.0, 12.0, NAN, 15.0]])
    errors = realised_errors(naive_paths(values, 2), values)
    # in period 1: of 10 for 12; in period 3: of 12 one and two periods before
    expected = [[NAN, NAN], [2, NAN], [NAN, NAN], [3, 3]]
    np.testing.assert_equal(errors[0], expected)


def test_a_horizon_beyond_the_history_has_no_errors():
    values = np.array([[1.0, 2.0]])
    errors = realised_errors(naive_paths(values, 5), values)
    assert np.isnan(errors[:, :, 1:]).all()
    assert errors[0, 1, 0] == 1
