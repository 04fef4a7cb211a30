"""Weights of forecasts by their back-test."""

import numpy as np
import pytest

from ...analytics.forecast.combination import (
    DISCOUNT,
    back_test,
    combine,
    discounted_mean,
)
from ...analytics.forecast.paths import naive_paths

NAN = np.nan


def _always(number, periods=10, horizon=1):
    return np.full((1, periods, horizon), float(number))


def test_weights_are_the_inverse_squares_of_mean_squared_errors():
    # of 0: errors 1 and 2, squares 1 and 4, weights 1 and 1/16
    combined = combine({"a": _always(1), "b": _always(2)}, np.zeros((1, 10)))
    assert combined[0, -1, 0] == pytest.approx((1 * 1 + 2 / 16) / (1 + 1 / 16))


def test_before_any_can_be_judged_weights_are_equal():
    combined = combine({"a": _always(1), "b": _always(2)}, np.zeros((1, 10)))
    assert combined[0, 0, 0] == pytest.approx(1.5)


def test_a_perfect_forecast_is_taken():
    combined = combine({"a": _always(0), "b": _always(2)}, np.zeros((1, 10)))
    assert combined[0, -1, 0] == 0


def test_several_perfect_forecasts_share():
    combined = combine({"a": _always(0), "b": _always(0)}, np.zeros((1, 10)))
    assert combined[0, -1, 0] == 0


def test_a_forecast_that_ends_takes_no_part_from_then_on():
    ended = _always(1)
    ended[:, 6:] = NAN
    combined = combine({"a": ended, "b": _always(2)}, np.zeros((1, 10)))
    assert combined[0, 5, 0] < 1.1
    np.testing.assert_equal(combined[0, 6:, 0], 2)


def test_where_nothing_forecasts_nothing_comes_out():
    late = _always(1)
    late[:, :4] = NAN
    combined = combine({"a": late}, np.zeros((1, 10)))
    assert np.isnan(combined[0, :4]).all()
    np.testing.assert_equal(combined[0, 4:, 0], 1)


def test_each_series_has_weights_of_its_own():
    values = np.array([[0.0] * 10, [3.0] * 10])
    paths = {"a": np.ones((2, 10, 1)), "b": np.full((2, 10, 1), 2.0)}
    combined = combine(paths, values)[:, -1, 0]
    assert combined[0] < 1.1
    assert combined[1] > 1.9


def test_the_back_test_means_over_horizons_and_discounts_over_periods():
    values = np.array([[0.0, 1.0, 3.0]])
    # period 1: 1² ; period 2: of horizon 1 2², of horizon 2 3²
    losses = back_test(naive_paths(values, 2), values)
    second = (DISCOUNT * 1 + (4 + 9) / 2) / (DISCOUNT + 1)
    np.testing.assert_allclose(losses[0], [NAN, 1, second])


def test_the_back_test_has_no_look_at_what_follows():
    values = np.random.default_rng(1).normal(size=(2, 20))
    whole = back_test(naive_paths(values, 4), values)
    part = back_test(naive_paths(values[:, :12], 4), values[:, :12])
    np.testing.assert_allclose(part, whole[:, :12])


@pytest.mark.parametrize(
    ("values", "counts", "expected"),
    [
        ([4, 8], [1, 1], [4, (0.5 * 4 + 8) / 1.5]),
        ([4, 99, 8], [1, 0, 1], [4, 4, (0.5 * 4 + 8) / 1.5]),  # a gap fades nothing
        ([99, 4], [0, 1], [NAN, 4]),
    ],
)
def test_discounted_means(values, counts, expected):
    means = discounted_mean(np.array([values], float), np.array([counts], bool), 0.5)
    np.testing.assert_allclose(means[0], expected)
