"""Forecasts leave out what is out of the ordinary, until it is a level or real."""

import numpy as np
import pytest

from ...analytics.anomaly import KINDS, detect, leave_out
from ...analytics.forecast import forecast

TIMES = np.arange(60)
RNG = np.random.default_rng(3)
USUAL = 200 + TIMES + 20 * np.sin(TIMES * np.pi / 6) + RNG.normal(0, 4, (24, 60))
MONTHS = {"horizon": 12, "season_length": 12}


@pytest.mark.parametrize("factor", [10.0, 0.0])
@pytest.mark.parametrize(
    ("known", "back"), [(60, 1), (60, 2), (60, 12), (21, 1), (18, 1), (12, 1)]
)
def test_one_wrong_value_is_left_out_as_a_one_off_note_does(factor, known, back):
    wrong = USUAL[:, :known].copy()
    wrong[:, -back] *= factor
    ignored = np.zeros(wrong.shape, bool)
    ignored[:, -back] = True
    noted = forecast(wrong, ignored=ignored, **MONTHS)
    result = forecast(wrong, **MONTHS)
    np.testing.assert_allclose(result.mean, noted.mean)
    np.testing.assert_allclose(result.confidence, noted.confidence)
    assert known < 24 or (result.high_80 - result.low_80 < 60).all()


@pytest.mark.parametrize("factor", [10.0, 100.0, 0.1, -10.0])
@pytest.mark.parametrize(
    ("known", "place"),
    [(6, 2), (6, 5), (8, 7), (10, 9), (12, 0), (12, 6), (18, 7), (30, 7)],
)
def test_one_wrong_value_of_a_young_series_is_told_and_left_out(known, place, factor):
    values = RNG.normal(100, 8, (20, known))
    values[:, place] *= factor
    found = detect(values, season_length=12)
    assert (found.kind[:, place] == KINDS.index("spike")).all()
    assert (np.abs(found.score[:, place]) > 1).all()
    np.testing.assert_allclose(found.expected[:, place], 100, atol=20)
    mean = forecast(values, found=found, **MONTHS).mean
    np.testing.assert_allclose(mean.mean(axis=1), 100, atol=40)
    usual = np.zeros(values.shape, bool)
    usual[:, place] = True
    found = detect(values, season_length=12, dismissed=usual)
    assert not found.kind[:, place].any()


@pytest.mark.parametrize("known", [6, 9, 12, 18, 24])
@pytest.mark.parametrize("kind", ["level", "first level", "growth", "ramp", "december"])
def test_looking_back_finds_nothing_in_an_honest_young_series(kind, known):
    times = np.arange(known)
    values = {
        "level": np.where(times < known - 2, 100.0, 1000),
        "first level": np.where(times < 3, 1000.0, 100),
        "growth": 2.0**times,
        "ramp": times + 0.05,
        "december": np.where(times % 12 == 5, 300.0, 100),
    }[kind] * np.random.default_rng(known).lognormal(0, 0.08, (400, known))
    # Of these eight nothing but looking back says anything.
    is_odd = detect(values, season_length=12).kind[:, :8] > 0
    # six values from almost nothing up: as many as of noise, one in some 280
    most = 6 / 150 if (kind, known) == ("ramp", 6) else 0.02
    assert is_odd.any(axis=1).mean() < most


@pytest.mark.parametrize("known", [6, 8])
@pytest.mark.parametrize(
    ("shape", "arguments"),
    [("normal", ()), ("lognormal", (0, 1)), ("poisson", (0.3,)), ("poisson", (4,))],
)
def test_looking_back_gives_no_more_false_alarms(shape, arguments, known):
    values = getattr(RNG, shape)(*arguments, size=(2000, known)) * 1.0
    assert (detect(values, season_length=12).kind > 0).mean() < 1 / 150


def test_of_a_new_definition_what_came_before_is_not_compared():
    values = RNG.normal(100, 8, (20, 20))
    values[:, :8] *= 50
    values[:, 15] *= 10
    seams = np.zeros(values.shape, bool)
    seams[:, 8] = True
    found = detect(values, season_length=12, seams=seams)
    assert found.kind[:, 15].all()
    assert not found.kind[:, :8].any()


@pytest.mark.parametrize("known", [12, 18, 21, 36])
def test_what_is_called_unusual_at_the_end_is_what_is_left_out(known):
    values = RNG.lognormal(4, 0.3, (200, known))
    values[50:, -1] *= RNG.choice([0, 0.3, 3, 10], 150)
    found = detect(values, season_length=12)
    is_spike = found.kind[:, -1] == KINDS.index("spike")
    assert 20 < is_spike.sum() < 150
    np.testing.assert_equal(leave_out(values, found)[0][:, -1], is_spike)


def test_a_value_that_somebody_called_usual_is_learned_from():
    values, usual = USUAL.copy(), np.zeros(USUAL.shape, bool)
    values[:, -1] *= 10
    usual[:, -1] = True
    found = detect(values, season_length=12, dismissed=usual)
    assert not leave_out(values, found)[0][:, -1].any()
    assert np.median(forecast(values, found=found, **MONTHS).mean[:, 0]) > 400


def test_a_new_level_is_left_out_for_two_periods():
    values = RNG.normal(100, 2, (8, 50))
    values[:, 40:] += 100
    for known, level in ((41, 100), (42, 100), (43, 200), (50, 200)):
        result = forecast(values[:, :known], horizon=3, season_length=1)
        expected = np.full(8, level)
        np.testing.assert_allclose(result.mean[:, 0], expected, atol=25)


def test_a_new_level_is_no_season():
    """Where the last season was the best forecast it is moved to the new level."""
    values = 100 + 8 * np.sin(TIMES[:48] * np.pi / 6) + RNG.normal(0, 6, (20, 48))
    values[:, -3:] += 60
    result = forecast(values, horizon=12, season_length=12)
    np.testing.assert_allclose(np.median(result.mean, axis=0), 160, atol=20)


def test_earlier_forecasts_knew_no_more_than_was_known_then():
    """At the end of the first two periods of a level it was still out of sight."""
    values = np.r_[100 + TIMES % 3, 200, 201, np.nan, 202, 200.0][None]
    left_out, waits = leave_out(values, detect(values))
    assert not left_out.any()
    assert np.flatnonzero(waits[0]).tolist() == [60, 61, 62]
    left_out, waits = leave_out(values[:, :62], detect(values[:, :62]))
    assert np.flatnonzero(left_out[0]).tolist() == [60, 61]
    assert not waits.any()


@pytest.mark.parametrize("label", ["mean", "naive"])
def test_simple_forecasts_knew_no_more_either(label):
    """They are judged where those of a method that never gives way are."""
    noise = np.random.default_rng(5).normal(0, 4, (24, 60))
    values = 100 + (noise if label == "mean" else noise.cumsum(axis=1))
    values[:, -6:] += 80
    result = forecast(values, horizon=1, season_length=1)
    line = forecast(values, horizon=1, season_length=1, method="linear_regression")
    rows = result.labels == label
    assert rows.sum() >= 3
    assert (line.judged[rows] < 59).all()
    np.testing.assert_equal(result.judged[rows], line.judged[rows])


def test_of_what_never_moved_the_first_change_is_left_out_as_long_as_it_lasts():
    values = np.r_[[100.0] * 20, 150, 150][None]
    assert np.flatnonzero(leave_out(values, detect(values))[0]).tolist() == [20, 21]
    values = np.r_[[100.0] * 20, 150, 50][None]
    assert np.flatnonzero(leave_out(values, detect(values))[0]).tolist() == [20]
