"""Slopes and their test against the definitions, pair by pair."""

import math
from collections import Counter
from itertools import combinations
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...analytics.trend import (
    find_season,
    judge_trend,
    measure_slope,
    remove_season,
)
from ...analytics.trend import rows as rows_module
from ...analytics.trend.rows import ranks
from .awkward import MATRIX, ROWS, SEAMS

NAN = np.nan
Z_95 = 1.959963984540054

pytestmark = pytest.mark.filterwarnings("error")


def _parts(row, days, seams):
    """The known points of each stretch between seams."""
    number = np.cumsum(seams)
    points = [
        (part, day, value)
        for part, day, value in zip(number, days, row, strict=True)
        if not math.isnan(value)
    ]
    numbers = dict.fromkeys(part for part, _day, _value in points)
    return [[point for point in points if point[0] == part] for part in numbers]


def _slow(row, days, seams):
    """Median slope, Kendall's score and its variance by their definitions."""
    slopes, score, variance = [], 0, 0.0
    for part in _parts(row, days, seams):
        for (_, first, low), (_, last, high) in combinations(part, 2):
            slopes.append((high - low) / (last - first))
            score += (high > low) - (high < low)
        size = len(part)
        variance += size * (size - 1) * (2 * size + 5) / 18
        for ties in Counter(value for _, _, value in part).values():
            variance -= ties * (ties - 1) * (2 * ties + 5) / 18
    return sorted(slopes), score, variance


NUMBERS = st.one_of(st.just(NAN), st.integers(-4, 4).map(float), st.floats(-9, 9))


@settings(max_examples=200)
@given(
    st.lists(st.tuples(NUMBERS, st.integers(1, 40), st.booleans()), max_size=14),
    st.booleans(),
)
def test_slopes_are_those_of_the_pairs(points, has_seams):
    row = [value for value, _, _ in points]
    days = np.cumsum([gap for _, gap, _ in points]).astype(float)
    seams = [is_seam and has_seams for _, _, is_seam in points]
    result = measure_slope(
        np.array([row]).reshape(1, -1), days, np.array([seams], bool).reshape(1, -1)
    )
    slopes, score, variance = _slow(row, days, seams)
    known = sum(not math.isnan(value) for value in row)
    assert result.count[0] == known
    if known < 4 or len(slopes) < 4:
        assert np.isnan([result.per_day[0], result.z[0], result.p_value[0]]).all()
        return
    assert result.per_day[0] == pytest.approx(median(slopes), abs=1e-12)
    z = (score - np.sign(score)) / math.sqrt(variance) if variance > 1e-9 else 0
    assert result.z[0] == pytest.approx(z)
    assert result.p_value[0] == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))
    half = Z_95 * math.sqrt(max(variance, 0))
    for limit, rank in (
        (result.low[0], (len(slopes) - half) / 2),
        (result.high[0], (len(slopes) + half) / 2 + 1),
    ):
        if rank < 1 or rank > len(slopes):
            assert math.isnan(limit)
            continue
        below, share = slopes[math.floor(rank) - 1], rank % 1
        above = slopes[math.ceil(rank) - 1]
        assert limit == pytest.approx(below + share * (above - below), abs=1e-9)


def test_a_day_is_the_unit_however_long_the_periods_are():
    days = np.array([0, 31, 59, 90, 120, 151], float)
    slope = measure_slope(np.array([days * 0.5 + 3, -days]), days)
    np.testing.assert_allclose(slope.per_day, [0.5, -1])
    np.testing.assert_allclose(slope.z, np.array([1, -1]) * 14 / math.sqrt(28 + 1 / 3))


def test_a_quarter_of_wrong_values_does_not_turn_a_slope():
    days = np.arange(40.0)
    row = 2 * days
    row[::4] = 1e6
    assert measure_slope(row[None], days).per_day[0] == pytest.approx(2, abs=0.7)


def test_a_step_at_a_seam_is_no_trend():
    row = np.where(np.arange(30) < 15, 100.0, 500.0)
    row += np.random.default_rng(1).normal(size=30)
    seams = np.zeros((1, 30), bool)
    with_step = measure_slope(row[None], np.arange(30.0))
    assert with_step.p_value[0] < 1e-3
    seams[0, 15] = True
    assert measure_slope(row[None], np.arange(30.0), seams).p_value[0] > 0.05


def test_the_interval_holds_the_slope_as_often_as_it_says():
    noise = np.random.default_rng(7).normal(size=(2000, 24))
    slope = measure_slope(noise + 0.1 * np.arange(24), np.arange(24.0))
    share = ((slope.low <= 0.1) & (slope.high >= 0.1)).mean()
    assert 0.935 < share < 0.965  # three standard errors are 0.015
    flat = measure_slope(noise, np.arange(24.0))
    assert 0.035 < (flat.p_value <= 0.05).mean() < 0.065


def test_blocks_of_series_are_as_all_at_once(monkeypatch):
    whole = measure_slope(MATRIX, np.arange(40.0), SEAMS)
    monkeypatch.setattr(rows_module, "BLOCK", 5000)  # three series
    parts = measure_slope(MATRIX, np.arange(40.0), SEAMS)
    np.testing.assert_array_equal(whole.per_day, parts.per_day)
    np.testing.assert_array_equal(whole.z, parts.z)


@pytest.mark.parametrize("seams", [None, SEAMS])
def test_awkward_rows_have_a_slope_or_none(seams):
    slope = measure_slope(MATRIX, np.arange(40.0), seams)
    by_name = dict(zip(ROWS, slope.per_day, strict=True))
    assert not np.isinf(slope.per_day).any()
    for name in ("constant", "zero"):
        assert by_name[name] == 0
    for name in ("nothing", "1 points", "2 points", "3 points"):
        assert np.isnan(by_name[name])
    if seams is None:
        assert by_name["4 points"] == by_name["5 points"] == 1
        assert by_name["subnormal"] == 5e-324
        assert by_name["huge"] != 0


@pytest.mark.parametrize("days", [[0, 1], [0, 2, 2]])
def test_wrong_days_are_refused(days):
    with pytest.raises(ValueError, match="each period"):
        measure_slope(np.ones((1, 3)), np.array(days))


def test_no_series_and_no_periods_have_no_slope():
    assert measure_slope(np.empty((0, 5)), np.arange(5.0)).per_day.shape == (0,)
    assert np.isnan(measure_slope(np.empty((2, 0)), np.arange(0.0)).per_day).all()


def test_a_season_is_no_trend():
    months = np.arange(42)  # three years and the half in which it rises
    row = 100 + 0.5 * months + 30 * np.sin(2 * np.pi * (months - 3) / 12)
    row = row + np.random.default_rng(2).normal(size=42)
    with_season = measure_slope(row[None], months * 30.0)
    free = remove_season(row[None], find_season(row[None], [12]))
    slope = measure_slope(free, months * 30.0)
    assert slope.per_day[0] == pytest.approx(0.5 / 30, rel=0.05)
    assert slope.p_value[0] < 1e-9
    assert slope.high[0] - slope.low[0] < (with_season.high - with_season.low)[0] / 5


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("higher", [1, -1, 0, 0]), ("lower", [-1, 1, 0, 0]), ("range", [1, -1, 0, 0])],
)
def test_better_depends_on_the_direction(direction, expected):
    up = np.arange(10.0)
    rows = np.array([up, -up, np.ones(10), np.full(10, NAN)])
    slope = measure_slope(rows, np.arange(10.0))
    assert judge_trend(slope, direction).tolist() == expected


@given(st.lists(NUMBERS, min_size=1, max_size=12))
def test_ranks_share_ties(row):
    known = sorted(value for value in row if not math.isnan(value))
    expected = [
        NAN if math.isnan(value) else known.index(value) + (known.count(value) + 1) / 2
        for value in row
    ]
    np.testing.assert_array_equal(ranks(np.array([row]))[0], expected)
