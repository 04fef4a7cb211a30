"""Forecasts from end to end: labels, intervals, probabilities, causality."""

import sys
import warnings
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ...analytics.anomaly import detect
from ...analytics.forecast import METHODS, NumberKind, forecast, one_step
from ...analytics.forecast.result import share_above

NAN = np.nan
TIMES = np.arange(60)
SEASON = 20 * np.sin(2 * np.pi * TIMES / 12)
FAST = [name for name in METHODS if name != "machine_learning"]


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        yield


def _noise(series=1, periods=60, size=1.0, seed=1):
    return np.random.default_rng(seed).normal(0, size, (series, periods))


def _monthly(values, horizon=12, **options):
    return forecast(np.atleast_2d(values), horizon=horizon, season_length=12, **options)


def _mean_error(result, expected):
    return np.abs(result.mean - expected).mean()


# Labels


@pytest.mark.parametrize(
    ("values", "label", "expected"),
    [
        ([], "no_data", NAN),
        ([7], "too_short", 7),
        ([7, 9], "too_short", 9),
        ([1, 2, 3, 4], "too_short", 4),
        ([1, 4, 2, 6, 5], "too_short", 5),
        ([1, 4, 2, 6, 3, 6], "too_short", 6),
        ([5] * 30, "constant", 5),
        ([0] * 30, "constant", 0),
        ([0, 0, 3, 0, 0, 0, 0, 2, 0] * 4, "intermittent", None),
        ([10, NAN, 10, NAN, 10] * 5, "constant", 10),
    ],
)
def test_labels_of_poor_histories(values, label, expected):
    row = np.r_[np.full(40 - len(values), NAN), np.array(values, float)]
    result = _monthly(row)
    assert result.labels.tolist() == [label]
    if expected is not None:
        np.testing.assert_equal(result.mean, np.full((1, 12), expected))


def test_a_few_yearly_values_are_repeated():
    """Also where no year followed for long."""
    values = [[NAN, NAN, 3.0, 4, 8, 7], [3, 9, 5, 6, 7, 9], [1, 5, 3, 4, 5, NAN]]
    result = forecast(np.array(values), horizon=2, season_length=1)
    assert result.labels.tolist() == ["too_short"] * 3
    np.testing.assert_equal(result.mean, [[7, 7], [9, 9], [5, 5]])


@pytest.mark.parametrize("season_length", [1, 4, 12, 52])
@pytest.mark.parametrize("known", [5, 6, 7, 8, 9])
def test_a_few_values_on_a_line_go_on_along_it(known, season_length):
    times = np.arange(known + 3)
    values = 100 + 5.0 * times[None] * [[1], [-1]]
    past, came = values[:, :known], values[:, known:]
    result = forecast(past, horizon=3, season_length=season_length)
    assert result.labels.tolist() == ["linear_regression"] * 2
    np.testing.assert_allclose(result.mean, came)
    assert (result.low_80 < came).all()
    # so few say little: the limits are those of the lines so far
    assert (result.high_80 - result.low_80 > 5).all()


def test_a_line_is_left_by_what_only_wanders():
    values = 100 + _noise(300, 9, 5).cumsum(axis=1)
    result = forecast(values, horizon=3, season_length=12)
    assert (result.labels == "linear_regression").mean() < 0.12


NOISE = {
    "noise": (NumberKind.BY_HISTORY, lambda rng, shape: rng.normal(100, 9, shape)),
    "counts": (NumberKind.COUNT, lambda rng, shape: rng.poisson(9, shape) * 1.0),
    "rare": (NumberKind.COUNT, lambda rng, shape: rng.poisson(0.5, shape) * 1.0),
    "shares": (NumberKind.SHARE, lambda rng, shape: rng.binomial(50, 0.7, shape) * 2.0),
}


@pytest.mark.parametrize("known", [24, 48])
@pytest.mark.parametrize("name", NOISE)
def test_noise_is_forecast_no_worse_than_by_its_mean(name, known):
    kind, draw = NOISE[name]
    values = draw(np.random.default_rng(12), (300, known + 6))
    past, came = values[:, :known], values[:, known:]
    result = _monthly(past, horizon=6, kinds=kind)
    mean = past.mean(axis=1, keepdims=True)
    assert np.abs(came - result.mean).mean() < 1.02 * np.abs(came - mean).mean()
    inside = (came >= result.low_95) & (came <= result.high_95)
    assert inside.mean() > 0.94


def test_limits_of_counts_take_half_a_unit_for_each():
    """Else limits of 80% would hold 90% of what is counted in tens."""
    values = np.random.default_rng(5).poisson(9, (400, 66)).astype(float)
    result = _monthly(values[:, :60], horizon=6, kinds=NumberKind.COUNT)
    inside = (values[:, 60:] >= result.low_80) & (values[:, 60:] <= result.high_80)
    assert 0.8 < inside.mean() < 0.88
    assert (result.low_80 <= result.mean).all()
    assert (result.mean <= result.high_80).all()


def test_a_random_walk_gets_its_last_value():
    walks = _noise(40, 120).cumsum(axis=1) + 500
    result = forecast(walks, horizon=6, season_length=1)
    assert (result.labels == "naive").mean() > 0.4
    taken = result.labels == "naive"
    np.testing.assert_allclose(result.mean[taken], walks[taken, -1:].repeat(6, axis=1))


def test_a_season_that_repeats_itself_is_repeated():
    season = _noise(1, 12, 30)
    values = np.tile(season, (1, 5)) + 100
    result = _monthly(values)
    np.testing.assert_allclose(result.mean, season + 100, atol=0.5)


def test_a_line_with_noise_goes_on():
    values = 100 + 2 * TIMES + _noise(20)
    result = _monthly(values)
    assert set(result.labels) == {"combination"}
    expected = 100 + 2 * np.arange(60, 72)
    assert _mean_error(result, expected) < 4
    naive = values[:, -1:]
    assert _mean_error(result, expected) < np.abs(naive - expected).mean() / 2


def test_a_season_with_a_trend_goes_on():
    values = 100 + TIMES + SEASON + _noise(20)
    expected = 100 + np.arange(60, 72) + SEASON[:12]
    assert _mean_error(_monthly(values), expected) < 4


def test_a_season_that_grows_with_the_level_goes_on_growing():
    factor = 1 + 0.4 * np.sin(2 * np.pi * np.arange(72) / 12)
    values = 100 * 1.02 ** np.arange(72) * factor
    result = _monthly(values[:60] * np.exp(_noise(20, 60, 0.01)))
    errors = np.abs(result.mean / values[60:] - 1)
    assert errors.mean() < 0.08


# Bad input


BAD = {
    "constant": np.full(36, 5.0),
    "zero": np.zeros(36),
    "no data": np.full(36, NAN),
    **{
        f"{n} points": np.r_[np.full(36 - n, NAN), np.arange(n) + 1.0]
        for n in (1, 2, 5)
    },
    "gaps": np.where(np.arange(36) % 3 == 0, NAN, np.arange(36.0)),
    "to zero": 100 * 0.5 ** np.arange(36.0),
    "negative": -50 - np.arange(36.0) % 7,
    "huge": 1e300 * (1 + np.sin(np.arange(36.0))),
    "largest of both signs": np.where(np.arange(36) % 2, 1.7e308, -1.7e308),
    "subnormal": 5e-324 * (1 + np.arange(36) % 4),
    "unit jump": np.where(np.arange(36) < 20, 1.0, 1000.0) * (1 + np.arange(36) % 5),
    "infinite": np.where(np.arange(36) == 5, np.inf, np.arange(36.0)),
    "one value long ago": np.where(np.arange(36) == 3, 4.0, NAN),
    "ended": np.where(np.arange(36) > 20, NAN, np.arange(36.0)),
    "negative zero": np.where(np.arange(36) % 2, -0.0, 0.0),
    "alternating": np.where(np.arange(36) % 2, 1.0, -1.0),
}
ALL_BAD = np.array(list(BAD.values()))


@pytest.mark.parametrize("method", FAST)
@pytest.mark.parametrize("season_length", [1, 4, 7, 12, 52])
def test_bad_input_is_borne(method, season_length):
    result = forecast(ALL_BAD, horizon=9, season_length=season_length, method=method)
    has_data = ~np.isnan(ALL_BAD).all(axis=1)
    np.testing.assert_equal(np.isfinite(result.mean).all(axis=1), has_data)
    np.testing.assert_equal(result.labels == "no_data", ~has_data)
    judged = ~np.isnan(result.low_95)
    assert (result.low_95 <= result.low_80)[judged].all()
    assert (result.low_80 <= result.mean)[judged].all()
    assert (result.mean <= result.high_80)[judged].all()
    assert (result.high_80 <= result.high_95)[judged].all()


@cache
def _all_bad_together():
    return _monthly(ALL_BAD)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_series_is_forecast_as_if_alone(name):
    together = _all_bad_together()
    alone = _monthly(BAD[name])
    row = list(BAD).index(name)
    np.testing.assert_allclose(alone.mean[0], together.mean[row], rtol=1e-9)
    np.testing.assert_allclose(alone.high_95[0], together.high_95[row], rtol=1e-9)


@pytest.mark.parametrize("season_length", [1, 4, 12])
def test_bad_input_with_seams_and_one_off_events_is_borne(season_length):
    rng = np.random.default_rng(1)
    seams, ignored = rng.random((2, *ALL_BAD.shape)) < 0.15
    options = {"season_length": season_length, "seams": seams, "ignored": ignored}
    result = forecast(ALL_BAD, horizon=9, **options)
    learned = np.where(ignored, NAN, ALL_BAD)
    has_data = ~np.isnan(learned).all(axis=1)
    np.testing.assert_equal(np.isfinite(result.mean).all(axis=1), has_data)
    steps = one_step(ALL_BAD, season_length=season_length)
    assert steps.shape == ALL_BAD.shape


def test_a_unit_jump_is_followed():
    mean = _monthly(BAD["unit jump"]).mean
    assert (mean > 500).all()


def test_without_any_series_there_is_no_forecast():
    assert _monthly(np.zeros((0, 20))).mean.shape == (0, 12)
    assert one_step(np.zeros((0, 20)), season_length=12).shape == (0, 20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"horizon": 0}, "horizon"),
        ({"season_length": 0}, "season"),
        ({"method": "crystal_ball"}, "crystal_ball"),
        ({"kinds": [1, 2]}, "kinds"),
        ({"seams": np.zeros((1, 3), bool)}, "marks"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    arguments = {"horizon": 3, "season_length": 12, **options}
    with pytest.raises(ValueError, match=message):
        forecast(np.ones((1, 10)), **arguments)


# Intervals, kinds, probabilities


def _share_inside(result, came, percent):
    low, high = getattr(result, f"low_{percent}"), getattr(result, f"high_{percent}")
    return ((came >= low) & (came <= high)).mean()


def test_intervals_hold_what_they_say():
    values = 100 + np.r_[SEASON, SEASON[:12]] + _noise(200, 72, 5)
    result = _monthly(values[:, :60])
    for percent in (80, 95):
        share = _share_inside(result, values[:, 60:], percent)
        assert 100 * share == pytest.approx(percent, abs=6)


def test_intervals_hold_soon_after_values_vary_more():
    """Ten values of three times the deviation after fifty steady ones."""
    values = 100 + _noise(200, 66, 3)
    values[:, 50:] = 100 + 3 * (values[:, 50:] - 100)
    result = _monthly(values[:, :60], horizon=6)
    assert _share_inside(result, values[:, 60:], 80) > 0.75
    assert _share_inside(result, values[:, 60:], 95) > 0.92


def test_intervals_widen_with_the_horizon():
    walks = _noise(30, 60).cumsum(axis=1)
    result = _monthly(walks, kinds=NumberKind.FREE)
    assert (np.diff(result.high_95 - result.low_95, axis=1) >= -1e-12).all()


def test_one_value_has_no_interval():
    result = _monthly([NAN, 5.0])
    assert np.isnan(result.low_80).all()
    assert np.isnan(result.probability_at_least(3)).all()


def test_limits_keep_to_the_kind_of_number():
    values = np.abs(_noise(4, 40, 50))
    values[3] *= -1
    kinds = [NumberKind.COUNT, NumberKind.SHARE, NumberKind.FREE, NumberKind.BY_HISTORY]
    result = _monthly(np.minimum(values, 100).round(), kinds=kinds)
    limits = np.stack([result.low_80, result.high_80, result.low_95, result.high_95])
    assert (limits[:, 0] % 1 == 0).all()
    assert (limits[:, 0] >= 0).all()
    assert ((limits[:, 1] >= 0) & (limits[:, 1] <= 100)).all()
    assert (limits[:, 2] < 0).any()
    assert (limits[:, 3] <= 0).all()


def test_a_share_that_rises_stops_at_a_hundred():
    values = np.minimum(40 + TIMES, 99.0)
    result = _monthly(values[:58], kinds=NumberKind.SHARE)
    assert (result.mean <= 100).all()


def test_probabilities_agree_with_the_limits():
    result = _monthly(100 + SEASON + _noise(5, 60, 4), kinds=NumberKind.FREE)
    for limits, share in (
        (result.low_80, 0.9),
        (result.mean, 0.5),
        (result.high_80, 0.1),
        (result.high_95, 0.025),
    ):
        np.testing.assert_allclose(result.probability_at_least(limits), share)
        np.testing.assert_allclose(result.probability_at_most(limits), 1 - share)


def test_probabilities_take_one_threshold_per_series_or_for_all():
    result = _monthly(100 + _noise(2))
    per_series = result.probability_at_least(np.array([[99.0], [101.0]]))
    np.testing.assert_equal(per_series[0], result.probability_at_least(99.0)[0])
    np.testing.assert_equal(per_series[1], result.probability_at_least(101.0)[1])


def test_counts_reach_a_threshold_from_half_before_it():
    values = np.random.default_rng(1).poisson(30, (1, 60))
    counts = _monthly(values, kinds=NumberKind.COUNT)
    free = _monthly(values, kinds=NumberKind.FREE)
    np.testing.assert_equal(
        counts.probability_at_least(29.2), free.probability_at_least(29.5)
    )
    np.testing.assert_equal(
        counts.probability_at_most(29.8), free.probability_at_most(29.5)
    )
    both = counts.probability_at_least(30) + counts.probability_at_most(29)
    np.testing.assert_allclose(both, 1)


def test_of_a_constant_everything_is_certain():
    result = _monthly(np.full(30, 5.0))
    np.testing.assert_equal(result.probability_at_least(4.9), np.ones((1, 12)))
    np.testing.assert_equal(result.probability_at_least(5.1), np.zeros((1, 12)))


def test_totals_are_likely_to_reach_what_the_mean_says():
    values = 100 + SEASON + _noise(5, 60, 4)
    result = _monthly(values)
    totals = np.cumsum(result.mean, axis=1)
    np.testing.assert_allclose(share_above(result.totals, totals, totals), 0.5)
    assert (share_above(result.totals, totals, totals * 1.3) < 0.1).all()
    assert (share_above(result.totals, totals, totals * 0.7) > 0.9).all()


def test_totals_have_a_distribution_of_their_own():
    result = _monthly(100 + SEASON + _noise(5, 60, 4))
    totals = np.cumsum(result.mean, axis=1)
    reached = share_above(result.totals, totals, totals - result.totals.width(0.8))
    np.testing.assert_allclose(reached, 0.9)
    missed = share_above(result.totals, totals, totals + result.totals.width(0.95))
    np.testing.assert_allclose(missed, 0.025)


def test_totals_that_were_never_judged_are_as_unsure_as_if_errors_stayed():
    scale = _monthly(np.arange(8.0), horizon=12).totals.scale[0]
    # errors that stay the same add up: their sums grow with the number of months
    np.testing.assert_allclose(
        scale[8:] / scale[7:-1], np.arange(9, 13) / np.arange(8, 12), rtol=0.02
    )


def test_totals_of_independent_errors_are_surer_than_months():
    values = 100 + _noise(30, 60, 10)
    result = _monthly(values)
    relative = result.totals.scale[:, -1] / 12
    assert np.median(relative / result.errors.scale[:, -1]) < 0.8


def test_confidence_and_skill_tell_good_from_bad():
    values = np.vstack(
        [1000 + 5 * TIMES + 5 * SEASON + _noise()[0], np.abs(_noise(1, 60, 100))[0]]
    )
    result = _monthly(values)
    assert (result.confidence[0] > 90).all()
    assert (result.confidence[1] < 60).all()
    assert result.skill[0] > 0.2
    assert result.skill[1] < 0.4


def test_confidence_is_not_told_of_horizons_judged_less_than_three_times():
    result = _monthly(np.arange(8.0), horizon=9)
    assert np.isnan(result.confidence[0]).tolist() == [False] * 5 + [True] * 4


# Equivariance


@cache
def _unscaled(method):
    values = 100 + SEASON + _noise(5, 60, 4)
    return values, _monthly(values, method=method)


@pytest.mark.parametrize("method", FAST)
@pytest.mark.parametrize("factor", [1024.0, 1e-6, 37.5])
def test_forecasts_scale_with_the_values(method, factor):
    values, once = _unscaled(method)
    scaled = _monthly(values * factor, method=method)
    np.testing.assert_allclose(scaled.mean, once.mean * factor, rtol=1e-7)
    np.testing.assert_allclose(scaled.high_95, once.high_95 * factor, rtol=1e-6)
    np.testing.assert_allclose(scaled.confidence, once.confidence, rtol=1e-6)


@pytest.mark.parametrize("method", FAST)
def test_forecasts_shift_with_values_of_both_signs(method):
    values = SEASON + _noise(5, 60, 4)
    values[:, 0] = -30  # below 0 early on, so nothing multiplies
    once = _monthly(values, method=method, kinds=NumberKind.FREE)
    moved = _monthly(values - 50, method=method, kinds=NumberKind.FREE)
    np.testing.assert_allclose(moved.mean, once.mean - 50, rtol=1e-6)


@pytest.mark.parametrize("method", FAST)
def test_forecasts_of_the_mirror_image_are_mirrored(method):
    values = _noise(5, 60, 4)
    values[:, :2] = [-1, 1]
    once = _monthly(values, method=method)
    mirrored = _monthly(-values, method=method)
    np.testing.assert_allclose(mirrored.mean, -once.mean, rtol=1e-7)
    np.testing.assert_allclose(mirrored.low_80, -once.high_80, rtol=1e-7)


def test_a_series_is_forecast_alike_in_any_company(monkeypatch):
    values = 100 + _noise(7, 40, 9)
    whole = _monthly(values)
    monkeypatch.setattr(sys.modules[one_step.__module__], "BLOCK", 2)
    blocks = _monthly(values)
    np.testing.assert_allclose(blocks.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(blocks.errors.scale, whole.errors.scale, rtol=1e-12)
    np.testing.assert_equal(blocks.labels, whole.labels)
    np.testing.assert_allclose(_monthly(values[3]).mean[0], whole.mean[3], rtol=1e-12)


# Causality


def test_one_step_is_the_forecast_that_would_have_been_made():
    values = 100 + SEASON + _noise(3, 60, 4)
    steps = one_step(values, season_length=12)
    for period in (1, 4, 7, 13, 30, 59):
        then = forecast(
            values[:, :period], horizon=1, season_length=12, kinds=NumberKind.FREE
        )
        np.testing.assert_allclose(steps[:, period], then.mean[:, 0], rtol=1e-9)


def test_the_first_value_has_no_forecast():
    steps = one_step(np.array([[NAN, NAN, 4.0, 5.0, 6.0]]), season_length=12)
    np.testing.assert_equal(steps, [[NAN, NAN, NAN, 4, 5]])


def test_gaps_have_forecasts_too():
    values = np.where(TIMES % 9 == 4, NAN, 100 + SEASON)
    steps = one_step(values[None], season_length=12)
    assert np.isfinite(steps[0, 1:]).all()


numbers = st.one_of(
    st.just(NAN),
    st.integers(-3, 9).map(float),
    st.floats(-1e9, 1e9),
    st.floats(1e-3, 1e3),
)


@settings(max_examples=40, deadline=None)
@given(
    arrays(float, (3, 30), elements=numbers),
    st.sampled_from([1, 4, 12]),
    st.integers(1, 29),
)
def test_later_values_change_no_earlier_step(values, season_length, end):
    whole = one_step(values, season_length=season_length)
    part = one_step(values[:, :end], season_length=season_length)
    largest = np.fmax.reduce(np.abs(values[:, :end]), axis=None, initial=1.0)
    np.testing.assert_allclose(part, whole[:, :end], rtol=1e-6, atol=1e-9 * largest)


@pytest.mark.parametrize("change", [0.0, NAN, 1e6, -1e6])
def test_the_last_value_has_no_part_in_its_own_forecast(change):
    values = 100 + SEASON + _noise(3, 60, 4)
    before = one_step(values, season_length=12)
    values[:, -1] = change
    after = one_step(values, season_length=12)
    np.testing.assert_allclose(after, before, rtol=1e-9)


# One-off events and changed definitions


def _as_it_stands(values):
    """Forecasts that learn from each value, however odd."""
    found = detect(values, season_length=12)
    return _monthly(values, found=replace(found, kind=np.zeros_like(found.kind)))


def test_an_ignored_campaign_is_not_expected_again():
    clean = 100 + 0.3 * TIMES + SEASON + _noise(40, 60, 3)
    values = clean.copy()
    values[:, 48:51] += 150  # so long that it would be a new level
    ignored = np.zeros(values.shape, bool)
    ignored[:, 48:51] = True
    plain, marked = _as_it_stands(values), _monthly(values, ignored=ignored)
    expected = _monthly(clean).mean
    in_campaign_month = slice(0, 3)
    error = np.abs(plain.mean - expected)[:, in_campaign_month].mean()
    marked_error = np.abs(marked.mean - expected)[:, in_campaign_month].mean()
    assert error > 20
    assert marked_error < error / 5
    assert _mean_error(marked, expected) < _mean_error(plain, expected) / 2


def test_an_ignored_campaign_widens_no_interval():
    values = 100 + SEASON + _noise(20, 60, 3)
    values[:, 48:51] += 150  # so long that it would be a new level
    ignored = np.zeros(values.shape, bool)
    ignored[:, 48:51] = True
    plain, marked = _as_it_stands(values), _monthly(values, ignored=ignored)
    assert (marked.errors.scale < plain.errors.scale / 2).all()


def _changed(change, at):
    """Series, the same with another definition from a month on, and where that is."""
    clean = 100 + 0.2 * np.arange(72) + np.r_[SEASON, SEASON[:12]] + _noise(40, 72, 3)
    values = clean.copy()
    values[:, at:] = change(values[:, at:])
    seams = np.zeros((40, 60), bool)
    seams[:, at] = True
    return values, seams


CHANGES = {
    "more counts": (lambda values: values * 1.8, 1.8),
    "thousandths": (lambda values: values * 1000, 1000),
    "hours": (lambda values: values / 60, 1 / 60),
    "a part joins": (lambda values: values + 80, 1),
}
CHANGED_AT = [20, 40, 50, 57]


@cache
def _all_changed():
    """Means by change and month, marked and as it stands, and what came later.

    All in one forecast, whose time is that of its steps rather than of its series.
    """
    cases = [(name, at) for name in CHANGES for at in CHANGED_AT]
    changed = [_changed(CHANGES[name][0], at) for name, at in cases]
    values = np.concatenate([each for each, _seams in changed])
    seams = np.concatenate([each for _values, each in changed])
    parts = (
        _monthly(values[:, :60], seams=seams).mean,
        _as_it_stands(values[:, :60]).mean,
        values[:, 60:],
    )
    split = (np.split(part, len(cases)) for part in parts)
    return dict(zip(cases, zip(*split, strict=True), strict=True))


@pytest.mark.parametrize("at", CHANGED_AT)
@pytest.mark.parametrize("change", CHANGES)
def test_a_marked_step_is_not_learned_as_a_trend(change, at):
    marked, plain, later = _all_changed()[change, at]
    unit = CHANGES[change][1]
    error = np.abs(marked - later).mean()
    # three values may say no more of a difference than of a factor
    assert error < (14 if at == 57 else 9) * unit
    if at > 30:
        assert error < np.abs(plain - later).mean() / 1.3


def test_a_step_that_nobody_marked_is_a_level_from_its_third_value():
    values, seams = _changed(lambda values: values * 1.8, 50)
    later = values[:, 60:]
    marked = _mean_error(_monthly(values[:, :60], seams=seams), later)
    assert _mean_error(_monthly(values[:, :60]), later) < 1.1 * marked


def test_a_marked_step_widens_no_interval():
    values, seams = _changed(lambda values: values * 3, 45)
    marked = _monthly(values[:, :60], seams=seams)
    plain = _as_it_stands(values[:, :60])
    assert np.median(marked.errors.scale / plain.errors.scale) < 0.5
    inside = (values[:, 60:] >= marked.low_95) & (values[:, 60:] <= marked.high_95)
    assert inside.mean() > 0.88  # of 40 series; of many 0.95


def test_intervals_are_in_the_unit_of_the_new_definition():
    values, seams = _changed(lambda values: values * 1000, 30)
    marked = _monthly(values[:, :60], seams=seams)
    assert (marked.errors.scale > 1000).all()


def test_without_a_mark_at_all_nothing_changes():
    values = 100 + SEASON + _noise(3, 60, 4)
    none = np.zeros(values.shape, bool)
    marked = _monthly(values, seams=none, ignored=none)
    np.testing.assert_equal(marked.mean, _monthly(values).mean)


@pytest.mark.parametrize(
    ("name", "values", "naive"),
    [
        ("a season", 100 + SEASON + _noise(40, 60, 3), False),
        ("a walk", 500 + _noise(40, 60, 3).cumsum(axis=1), True),
    ],
)
def test_a_season_known_once_is_repeated_where_it_closes(name, values, naive):
    """Not worse than the better of both plain forecasts, of either kind of series."""
    known, came = values[:, :12], values[:, 12:24]
    plain = known[:, -1:] if naive else known
    error = np.abs(_monthly(known).mean - came).mean()
    assert error < 1.25 * np.abs(plain - came).mean()


def test_of_what_is_often_0_no_plain_forecast_was_clearly_better():
    rng = np.random.default_rng(8)
    runs = np.repeat(rng.random((60, 12)) < 0.5, 4, axis=1)
    runs = runs * rng.normal(50, 5, (60, 48))
    rare = rng.poisson(0.4, (60, 48)) * rng.lognormal(2, 0.8, (60, 48))
    result = _monthly(np.concatenate([runs, rare]))
    assert (result.skill > -0.1 - 1e-9).all()
    assert "naive" in result.labels[:60]
    assert np.median(result.skill[60:]) > 0


def test_a_plain_forecast_that_was_clearly_better_is_taken():
    """Of 40 walks three were a tenth nearer to their last value."""
    result = _monthly(500 + _noise(40, 60, 3).cumsum(axis=1)[:, :36])
    assert result.skill.min() > -0.1
    assert (result.judged >= 30).all()
