"""Forecasts leave out what is out of the ordinary, until it is a level or real."""

import numpy as np
import pytest

from ...analytics.anomaly import detect, leave_out
from ...analytics.forecast import forecast

TIMES = np.arange(60)
RNG = np.random.default_rng(3)
USUAL = 200 + TIMES + 20 * np.sin(TIMES * np.pi / 6) + RNG.normal(0, 4, (8, 60))
MONTHS = {"horizon": 12, "season_length": 12}


@pytest.mark.parametrize("factor", [10.0, 0.0])
@pytest.mark.parametrize("back", [1, 2, 12])
def test_one_wrong_value_is_left_out_as_a_one_off_note_does(factor, back):
    wrong = USUAL.copy()
    wrong[:, -back] *= factor
    ignored = np.zeros(wrong.shape, bool)
    ignored[:, -back] = True
    noted = forecast(wrong, ignored=ignored, **MONTHS)
    result = forecast(wrong, **MONTHS)
    np.testing.assert_allclose(result.mean, noted.mean)
    np.testing.assert_allclose(result.confidence, noted.confidence)
    assert (result.high_80 - result.low_80 < 60).all()


def test_a_value_that_somebody_called_usual_is_learned_from():
    values, usual = USUAL.copy(), np.zeros(USUAL.shape, bool)
    values[:, -1] *= 10
    usual[:, -1] = True
    found = detect(values, season_length=12, dismissed=usual)
    assert not leave_out(values, found, 12)[0][:, -1].any()
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
    left_out, waits = leave_out(values, detect(values), 1)
    assert not left_out.any()
    assert np.flatnonzero(waits[0]).tolist() == [60, 61, 62]
    left_out, waits = leave_out(values[:, :62], detect(values[:, :62]), 1)
    assert np.flatnonzero(left_out[0]).tolist() == [60, 61]
    assert not waits.any()
