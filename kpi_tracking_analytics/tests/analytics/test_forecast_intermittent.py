"""Demand that is often zero: Teunter, Syntetos & Babai."""

import numpy as np
import pytest

from ...analytics.forecast.intermittent import (
    demand_means,
    intermittent_paths,
    is_intermittent,
)

NAN = np.nan


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0, 5, 0], [False, False, True, True]),  # none before the first demand
        ([5, 5, 5, 0], [False, False, False, True]),  # a quarter is more than 0.2424
        ([5, 5, 5, 5, 0], [False] * 5),
        ([0, 5, -1, 0], [False, True, False, False]),  # below 0 it is no demand
        ([0, NAN, 5], [False, False, True]),
        ([0, 0, 0], [False] * 3),
    ],
)
def test_it_is_often_zero_from_the_mean_interval_on(values, expected):
    found = is_intermittent(np.array([values], float))[0]
    assert found.tolist() == expected


def test_means_are_those_calculated_by_hand():
    # 4: p = 1, z = 4. 0: p = 0.8. 2: p = 0.8 + 0.2 · 0.2 = 0.84, z = 4 − 0.5 · 2 = 3.
    # 0: p = 0.672
    means = demand_means(np.array([[4.0, 0, 2, 0]]), 0.2, 0.5)[0]
    np.testing.assert_allclose(means, [4, 3.2, 2.52, 2.016])


def test_what_is_no_longer_asked_for_fades():
    means = demand_means(np.array([[4.0] + [0.0] * 50]), 0.1, 0.1)[0]
    np.testing.assert_allclose(means, 4 * 0.9 ** np.arange(51))


def test_it_waits_for_the_first_demand():
    means = demand_means(np.array([[NAN, 0.0, 0.0, 6.0]]), 0.5, 0.5)[0]
    # a probability of 0, then half of the way to 1
    np.testing.assert_allclose(means, [NAN, 0, 0, 3])


def test_a_gap_says_nothing_about_demand():
    means = demand_means(np.array([[4.0, NAN, 0.0]]), 0.2, 0.5)[0]
    np.testing.assert_allclose(means, [4, 4, 3.2])


def test_without_a_season_every_period_is_expected_alike():
    paths = intermittent_paths(np.array([[0.0, 3, 0, 0, 6, 0]]), 1, 4)
    assert paths.shape == (1, 6, 4)
    np.testing.assert_equal(paths, paths[:, :, :1].repeat(4, axis=2))


def test_later_demand_changes_no_earlier_forecast():
    values = np.random.default_rng(1).poisson(0.4, (3, 40)).astype(float)
    whole = intermittent_paths(values, 12, 2)
    for end in (1, 5, 20):
        part = intermittent_paths(values[:, :end], 12, 2)
        np.testing.assert_allclose(part, whole[:, :end])


def test_a_year_is_expected_to_bring_what_years_bring():
    """One a quarter at random comes to four a year, though 0 is the likeliest."""
    values = np.random.default_rng(5).poisson(1 / 3, (400, 36)).astype(float)
    year = intermittent_paths(values, 12, 12)[:, -1].sum(axis=1)
    assert year.mean() == pytest.approx(4, abs=0.2)
    assert np.std(year) < 2  # a Poisson year has a deviation of 2


def test_what_comes_at_the_same_time_of_the_year_is_expected_then():
    values = np.tile(np.r_[np.zeros(9), 20, 30, 25], 3)[None]
    ahead = intermittent_paths(values, 12, 12)[0, -1]
    np.testing.assert_allclose(ahead, values[0, :12], atol=0.5)
