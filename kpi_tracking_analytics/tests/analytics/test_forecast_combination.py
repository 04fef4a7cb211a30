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


def test_weights_are_a_power_of_the_inverse_mean_squared_errors():
    # of 0: errors 1 and 2, squares 1 and 4, weights 1 and 4⁻⁴
    combined = combine({"a": _always(1), "b": _always(2)}, np.zeros((1, 10)), 1)
    assert combined[0, -1, 0] == pytest.approx((1 + 2 / 4**4) / (1 + 1 / 4**4))


def test_before_any_can_be_judged_weights_are_equal():
    combined = combine({"a": _always(1), "b": _always(2)}, np.zeros((1, 10)), 1)
    assert combined[0, 0, 0] == pytest.approx(1.5)


def test_a_perfect_forecast_is_taken():
    combined = combine({"a": _always(0), "b": _always(2)}, np.zeros((1, 10)), 1)
    assert combined[0, -1, 0] == 0


def test_several_perfect_forecasts_share():
    combined = combine({"a": _always(0), "b": _always(0)}, np.zeros((1, 10)), 1)
    assert combined[0, -1, 0] == 0


def test_a_forecast_that_ends_takes_no_part_from_then_on():
    ended = _always(1)
    ended[:, 6:] = NAN
    combined = combine({"a": ended, "b": _always(2)}, np.zeros((1, 10)), 1)
    assert combined[0, 5, 0] < 1.1
    np.testing.assert_equal(combined[0, 6:, 0], 2)


def test_where_nothing_forecasts_nothing_comes_out():
    late = _always(1)
    late[:, :4] = NAN
    combined = combine({"a": late}, np.zeros((1, 10)), 1)
    assert np.isnan(combined[0, :4]).all()
    np.testing.assert_equal(combined[0, 4:, 0], 1)


def test_each_series_has_weights_of_its_own():
    values = np.array([[0.0] * 10, [3.0] * 10])
    paths = {"a": np.ones((2, 10, 1)), "b": np.full((2, 10, 1), 2.0)}
    combined = combine(paths, values, 1)[:, -1, 0]
    assert combined[0] < 1.1
    assert combined[1] > 1.9


def test_the_back_test_means_over_horizons_and_discounts_over_periods():
    values = np.array([[0.0, 1.0, 3.0, 3.0]])
    # period 1: 1². Period 2: of horizon 1 2², of horizon 2 3². Period 3: 0² and 2².
    losses = back_test(naive_paths(values, 2), values, 1)
    early = 0.1  # with less than two values before
    second = (DISCOUNT * early * 1 + 6.5) / (DISCOUNT * early + 1)
    third = (DISCOUNT**2 * early * 1 + DISCOUNT * 6.5 + 2) / (
        DISCOUNT**2 * early + DISCOUNT + 1
    )
    np.testing.assert_allclose(losses[0], [NAN, 1, second, third])


def test_errors_of_the_first_two_seasons_hardly_count():
    values = np.r_[np.arange(8) * 10.0, np.full(4, 70.0)][None]
    of_season = back_test(naive_paths(values, 1), values, 4)[0, -1]
    of_none = back_test(naive_paths(values, 1), values, 1)[0, -1]
    # seven errors of 10 and four of 0; the seven count less than one
    assert of_season < 20
    assert of_none > 40


def test_the_back_test_has_no_look_at_what_follows():
    values = np.random.default_rng(1).normal(size=(2, 20))
    whole = back_test(naive_paths(values, 4), values, 2)
    part = back_test(naive_paths(values[:, :12], 4), values[:, :12], 2)
    np.testing.assert_allclose(part, whole[:, :12])


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([4, 8], [1, 1], [4, (0.5 * 4 + 8) / 1.5]),
        ([4, 99, 8], [1, 0, 1], [4, 4, (0.5 * 4 + 8) / 1.5]),  # a gap fades nothing
        ([99, 4], [0, 1], [NAN, 4]),
        ([4, 8], [0.2, 1], [4, (0.5 * 0.2 * 4 + 8) / (0.5 * 0.2 + 1)]),
    ],
)
def test_discounted_means(values, weights, expected):
    means = discounted_mean(np.array([values], float), np.array([weights], float), 0.5)
    np.testing.assert_allclose(means[0], expected)
