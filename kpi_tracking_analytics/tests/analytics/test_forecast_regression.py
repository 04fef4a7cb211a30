"""Lines and parabolas against numpy's least squares."""

import numpy as np
import pytest

from ...analytics.forecast.regression import (
    DAMPING,
    linear_paths,
    polynomial_paths,
    running_lines,
)

NAN = np.nan
VALUES = np.random.default_rng(1).normal(10, 3, 25)
GAPS = np.where(np.arange(25) % 6 == 2, NAN, VALUES)


@pytest.mark.parametrize("values", [VALUES, GAPS, np.r_[NAN, NAN, VALUES]])
@pytest.mark.parametrize("end", [3, 4, 10, 25])
def test_lines_are_those_of_least_squares(values, end):
    slopes, heights = running_lines(values[None])
    times = np.arange(end)
    known = ~np.isnan(values[:end])
    if known.sum() < 3:
        assert slopes[0, end - 1] == 0
        return
    slope, start = np.polyfit(times[known], values[:end][known], 1)
    assert slopes[0, end - 1] == pytest.approx(slope)
    assert heights[0, end - 1] == pytest.approx(start + slope * (end - 1))


def test_below_three_values_the_line_is_flat():
    slopes, heights = running_lines(np.array([[NAN, 4.0, 8.0]]))
    np.testing.assert_equal(slopes, [[0, 0, 0]])
    np.testing.assert_equal(heights, [[NAN, 4, 6]])


def test_the_line_goes_on():
    paths = linear_paths(np.array([[1.0, 3.0, 5.0]]), 3)
    np.testing.assert_allclose(paths[0, -1], [7, 9, 11])


@pytest.mark.parametrize("values", [VALUES, GAPS, np.r_[NAN, NAN, NAN, VALUES]])
@pytest.mark.parametrize("end", [12, 18, 25])
def test_parabolas_are_those_of_least_squares_in_shrinking_steps(values, end):
    times = np.arange(end, dtype=float)
    known = ~np.isnan(values[:end])
    coefficients = np.polyfit(times[known], values[:end][known], 2)
    ahead = end - 1 + np.cumsum(DAMPING ** np.arange(1, 6))
    expected = np.polyval(coefficients, ahead)
    paths = polynomial_paths(values[None], 5)
    np.testing.assert_allclose(paths[0, end - 1], expected, rtol=1e-7)


def test_below_five_values_the_parabola_is_a_line():
    paths = polynomial_paths(np.array([[0.0, 1, 4, 9, 16]]), 2)
    ahead = np.cumsum([DAMPING, DAMPING**2])
    # through 0 1 4: slope 2, 11/3 at the end; through 0 1 4 9: slope 3, 8 at the end
    np.testing.assert_allclose(paths[0, 2], 11 / 3 + 2 * ahead)
    np.testing.assert_allclose(paths[0, 3], 8 + 3 * ahead)
    np.testing.assert_allclose(paths[0, 4], (4 + ahead) ** 2)


def test_a_constant_stays():
    paths = polynomial_paths(np.full((1, 40), 5.0), 6)
    np.testing.assert_allclose(paths[0], 5, rtol=1e-12)


def test_steps_along_a_parabola_end_somewhere():
    squares = np.arange(30.0)[None] ** 2
    far = polynomial_paths(squares, 400)[0, -1]
    assert far[-1] == pytest.approx((29 + DAMPING / (1 - DAMPING)) ** 2)


@pytest.mark.parametrize("paths_of", [linear_paths, polynomial_paths])
def test_later_values_change_no_earlier_forecast(paths_of):
    values = np.random.default_rng(2).normal(size=(4, 30))
    whole = paths_of(values, 4)
    for end in (1, 2, 5, 17):
        part = paths_of(values[:, :end], 4)
        np.testing.assert_allclose(part, whole[:, :end], rtol=1e-9)


@pytest.mark.parametrize("paths_of", [linear_paths, polynomial_paths])
def test_without_data_there_is_no_forecast(paths_of):
    assert np.isnan(paths_of(np.full((1, 4), NAN), 2)).all()
