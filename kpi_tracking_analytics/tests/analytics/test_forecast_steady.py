"""Noise, and short series on a line."""

import numpy as np
import pytest

from ...analytics.forecast.steady import is_noise, is_on_line

NAN = np.nan
TIMES = np.arange(48.0)
SEASON = np.sin(TIMES * np.pi / 6)


def _draw(series=400, periods=48, seed=4):
    return np.random.default_rng(seed).normal(size=(series, periods))


@pytest.mark.parametrize("season_length", [1, 12])
@pytest.mark.parametrize("periods", [10, 24, 48])
def test_noise_is_called_noise(periods, season_length):
    values = 100 + _draw(periods=periods)
    values[:, 3] = NAN
    assert is_noise(values, season_length).mean() > 0.92


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("walk", _draw().cumsum(axis=1)),
        ("season", 2 * SEASON + _draw()),
        ("trend", TIMES / 10 + _draw()),
        ("constant", np.full((1, 48), 5.0)),
        ("no data", np.full((1, 48), NAN)),
    ],
)
def test_what_says_something_of_the_next_is_no_noise(name, values):
    assert is_noise(values, 12).mean() < 0.1


def test_noise_is_told_by_the_autocorrelations():
    """Of 1, −1, 1, −1, … that at lag 1 is negative, that at lag 2 is 22 / 24."""
    values = np.resize([1.0, -1.0], (1, 24))
    assert is_noise(values, 1).all()
    assert not is_noise(values, 2).any()


@pytest.mark.parametrize(
    ("values", "season_length", "expected"),
    [
        ([1, 2, 3, 4, 5], 12, True),
        ([5, 4, 3, 2, 1], 12, True),
        ([1, 2, 3, 4], 12, False),  # too few to tell
        ([1, 2, NAN, 4, 5, 6], 12, True),
        ([1, 2, 4, 3, 5], 12, False),  # leaves 0.19 of the variance
        ([5, 5, 5, 5, 5], 12, False),  # flat
        (range(9), 1, True),
        (range(10), 1, False),
        (range(12), 12, True),
        (range(13), 12, False),
    ],
)
def test_few_values_on_a_line(values, season_length, expected):
    row = np.array([[NAN, NAN, *values, NAN]], float)
    assert is_on_line(row, season_length).tolist() == [expected]
