"""Runs, streaks, volatility, robust z and pace, each beside its definition."""

import math
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.kpi_tracking.engine.period_report import change

from ...analytics.trend import (
    compare_runs,
    measure_streaks,
    measure_volatility,
    pace_needed,
    percent_changes,
    rate_values,
    seasonal_z,
)
from .awkward import MATRIX, ROWS, SEAMS

NAN = np.nan

pytestmark = pytest.mark.filterwarnings("error")


SIDES = st.one_of(
    st.just(NAN), st.just(0.0), st.floats(-1e9, 1e9, allow_subnormal=False)
)


@given(SIDES, SIDES)
def test_percent_is_that_of_the_reports(value, reference):
    sides = [None if math.isnan(side) else side for side in (value, reference)]
    expected = change(*sides)
    percent = percent_changes(np.array([value]), np.array([reference]))[0]
    if expected is None or math.isinf(expected):
        assert math.isnan(percent)
    elif value * reference != 0 or value == 0:  # else the product underflows there
        assert percent == pytest.approx(expected)


@pytest.mark.parametrize(
    ("row", "weights", "is_additive", "last", "before"),
    [
        ([1, 2, 3, 4], None, True, 7, 3),
        ([1, 2, 3, 4], None, False, 3.5, 1.5),
        ([1, 2, 3, 4], [1, 3, 1, 3], False, 3.75, 1.75),
        ([1, 2, 3, 4], [1, 3, 1, 3], True, 7, 3),  # sums have no weights
        ([1, NAN, 3, 4], None, True, NAN, NAN),  # half a sum is no sum
        ([1, NAN, 3, 4], None, False, 3.5, 1),
        ([1, NAN, 3, 4], [NAN, 9, NAN, NAN], False, 3.5, 1),
        ([1, 2, 3, 4], [1, 1, 0, 0], False, NAN, NAN),
        ([NAN, NAN, 3, 4], None, False, NAN, NAN),
        ([2, 3, 4], None, True, NAN, NAN),
        ([1e308] * 4, None, True, NAN, NAN),
    ],
)
def test_the_last_run_beside_the_one_before(row, weights, is_additive, last, before):
    weights = None if weights is None else np.array([weights], float)
    sides = compare_runs(np.array([row]), 2, np.array([is_additive]), weights)
    np.testing.assert_array_equal([side[0, -1] for side in sides], [last, before])


@pytest.mark.parametrize(("seam", "is_compared"), [(0, True), (1, False), (3, False)])
def test_runs_across_a_seam_are_not_compared(seam, is_compared):
    seams = np.zeros((1, 4), bool)
    seams[0, seam] = True
    sides = compare_runs(np.ones((1, 4)), 2, np.array([True]), seams=seams)
    assert np.isnan(sides[0][0, -1]) != is_compared


def test_a_run_without_periods_is_refused():
    with pytest.raises(ValueError, match="run"):
        compare_runs(np.ones((1, 4)), 0, np.array([True]))


def _streaks(row):
    streak = 0
    for judged in row:
        if not math.isnan(judged):
            sign = 1 if judged else -1
            streak = streak + sign if streak * sign > 0 else sign
        yield streak


@given(st.lists(st.sampled_from([1.0, 0.0, NAN]), max_size=20))
def test_streaks_are_counted_one_by_one(row):
    streaks = measure_streaks(np.array([row]).reshape(1, -1))
    assert streaks[0].tolist() == list(_streaks(row))


def test_volatility_is_the_usual_error_beside_the_usual_size():
    values = np.array([[100, 110, 90, 105, 95], [0, 0, 0, 0, 9]], float)
    errors = np.array([[1, -1, 2, -2, 500], [1, 1, 1, 1, 1]], float)
    # median error 1, distances 0 2 1 3 499, median 2; median size 100
    np.testing.assert_allclose(measure_volatility(values, errors), [0.029652, NAN])


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (5, 2, 8, 0),
        (1, 2, 8, -1),
        (11, 2, 8, -3),
        (1, 2, NAN, -1),
        (99, 2, NAN, 0),
        (99, NAN, 8, -91),
        (NAN, 2, 8, NAN),
        (5, NAN, NAN, 0),
    ],
)
def test_a_range_is_rated_by_the_distance_from_it(value, low, high, expected):
    np.testing.assert_array_equal(rate_values(np.array([value]), low, high), [expected])


@pytest.mark.parametrize(
    ("actual", "target", "days", "direction", "pace"),
    [
        (60, 100, 8, "higher", 5),
        (100, 100, 8, "higher", 0),
        (120, 100, 0, "higher", 0),
        (60, 100, 0, "higher", NAN),
        (60, 100, 0.5, "higher", 80),  # half a working day
        (NAN, 100, 8, "higher", NAN),
        (60, NAN, 8, "higher", NAN),
        (60, 100, NAN, "higher", NAN),
        (-20, 20, 4, "higher", 10),
        (60, 100, 8, "lower", 5),
        (120, 100, 8, "lower", -2.5),
        (120, 100, 0, "lower", NAN),
        (-1.7e308, 1.7e308, 1, "higher", NAN),
    ],
)
def test_pace_that_is_still_needed(actual, target, days, direction, pace):
    sides = (np.array([side], float) for side in (actual, target, days))
    np.testing.assert_array_equal(pace_needed(*sides, direction), [pace])


def test_no_pace_leads_into_a_range():
    with pytest.raises(ValueError, match="range"):
        pace_needed(1, 2, 3, "range")


def _z(row, period):
    """The last value's z by the definition; every step a plain list."""

    def distance(place):
        window = period * -(-8 // period)
        past = [v for v in row[max(0, place - window) : place] if not math.isnan(v)]
        return row[place] - median(past) if past else NAN

    def left(place):
        reach = 8 if period > 1 else 64
        places = range(place - period, max(-1, place - period * reach - 1), -period)
        same = [distance(p) for p in places if not math.isnan(distance(p))]
        known = sum(
            not math.isnan(distance(p)) for p in range(place - period, -1, -period)
        )
        return distance(place) - median(same) if known >= 2 else NAN

    last = len(row) - 1
    before = [left(place) for place in range(max(0, last - 64), last)]
    known = [abs(number) for number in before if not math.isnan(number)]
    if len(known) < 8:
        return NAN
    return left(last) / (1.4826 * median(known))


@pytest.mark.parametrize("period", [1, 4, 7])
@pytest.mark.parametrize("gaps", [0, 6])
def test_z_by_season_is_that_of_its_definition(period, gaps):
    rng = np.random.default_rng(period)
    row = 10 * np.arange(50) % (3 * period) + rng.normal(size=50)
    row[rng.choice(49, gaps, replace=False)] = NAN
    for stop in (12, 30, 50):
        z = seasonal_z(row[None, :stop], period)[0, -1]
        np.testing.assert_allclose(z, _z(row[:stop].tolist(), period))


def test_z_finds_what_is_odd_for_its_weekday():
    week = np.array([420, 430, 440, 435, 425, 60, 40.0])
    rows = np.tile(week, 12) + np.random.default_rng(4).normal(size=(50, 84)) * 10
    rows[:, -2] = 190.0  # a usual Friday has 425, a usual Saturday 60
    z = seasonal_z(rows, 7)
    assert (z[:, -2] > 6).all()
    # A normal deviation: beyond 3 are 0.3 % of the values, in small samples some more.
    assert (np.abs(z[:, 42:-2]) > 3).mean() < 0.03


@pytest.mark.parametrize("seams", [None, SEAMS])
@pytest.mark.parametrize("period", [1, 4, 12])
def test_z_looks_at_nothing_later(period, seams):
    whole = seasonal_z(MATRIX, period, seams)
    for stop in range(1, 40, 3):
        part = seams if seams is None else seams[:, :stop]
        before = seasonal_z(MATRIX[:, :stop], period, part)
        np.testing.assert_array_equal(before, whole[:, :stop])


def test_a_step_at_a_seam_is_not_odd():
    row = np.random.default_rng(6).normal(size=(40, 60))
    row[:, 30:] += 500
    seams = np.zeros(row.shape, bool)
    assert (seasonal_z(row, 1, seams)[:, 30] > 50).all()
    seams[:, 30] = True
    z = seasonal_z(row, 1, seams)
    assert np.isnan(z[:, 30]).all()
    assert np.nanmax(np.abs(z[:, 30:])) < 12
    assert not np.isnan(z[:, 45:]).any()


def test_awkward_rows_are_stood():
    z = dict(zip(ROWS, seasonal_z(MATRIX, 4), strict=True))
    assert (z["constant"][20:] == 0).all()
    assert np.isnan(z["nothing"]).all()
    assert z["other unit"][25] > 100
    assert np.isinf(z["mostly zero"]).any()  # never left 0 before
    assert measure_volatility(MATRIX, MATRIX).shape == (len(ROWS),)
    for additive in (True, False):
        sides = compare_runs(MATRIX, 3, np.full(len(MATRIX), additive), seams=SEAMS)
        assert not np.isinf(percent_changes(*sides)).any()


@pytest.mark.parametrize("period", [0, -4])
def test_a_season_has_a_period(period):
    with pytest.raises(ValueError, match="season"):
        seasonal_z(np.ones((1, 9)), period)
