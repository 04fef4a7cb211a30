import numpy as np
import pytest

from odoo.addons.kpi_tracking.engine.targets import Targets

from ...analytics.forecast import NumberKind, forecast
from ...analytics.outlook import sum_up

NAN = np.nan
MONTHS = 12


def make_targets(count, **numbers):
    targets = Targets.empty(count, 1)
    for name, value in numbers.items():
        getattr(targets, name)[:] = value
    return targets


def make_forecast(count=40, seed=2):
    rng = np.random.default_rng(seed)
    season = 1 + np.sin(np.arange(60) * np.pi / 6) / 4
    past = 100 * season + rng.normal(0, 6, (count, 60))
    return forecast(past, horizon=MONTHS, season_length=MONTHS)


def ask(found, months=4, known=0.0, so_far=NAN, elapsed=0.0, targets=None, **given):
    rows = len(found.mean)
    expected = found.mean[:, :months].copy()
    if so_far == so_far:
        expected[:, 0] = so_far + (1 - elapsed) * found.mean[:, 0]
    return sum_up(
        found,
        expected,
        np.full(rows, known),
        np.full(rows, so_far),
        np.full(rows, elapsed),
        targets or Targets.empty(rows, 1),
        {given.get("direction", "higher"): list(range(rows))},
    )


def test_what_is_known_and_what_is_left_make_the_year():
    found = make_forecast()
    ahead = ask(found, 4, known=830.0, so_far=30.0, elapsed=0.25)
    left = 0.75 * found.mean[:, 0] + found.mean[:, 1:4].sum(axis=1)
    np.testing.assert_allclose(ahead.mean[:, 0], 830 + left)
    assert (ahead.low_95 < ahead.low_80).all()
    assert (ahead.high_80 < ahead.high_95).all()


def test_limits_hold_sums_as_often_as_they_say():
    """Years after 60 months, four months of each left, of 2,000 series."""
    rng = np.random.default_rng(7)
    season = 1 + np.sin(np.arange(64) * np.pi / 6) / 4
    values = 100 * season + rng.normal(0, 6, (2000, 64))
    found = forecast(values[:, :60], horizon=MONTHS, season_length=MONTHS)
    ahead = ask(found, 4)
    came = values[:, 60:].sum(axis=1, keepdims=True)
    inside = ((ahead.low_80 <= came) & (came <= ahead.high_80)).mean()
    assert 0.76 <= inside <= 0.88
    inside = ((ahead.low_95 <= came) & (came <= ahead.high_95)).mean()
    assert 0.92 <= inside <= 0.985


def test_limits_of_counts_are_whole():
    past = np.random.default_rng(4).poisson(9, (30, 60)).astype(float)
    kinds = np.full(30, NumberKind.COUNT)
    found = forecast(past, horizon=4, season_length=MONTHS, kinds=kinds)
    ahead = ask(found, 4, known=12.0, so_far=3.0, elapsed=0.3)
    for name in ("low_80", "high_80", "low_95", "high_95"):
        limits = getattr(ahead, name)
        np.testing.assert_array_equal(limits, np.rint(limits), err_msg=name)
    assert (ahead.low_80 <= ahead.mean).all()
    assert (ahead.mean <= ahead.high_80).all()


def test_a_sum_that_only_grows_is_no_less_than_what_it_is_now():
    found = make_forecast()
    ahead = ask(found, 1, known=500.0, so_far=99.0, elapsed=0.97)
    assert (ahead.low_95 >= 500).all()


def test_nothing_left_is_certain():
    found = make_forecast(3)
    for target, chance in ((500.0, 1), (499.9, 1), (500.1, 0)):
        ahead = ask(
            found,
            1,
            known=500.0,
            so_far=99.0,
            elapsed=1.0,
            targets=make_targets(3, target=target),
        )
        np.testing.assert_allclose(ahead.mean, 500)
        np.testing.assert_allclose(ahead.probabilities, chance, err_msg=str(target))
        np.testing.assert_allclose(ahead.achievements, 500 / target * 100)


@pytest.mark.parametrize(("direction", "rising"), [("higher", False), ("lower", True)])
def test_a_higher_target_is_harder_to_reach_and_easier_to_stay_below(direction, rising):
    found = make_forecast(1)
    chances = [
        ask(
            found,
            4,
            targets=make_targets(1, target=found.mean[0, :4].sum() + more),
            direction=direction,
        ).probabilities[0, 0]
        for more in (-30, 0, 30)
    ]
    assert chances == sorted(chances, reverse=not rising)
    assert chances[1] == pytest.approx(0.5, abs=0.02)


def test_a_range_has_two_ends():
    found = make_forecast(1)
    middle = found.mean[0, :4].sum()
    width = ask(found, 4).high_80[0, 0] - middle
    limits = {"low": middle - width, "high": middle + width}
    ahead = ask(found, 4, targets=make_targets(1, **limits), direction="range")
    assert ahead.probabilities[0, 0] == pytest.approx(0.8, abs=0.01)


def test_what_cannot_be_forecast_is_unknown():
    found = forecast(np.full((1, 20), NAN), horizon=3, season_length=MONTHS)
    ahead = ask(found, 3, known=5.0)
    assert np.isnan(ahead.mean).all()
    assert np.isnan(ahead.probabilities).all()
