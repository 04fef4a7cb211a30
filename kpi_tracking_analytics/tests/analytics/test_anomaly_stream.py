"""Streams of many values a day: odd stretches are found as they come in."""

from dataclasses import fields

import numpy as np
import pytest

from ...analytics.anomaly import watch
from .awkward import MATRIX

NAN = np.nan
DAY = 48
RNG = np.random.default_rng(31)
START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def _same_numbers():
    """Each test draws the same numbers, whichever ran before."""
    RNG.bit_generator.state = START


pytestmark = pytest.mark.filterwarnings("error")


def _stream(series=20, days=40, noise=1.0):
    times = np.arange(days * DAY)
    curve = 50 + 20 * np.sin(2 * np.pi * times / DAY)
    return curve + noise * RNG.normal(size=(series, days * DAY))


def test_an_odd_stretch_is_found_when_it_begins():
    rows = _stream()
    rows[:, 1500:1530] += 6
    found = watch(rows, DAY)
    delays = found.is_odd[:, 1500:1530].argmax(axis=1)
    assert found.is_odd[:, 1500:1530].any(axis=1).all()
    assert np.median(delays) <= 3
    assert (found.score[:, 1500:1530].max(axis=1) > 1).all()


def test_a_day_that_is_flat_is_odd_though_no_value_is():
    rows = _stream(noise=0.5)
    rows[:, 30 * DAY : 31 * DAY] = 50.0
    found = watch(rows, DAY)
    assert found.is_odd[:, 30 * DAY : 31 * DAY].any(axis=1).all()


def test_the_other_side_has_the_other_sign():
    rows = _stream(1)
    rows[0, 1500:1510] -= 9
    assert watch(rows, DAY).score[0, 1500:1510].min() < -1


def test_quiet_streams_are_quiet():
    found = watch(_stream(40, 60), DAY)
    judged = ~np.isnan(found.score)
    between = judged.sum() / found.is_start.sum()
    assert between > 500
    # The season is known from its fourth day or three days with neighbours on.
    assert np.isnan(found.score[:, :DAY]).all()
    assert judged[:, 8 * DAY :].all()


def test_odd_is_what_scores_above_one():
    rows = _stream(10)
    rows[:, 900:1000] += 8
    found = watch(rows, DAY)
    judged = ~np.isnan(found.score)
    above = np.abs(found.score[judged]) > 1
    np.testing.assert_array_equal(above, found.is_odd[judged])


def test_alarms_that_follow_closely_are_one_run():
    rows = _stream(5)
    rows[:, 1500:1520:2] += 40
    found = watch(rows, DAY)
    assert (found.is_start[:, 1490:1530].sum(axis=1) == 1).all()
    assert (found.is_odd[:, 1490:1530].sum(axis=1) > 3).all()
    assert not (found.is_start & ~found.is_odd).any()


def test_what_is_usual_is_the_median_of_the_time_of_day():
    rows = _stream(2, 12, 0.0)
    expected = watch(rows, DAY).expected
    np.testing.assert_allclose(expected[:, 8 * DAY :], rows[:, 8 * DAY :], atol=0.2)
    past = [500 - day * DAY + shift for day in range(1, 8) for shift in (-1, 0, 1)]
    assert expected[0, 500] == np.median(rows[0, past])


def test_a_restless_stream_raises_its_bar():
    """Errors that come in bursts, which no quantile of single errors foresees."""
    bursts = np.repeat(np.exp(RNG.normal(size=(10, 400))), 10, axis=1)
    rows = bursts * RNG.standard_t(2, size=(10, 4000))
    found = watch(rows, DAY)
    between = (~np.isnan(found.score)).sum() / found.is_start.sum()
    assert between > 400


def test_gaps_are_passed_over():
    rows = _stream(5)
    rows[:, 1000:1100] = NAN
    found = watch(rows, DAY)
    assert not found.is_odd[:, 1001:1100].any()
    assert np.isnan(found.score[:, 1005:1095]).all()
    assert found.is_start[:, 1100:].mean() < 0.01


def test_nothing_looks_ahead():
    rows = np.concatenate([_stream(3, 20), np.tile(MATRIX[:, :32], 30)])
    whole = watch(rows, 32)
    for stop in (1, 33, 400, 777):
        part = watch(rows[:, :stop], 32)
        for field in fields(part):
            np.testing.assert_array_equal(
                getattr(part, field.name), getattr(whole, field.name)[:, :stop]
            )


def test_awkward_streams_are_stood():
    rows = np.tile(MATRIX, 20)
    found = watch(rows, 40)
    assert found.is_odd.shape == rows.shape
    assert not found.is_odd[:3].any()  # constant, zero, nothing


@pytest.mark.parametrize("shape", [(0, 100), (2, 0), (2, 3)])
def test_of_little_nothing_is_odd(shape):
    assert not watch(np.ones(shape), DAY).is_odd.any()


@pytest.mark.parametrize(
    ("arguments", "message"), [((3,), "day"), ((48, 0), "rate"), ((48, 0.6), "rate")]
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        watch(np.ones((1, 99)), *arguments)
