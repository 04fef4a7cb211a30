"""Methods chosen by name."""

import sys

import numpy as np
import pytest

from ...analytics.forecast import METHODS, forecast, learning
from ...analytics.forecast.automatic import (
    automatic_paths,
    damped_trend,
    holt_winters,
    smoothed_paths,
    theta,
)
from ...analytics.forecast.intermittent import intermittent_paths
from ...analytics.forecast.methods import exponential_paths

NAN = np.nan
TIMES = np.arange(60)
SEASON = 20 * np.sin(2 * np.pi * TIMES / 12)


@pytest.fixture(autouse=True)
def _small_model(monkeypatch):
    monkeypatch.setattr(learning, "TREES", 40)
    monkeypatch.setattr(learning, "MOST_ROWS", 5_000)


def _noise(series, periods=60, size=1.0):
    return np.random.default_rng(3).normal(0, size, (series, periods))


def _run(method, values, horizon=12):
    return forecast(
        np.atleast_2d(values), horizon=horizon, season_length=12, method=method
    )


@pytest.mark.parametrize("method", [name for name in METHODS if name != "automatic"])
def test_forecasts_are_labelled_with_their_method(method):
    result = _run(method, 100 + SEASON + _noise(10))
    assert set(result.labels) == {method}
    assert np.isfinite(result.mean).all()
    assert np.isfinite(result.low_80).all()


def test_linear_regression_is_the_line_of_least_squares():
    values = 100 + 3 * TIMES + 10 * np.sin(TIMES * np.array([[1.0], [2.0], [3.0]]))
    result = _run("linear_regression", values)
    for row, mean in zip(values, result.mean, strict=True):
        expected = np.polyval(np.polyfit(TIMES, row, 1), np.arange(60, 72))
        np.testing.assert_allclose(mean, expected)


def test_exponential_keeps_the_rate_of_growth():
    values = 100 * 1.02**TIMES
    result = _run("exponential", values)
    np.testing.assert_allclose(result.mean[0], 100 * 1.02 ** np.arange(60, 72))
    # least squares of the logarithms, by numpy
    noisy = values * np.exp(_noise(1, size=0.02)[0])
    line = np.polyfit(TIMES, np.log(noisy), 1)
    expected = np.exp(np.polyval(line, np.arange(60, 72)))
    np.testing.assert_allclose(exponential_paths(noisy[None], 12)[0, -1], expected)


def test_exponential_is_a_line_where_a_value_is_not_positive():
    values = 10.0 - TIMES + _noise(1)[0]
    means = [_run(name, values).mean for name in ("exponential", "linear_regression")]
    np.testing.assert_allclose(*means)


def test_polynomial_follows_a_bend():
    values = 500 - 0.1 * (TIMES - 50.0) ** 2
    bent = _run("polynomial", values).mean[0]
    straight = _run("linear_regression", values).mean[0]
    expected = 500 - 0.1 * (np.arange(60, 72) - 50.0) ** 2
    assert np.abs(bent - expected).mean() < np.abs(straight - expected).mean() / 2


def test_seasonal_repeats_a_season_and_goes_on_with_its_trend():
    values = 100 + TIMES + SEASON + _noise(10)
    expected = 100 + np.arange(60, 72) + SEASON[:12]
    result = _run("seasonal", values)
    assert np.abs(result.mean - expected).mean() < 3


def test_seasonal_multiplies_where_values_are_positive():
    factor = 1 + 0.5 * np.sin(2 * np.pi * np.arange(72) / 12)
    values = 100 * 1.02 ** np.arange(72) * factor
    result = _run("seasonal", values[:60])
    assert np.abs(result.mean / values[60:] - 1).mean() < 0.08


@pytest.mark.parametrize("method", METHODS)
def test_one_value_is_repeated_by_every_method(method):
    result = _run(method, np.r_[np.full(20, NAN), 7.0])
    assert result.labels.tolist() == ["too_short"]
    np.testing.assert_equal(result.mean, np.full((1, 12), 7))


def test_often_zero_is_forecast_as_demand():
    values = np.random.default_rng(2).poisson(0.5, (5, 60)).astype(float)
    result = _run("automatic", values)
    assert set(result.labels) == {"intermittent"}
    np.testing.assert_allclose(result.mean, intermittent_paths(values, 12, 12)[:, -1])


def test_theta_follows_half_of_a_trend():
    line = np.arange(100.0)[None] / 100
    steps = np.diff(smoothed_paths(line, {"theta": theta(1)}, 1, 3)["theta"][0, -1])
    np.testing.assert_allclose(steps, 0.5 / 100)


@pytest.mark.parametrize("family", [theta, damped_trend, holt_winters])
def test_families_have_no_seasonal_members_without_a_season(family):
    assert all(member.first_season == 0 for member in family(1).members)
    assert any(member.first_season > 0 for member in family(12).members)
    assert len(family(1).members) < len(family(12).members)


def test_multiplicative_forecasts_are_those_of_the_logarithms():
    values = np.exp(_noise(3, 30) / 10)
    families = {"one": theta(1)}
    paths = smoothed_paths(values, families, 1, 3)
    logs = smoothed_paths(np.log(values), families, 1, 3)
    both = paths["one_multiplicative"][:, 10:], np.exp(logs["one"])[:, 10:]
    np.testing.assert_allclose(*both, rtol=1e-9)
    values[:, 20] = 0
    ended = smoothed_paths(values, families, 1, 3)["one_multiplicative"]
    assert np.isnan(ended[:, 20:]).all()
    assert np.isfinite(ended[:, :20]).all()


def test_every_origin_has_a_label():
    values = np.r_[np.full(3, NAN), np.full(8, 5.0), 6.0, 7.5, 5.0][None]
    _paths, labels = automatic_paths(values / 8, 4, 2)
    assert labels[0, :3].tolist() == ["no_data"] * 3
    assert labels[0, 3:9].tolist() == ["too_short"] * 6
    assert labels[0, 9:11].tolist() == ["constant"] * 2
    assert set(labels[0, 11:]) <= {"combination", "naive", "seasonal_naive"}


# Machine learning


def test_machine_learning_finds_a_season():
    values = 100 + SEASON + _noise(30, size=2)
    expected = 100 + SEASON[:12]
    result = _run("machine_learning", values)
    flat = np.abs(values.mean(axis=1, keepdims=True) - expected).mean()
    assert np.abs(result.mean - expected).mean() < flat / 3


def test_machine_learning_is_the_same_every_time():
    values = 100 + SEASON + _noise(10, size=5)
    first, second = (_run("machine_learning", values).mean for _run_ in range(2))
    np.testing.assert_equal(first, second)


def test_machine_learning_scales_with_each_series():
    values = 100 + SEASON + _noise(10, size=5)
    values[3] *= 1024
    result = _run("machine_learning", values)
    values[3] /= 1024
    np.testing.assert_allclose(
        result.mean[3], 1024 * _run("machine_learning", values).mean[3], rtol=1e-9
    )


def test_machine_learning_judges_itself_on_what_it_never_saw():
    values = 1 + _noise(20, size=0.1)
    before = learning.learned_paths(values, 12, 6)
    values[:, -1] += 5
    after = learning.learned_paths(values, 12, 6)
    # the last 15 origins are judged; none of their models knows the last value
    judged = np.isfinite(before[:, :-1]).all(axis=(0, 2))
    assert judged.tolist() == [False] * 44 + [True] * 15
    np.testing.assert_equal(after[:, 44:-1], before[:, 44:-1])
    assert not np.allclose(after[:, -1], before[:, -1])


class _Constant:
    """A model that always says the same."""

    def __init__(self, number):
        self.number = number

    def predict(self, rows):
        return np.full(len(rows), float(self.number))


def test_machine_learning_takes_the_model_of_all_for_the_last_origin(monkeypatch):
    monkeypatch.setattr(learning, "_fit", lambda _blank, _table, last: _Constant(last))
    values = np.tile([1.0, 2.0], (1, 20))  # every change is 1
    paths = learning.learned_paths(values, 12, 3)[0]
    assert paths[-1].tolist() == [2 + 39] * 3
    # 40 − 1 − 10 periods are known to the other one
    assert paths[-2].tolist() == [1 + 29] * 3
    assert paths[29].tolist() == [2 + 29] * 3
    assert np.isnan(paths[28]).all()


@pytest.mark.parametrize("most_rows", [100, 150, 300])
def test_machine_learning_learns_from_every_horizon(monkeypatch, most_rows):
    monkeypatch.setattr(learning, "MOST_ROWS", most_rows)
    learned = []
    targets = learning._Table.targets

    def record(self, origin, ahead):
        learned.append((origin, ahead))
        return targets(self, origin, ahead)

    monkeypatch.setattr(learning._Table, "targets", record)
    learning.learned_paths(_noise(4, 40), 12, 6)
    assert {ahead for _origin, ahead in learned} == set(range(1, 7))
    assert max(origin + ahead for origin, ahead in learned) == 39


def test_machine_learning_needs_enough_to_learn_from():
    assert learning.learned_paths(_noise(2, 6), 12, 3) is None
    result = _run("machine_learning", 100 + _noise(2, 8), horizon=3)
    assert set(result.labels) == {"too_short"}


def test_machine_learning_bears_bad_input():
    values = np.vstack(
        [100 + SEASON + _noise(10), np.full((1, 60), NAN), np.full((1, 60), 5.0)]
    )
    values[2, :50] = NAN
    values[3, ::3] = NAN
    result = _run("machine_learning", values)
    assert np.isfinite(result.mean[:10]).all()
    assert result.labels[-2:].tolist() == ["no_data", "constant"]
    np.testing.assert_equal(result.mean[-1], 5)


def test_machine_learning_says_which_package_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(ImportError, match="scikit-learn"):
        _run("machine_learning", 100 + _noise(10))


def test_other_methods_do_without_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    assert np.isfinite(_run("automatic", 100 + _noise(2)).mean).all()
