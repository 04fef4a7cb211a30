"""Smoothing recursions against closed forms and best linear prediction."""

import numpy as np
import pytest

from ...analytics.forecast.smoothing import (
    LEAST_AGES,
    UNKNOWN,
    Family,
    Member,
    filter_gains,
    smooth,
)

NAN = np.nan


def _paths(values, member, season_length=1, horizon=3, slope_share=0.0):
    families = {"one": Family((member,), slope_share)}
    rows = np.atleast_2d(np.asarray(values, float))
    return smooth(rows, families, season_length, horizon)["one"]


def test_a_level_that_never_moves_is_the_mean_of_all_values():
    # gains 1, 1/2, 1/3, …: the running mean
    gains = filter_gains((Member(0.0),), 1, 5).level[0]
    np.testing.assert_allclose(gains, [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5], rtol=1e-6)
    paths = _paths([4, 8, 6, 2], Member(0.0))
    np.testing.assert_allclose(paths[0, :, 0], [4, 6, 6, 5], rtol=1e-6)


def test_first_gains_of_a_moving_level_are_those_calculated_by_hand():
    # variance after the first value 1, a period later 1 + q; gain (1 + q) / (2 + q)
    gains = filter_gains((Member(0.5),), 1, 2).level[0]
    np.testing.assert_allclose(gains, [1, 1.5 / 2.5], rtol=1e-6)


@pytest.mark.parametrize("variance", [0.01, 0.1, 1.0, 4.0])
def test_gains_settle_at_the_smoothing_constant_of_the_local_level(variance):
    # Muth 1960 (JASA 55, 299–306): α = (√(q² + 4q) − q) / 2
    constant = (np.sqrt(variance**2 + 4 * variance) - variance) / 2
    gains = filter_gains((Member(variance),), 1, 400).level[0]
    assert gains[-1] == pytest.approx(constant, rel=1e-9)


def test_after_the_settled_ages_it_is_plain_exponential_smoothing():
    member = Member(0.1)
    gain = filter_gains((member,), 1, LEAST_AGES).level[0, -1]
    values = np.random.default_rng(1).normal(50, 5, 90)
    level = _paths(values, member)[0, :, 0]
    for period in range(LEAST_AGES, 90):
        expected = level[period - 1] + gain * (values[period] - level[period - 1])
        assert level[period] == pytest.approx(expected)


def test_a_trend_of_which_nothing_is_known_before_is_the_line_of_least_squares():
    values = np.array([3.0, 7, 4, 9, 8, 12])
    member = Member(0.0, first_trend=1e5)
    slope, height = np.polyfit(np.arange(6), values, 1)
    expected = height + slope * np.arange(6, 9)
    np.testing.assert_allclose(_paths(values, member)[0, -1], expected, rtol=1e-3)


def test_a_trend_with_a_small_first_variance_is_shrunk():
    values = np.arange(6.0)
    slopes = [
        np.diff(_paths(values, Member(0.0, first_trend=first))[0, -1])[0]
        for first in (0.0, 0.01, 1.0, 1e5)
    ]
    assert slopes[0] == 0
    assert slopes == sorted(slopes)
    assert slopes[-1] == pytest.approx(1, abs=1e-3)


def test_a_damped_trend_goes_on_by_ever_smaller_steps():
    member = Member(0.1, trend=0.01, damping=0.8, first_trend=1.0)
    steps = np.diff(_paths([1, 3, 4, 6, 9], member, horizon=5)[0, -1])
    np.testing.assert_allclose(steps[1:] / steps[:-1], 0.8)


def test_theta_adds_half_the_slope_of_the_straight_line():
    values = np.array([2.0, 3, 7, 8, 9, 15])
    slope = np.polyfit(np.arange(6), values, 1)[0]
    plain = _paths(values, Member(0.3))[0, -1]
    theta = _paths(values, Member(0.3), slope_share=0.5)[0, -1]
    np.testing.assert_allclose(theta - plain, slope / 2 * np.array([1, 2, 3]))


def test_no_slope_is_seen_within_the_first_season():
    values = [0, 1, 2, 3, 4, 5.0]
    season = _paths(values, Member(0.3), season_length=6, slope_share=0.5)
    plain = _paths(values, Member(0.3), season_length=6)
    np.testing.assert_allclose(season, plain)


def _best_linear_prediction(values, member, season_length, horizon):
    """By the joint covariance of all values, without any recursion."""
    count = len(values) + horizon
    states = season_length + 2
    centred = np.eye(season_length) - 1 / season_length
    first = np.zeros((states, states))
    first[0, 0], first[1, 1] = UNKNOWN, member.first_trend
    first[2:, 2:] = member.first_season * centred
    noise = np.zeros((states, states))
    noise[0, 0], noise[1, 1] = member.level, member.trend
    noise[2:, 2:] = member.season * centred
    step = np.zeros((states, states))
    step[0, 0], step[0, 1], step[1, 1] = 1, member.damping, member.damping
    for season in range(season_length):  # absolute seasons do not move
        step[2 + season, 2 + season] = 1
    seen = np.zeros((count, states))
    seen[:, 0] = 1
    seen[np.arange(count), 2 + np.arange(count) % season_length] = 1
    covariance = np.eye(count)  # of the noise of the values
    powers = [np.linalg.matrix_power(step, power) for power in range(count)]
    for left in range(count):
        for right in range(count):
            shared = powers[left] @ first @ powers[right].T
            for origin in range(1, min(left, right) + 1):
                shared += powers[left - origin] @ noise @ powers[right - origin].T
            covariance[left, right] += seen[left] @ shared @ seen[right]
    known = len(values)
    weights = np.linalg.solve(covariance[:known, :known], values - values[0])
    return values[0] + covariance[known:, :known] @ weights


@pytest.mark.parametrize(
    "member",
    [
        Member(0.2),
        Member(0.1, first_trend=0.05),
        Member(0.1, trend=0.02, damping=0.9, first_trend=0.3),
        Member(0.05, first_season=2.0),
        Member(0.3, 0.01, 0.95, season=0.1, first_trend=0.2, first_season=4.0),
    ],
)
@pytest.mark.parametrize("count", [1, 3, 5, 11])
def test_it_is_the_best_linear_prediction(member, count):
    values = np.random.default_rng(count).normal(20, 4, 11)[:count]
    expected = _best_linear_prediction(values, member, 4, 6)
    paths = _paths(values, member, season_length=4, horizon=6)
    np.testing.assert_allclose(paths[0, -1], expected, rtol=1e-5)


def test_a_first_season_is_not_taken_at_its_word():
    values = [10.0, 20, 10, 0]
    seasons = [
        _paths(values, Member(0.0, first_season=first), 4, 4)[0, -1]
        for first in (0.0, 1.0, 1e4)
    ]
    np.testing.assert_allclose(seasons[0], 10, rtol=1e-6)
    np.testing.assert_allclose(seasons[2], values, rtol=1e-2, atol=1e-2)
    assert 10 < seasons[1][1] < 20


def test_states_are_carried_over_a_gap():
    member = Member(0.1, first_trend=1.0)
    paths = _paths([1, 2, 4, 5, NAN, NAN], member, horizon=4)
    assert paths[0, 4, 0] == pytest.approx(paths[0, 3, 1])
    assert paths[0, 5, 0] == pytest.approx(paths[0, 3, 2])


def test_a_series_that_starts_later_is_forecast_like_one_of_its_own():
    values = np.random.default_rng(4).normal(10, 2, 20)
    member = Member(0.1, first_trend=0.1, season=0.01, first_season=1.0)
    alone = _paths(values[8:], member, season_length=4)
    together = _paths([values, np.r_[np.full(8, NAN), values[8:]]], member, 4)
    np.testing.assert_allclose(together[1, 8:], alone[0], rtol=1e-12)
    assert np.isnan(together[1, :8]).all()


def test_members_with_smaller_errors_weigh_more():
    families = {"both": Family((Member(0.0), Member(10.0)))}
    steps = np.repeat([1.0, 5.0], 20)  # the mean takes long to follow a step
    both = smooth(steps[None], families, 1, 1)["both"][0, -1, 0]
    slow, fast = (_paths(steps, one)[0, -1, 0] for one in families["both"].members)
    assert slow < 3.1
    assert fast > 4.99
    assert both > 4.9


def test_weights_are_a_power_of_the_inverse_discounted_squared_errors():
    # after 0 and 2: errors of both are 2, so the weights are equal;
    # then the mean is at 1, the other at 2 · (1 + q)/(2 + q) = 1.5 for q = 2
    # the first error counts little, as it has one value before it, not two
    members = (Member(0.0), Member(2.0))
    families = {"both": Family(members)}
    paths = smooth(np.array([[0.0, 2.0, 2.0]]), families, 1, 1)["both"][0, :, 0]
    assert paths[1] == pytest.approx((1 + 1.5) / 2, rel=1e-5)
    losses = 0.95 * 0.1 * 4 + np.array([1, 0.5]) ** 2
    weights = losses**-4.0 / (losses**-4.0).sum()
    levels = [_paths([0, 2, 2], member)[0, 2, 0] for member in members]
    assert paths[2] == pytest.approx(weights @ levels, rel=1e-5)


def test_several_families_do_not_disturb_each_other():
    values = np.random.default_rng(2).normal(5, 1, (3, 30))
    families = {"a": Family((Member(0.1), Member(1.0))), "b": Family((Member(0.5),))}
    together = smooth(values, families, 4, 2)
    for name, family in families.items():
        alone = smooth(values, {name: family}, 4, 2)[name]
        np.testing.assert_allclose(together[name], alone, rtol=1e-12)


def test_later_values_change_no_earlier_forecast():
    values = np.random.default_rng(3).normal(5, 1, (4, 40))
    families = {"a": Family((Member(0.1, first_trend=0.1, first_season=1),), 0.5)}
    whole = smooth(values, families, 12, 5)["a"]
    for end in (1, 2, 7, 13, 30):
        part = smooth(values[:, :end], families, 12, 5)["a"]
        np.testing.assert_allclose(part, whole[:, :end], rtol=1e-12)


def test_forecasts_move_with_the_values():
    values = np.random.default_rng(3).normal(5, 1, (4, 40))
    member = Member(0.1, first_trend=0.1, season=0.1, first_season=1)
    paths = _paths(values, member, season_length=4)
    moved = _paths(values * 3 + 100, member, season_length=4)
    np.testing.assert_allclose(moved, paths * 3 + 100, rtol=1e-9)


def test_no_data_at_all_has_no_forecast():
    assert np.isnan(_paths([NAN, NAN, NAN], Member(0.1))).all()
