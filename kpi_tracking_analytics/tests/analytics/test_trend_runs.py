"""Runs, streaks, volatility and pace, each beside its definition."""

import math

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


def test_awkward_rows_are_stood():
    assert measure_volatility(MATRIX, MATRIX).shape == (len(ROWS),)
    for additive in (True, False):
        sides = compare_runs(MATRIX, 3, np.full(len(MATRIX), additive), seams=SEAMS)
        assert not np.isinf(percent_changes(*sides)).any()
