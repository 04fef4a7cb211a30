import numpy as np
import pytest

from odoo.addons.kpi_tracking.engine.targets import Targets

from ...analytics.forecast import NumberKind, forecast
from ...analytics.outlook import look_ahead

HORIZON = 3
RNG = np.random.default_rng(7)
PAST = 100 + RNG.normal(0, 10, (1, 60))


def targets_of(count, **columns):
    """Targets of so many KPIs, one number for all periods."""
    targets = Targets.empty(count, HORIZON)
    for name, number in columns.items():
        getattr(targets, name)[:] = number
    return targets


def ahead(so_far, elapsed, *, added=True, direction="higher", past=PAST, **columns):
    result = forecast(past, horizon=HORIZON, season_length=1)
    return result, look_ahead(
        result,
        np.array([so_far], float),
        np.array([elapsed], float),
        np.array([added]),
        targets_of(1, **columns),
        {direction: [0]},
    )


def test_without_a_value_the_forecast_holds():
    result, outlook = ahead(np.nan, 0.5, target=100)
    np.testing.assert_allclose(outlook.mean, result.mean)
    np.testing.assert_allclose(outlook.low_80, result.low_80)
    np.testing.assert_allclose(
        outlook.probabilities, result.probability_at_least(np.full((1, 3), 100.0))
    )


@pytest.mark.parametrize("elapsed", [0.0, 0.25, 0.5, 1.0])
def test_a_sum_goes_on_for_the_time_left(elapsed):
    result, outlook = ahead(40, elapsed, target=100)
    expected = 40 + (1 - elapsed) * result.mean[0, 0]
    assert outlook.mean[0, 0] == pytest.approx(expected)
    assert outlook.mean[0, 1] == result.mean[0, 1]
    width = outlook.high_80[0, 0] - outlook.mean[0, 0]
    plain = result.high_80[0, 0] - result.mean[0, 0]
    assert width == pytest.approx(np.sqrt(1 - elapsed) * plain)


def test_an_average_moves_to_the_forecast():
    result, outlook = ahead(200, 0.25, added=False, target=100)
    assert outlook.mean[0, 0] == pytest.approx(0.25 * 200 + 0.75 * result.mean[0, 0])


def test_a_sum_that_only_grows_is_not_below_what_it_is():
    past = np.abs(RNG.normal(100, 60, (1, 60)))
    _result, outlook = ahead(500, 0.95, past=past, target=100)
    assert outlook.low_95[0, 0] == 500
    _result, outlook = ahead(500, 0.95, added=False, past=past, target=100)
    assert outlook.low_95[0, 0] < 500


def test_probabilities_fall_as_targets_rise():
    chances = [
        ahead(40, 0.4, target=target)[1].probabilities[0, 0]
        for target in (50, 80, 100, 120, 200)
    ]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.99
    assert chances[-1] < 0.01


@pytest.mark.parametrize(("so_far", "reached"), [(99.0, 0), (100.0, 1), (101.0, 1)])
def test_at_the_end_a_target_is_reached_or_not(so_far, reached):
    _result, outlook = ahead(so_far, 1.0, target=100)
    assert outlook.probabilities[0, 0] == reached
    _result, outlook = ahead(so_far, 1.0, direction="lower", target=100)
    assert outlook.probabilities[0, 0] == (1 - reached if so_far != 100 else 1)


def test_lower_is_the_other_way_round():
    _result, high = ahead(np.nan, 0.0, target=103)
    _result, low = ahead(np.nan, 0.0, direction="lower", target=103)
    np.testing.assert_allclose(high.probabilities + low.probabilities, 1, atol=1e-9)


def test_a_range_has_two_ends():
    _result, both = ahead(np.nan, 0.0, direction="range", low=95, high=105)
    _result, above = ahead(np.nan, 0.0, direction="range", low=95)
    _result, below = ahead(np.nan, 0.0, direction="range", high=105)
    np.testing.assert_allclose(
        both.probabilities, above.probabilities + below.probabilities - 1, atol=1e-9
    )
    assert 0.1 < both.probabilities[0, 0] < 0.9


def test_no_target_has_no_chance():
    for direction in ("higher", "lower", "range"):
        _result, outlook = ahead(40, 0.4, direction=direction)
        assert np.isnan(outlook.probabilities).all()
        assert np.isnan(outlook.achievements).all()


def test_achievements_are_those_of_the_expected_value():
    _result, outlook = ahead(40, 0.4, target=80)
    np.testing.assert_allclose(outlook.achievements, 100 * outlook.mean / 80)


def test_what_cannot_be_forecast_stays_as_it_is():
    _result, outlook = ahead(40, 0.4, past=np.full((1, 5), np.nan), target=80)
    assert outlook.mean[0, 0] == 40
    assert np.isnan(outlook.mean[0, 1])


def test_counts_stay_whole():
    past = RNG.poisson(8, (1, 60)).astype(float)
    result = forecast(past, horizon=HORIZON, season_length=1, kinds=NumberKind.COUNT)
    outlook = look_ahead(
        result,
        np.array([np.nan]),
        np.array([0.0]),
        np.array([True]),
        targets_of(1, target=5),
        {"higher": [0]},
    )
    assert outlook.low_80[0, 0] == np.floor(outlook.low_80[0, 0])
    assert 0 < outlook.probabilities[0, 0] <= 1
