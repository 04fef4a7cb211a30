"""Histories: scale, one-off events, changed definitions."""

import numpy as np
import pytest

from ...analytics.forecast.history import prepare, unscale

NAN = np.nan


def _marks(values, *places):
    marks = np.zeros(np.shape(values), bool)
    for row, period in places:
        marks[row, period] = True
    return marks


def _seasonal(periods, step=0.0):
    """A season of 4 with a drift of 4 each season, without noise."""
    times = np.arange(periods)
    return 100.0 + times + np.array([5.0, -3, 2, -4])[times % 4] + step


@pytest.mark.parametrize("size", [1e-320, 1e-200, 0.3, 7.0, 1e12, 1.7e308])
def test_values_are_scaled_to_a_size_near_one_and_back(size):
    values = np.array([[size, size / 2, -size]])
    history = prepare(values, 1)
    assert 0.5 <= np.abs(history.values).max() <= 1
    np.testing.assert_equal(unscale(history.values, history.exponents), values)


def test_scaling_changes_no_digit():
    values = np.random.default_rng(1).normal(size=(5, 20)) * 1234.5
    history = prepare(values, 12)
    np.testing.assert_equal(unscale(history.values, history.exponents), values)


@pytest.mark.parametrize("value", [np.inf, -np.inf, NAN])
def test_infinite_values_are_no_data(value):
    history = prepare(np.array([[1.0, value, 3.0]]), 1)
    assert np.isnan(history.values[0]).tolist() == [False, True, False]


def test_values_without_data_or_all_zero_stay():
    history = prepare(np.array([[NAN, NAN], [0, 0]]), 1)
    np.testing.assert_equal(history.values, [[NAN, NAN], [0, 0]])


def test_one_off_events_are_not_learned_from():
    values = np.array([[1.0, 50.0, 2.0]])
    history = prepare(values, 1, ignored=_marks(values, (0, 1)))
    assert np.isnan(history.values[0]).tolist() == [False, True, False]


def test_the_values_given_are_left_as_they_are():
    values = np.array([[1.0, np.inf, 2.0]])
    prepare(values, 1, ignored=_marks(values, (0, 0)))
    np.testing.assert_equal(values, [[1, np.inf, 2]])


def test_signs_are_those_ever_seen():
    history = prepare(np.array([[1.0, 0], [-1, 0], [-1, 1], [0, NAN]]), 1)
    expected = [[False, True], [True, False], [True, True], [False, False]]
    assert history.signs.tolist() == expected


def test_a_marked_factor_is_taken_out():
    values = _seasonal(24)[None]
    changed = values.copy()
    changed[:, 14:] *= 1000
    history = prepare(changed, 4, seams=_marks(values, (0, 14)))
    # the season and its drift are known: the whole of the step is found at once
    levelled = unscale(history.values, history.exponents)
    np.testing.assert_allclose(levelled, values, rtol=1e-2)
    assert history.ratio[0, -1] == pytest.approx(1000, rel=1e-2)


def test_a_marked_shift_is_taken_out_where_values_are_not_positive():
    values = _seasonal(24)[None] - 110
    changed = values.copy()
    changed[:, 14:] += 500
    history = prepare(changed, 4, seams=_marks(values, (0, 14)))
    levelled = unscale(history.values, history.exponents)
    np.testing.assert_allclose(levelled, values, atol=1e-9)
    assert history.ratio[0, -1] == 1
    assert unscale(history.shift[:, -1:], history.exponents)[0, 0] == pytest.approx(500)


def test_a_step_is_estimated_over_a_season_and_then_stays():
    rng = np.random.default_rng(3)
    values = (_seasonal(40) + rng.normal(0, 1, 40))[None]
    changed = values.copy()
    changed[:, 20:] *= 2
    history = prepare(changed, 4, seams=_marks(values, (0, 20)))
    ratios = history.ratio[0]
    assert (ratios[:20] == 1).all()
    assert len(np.unique(ratios[20:24])) == 4
    assert len(np.unique(ratios[23:])) == 1
    assert ratios[-1] == pytest.approx(2, rel=0.02)


@pytest.mark.parametrize("seam", [9, 18, 23])
def test_another_unit_is_never_taken_for_a_difference(seam):
    rng = np.random.default_rng(3)
    values = _seasonal(28) * (1 + rng.normal(0, 0.03, (200, 28)))
    values[:, seam:] *= 1000
    history = prepare(
        values, 12, seams=_marks(values, *((r, seam) for r in range(200)))
    )
    assert (history.shift == 0).all()
    assert (np.abs(history.ratio[:, -1] / 1000 - 1) < 0.2).all()


def test_a_difference_is_seen_where_a_season_tells_it_from_a_factor():
    times = np.arange(36)
    values = (100 + 40 * np.sin(times * np.pi / 6))[None]
    changed = values.copy()
    changed[:, 24:] += 100
    history = prepare(changed, 12, seams=_marks(values, (0, 24)))
    assert history.ratio[0, -1] == 1
    assert unscale(history.shift[:, -1:], history.exponents)[0, 0] == pytest.approx(100)


def test_several_steps_multiply():
    values = np.full((1, 30), 8.0)
    changed = values.copy()
    changed[:, 10:] *= 2
    changed[:, 20:] *= 5
    history = prepare(changed, 4, seams=_marks(values, (0, 10), (0, 20)))
    np.testing.assert_allclose(history.ratio[0, [9, 10, 19, 20, 29]], [1, 2, 2, 10, 10])


def test_levelled_values_go_back_to_the_newest_definition():
    values = np.full((1, 30), 8.0)
    values[:, 10:] *= 3
    history = prepare(values, 4, seams=_marks(values, (0, 10)))
    last = history.values[:, -1:]
    np.testing.assert_allclose(history.restore(last), [[24]])
    np.testing.assert_allclose(history.restore_widths(last), [[24]])
    np.testing.assert_allclose(
        history.sizes()[:, -1] * history.ratio[:, -1],
        [np.ldexp(24.0, -history.exponents[0])],
    )


def test_a_shift_moves_forecasts_but_no_widths():
    values = np.array([[0.0, 1, 0, 1, 0, 1, 10, 11, 10, 11]])
    history = prepare(values, 2, seams=_marks(values, (0, 6)))
    last = history.values[:, -1:]
    np.testing.assert_allclose(history.restore(last), [[11]])
    np.testing.assert_allclose(history.restore_widths(last), [[1]])


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([5, 6, 7], [(0, 0)]),  # nothing is before it
        ([NAN, 6, 7], [(0, 1)]),
        ([5, 6, NAN], [(0, 2)]),  # nothing is after it
        ([0, 0, 0], [(0, 1)]),
        ([1, 2, 3], [(0, 0), (0, 1), (0, 2)]),
    ],
)
def test_steps_that_cannot_be_estimated_do_no_harm(values, places):
    values = np.array([values], float)
    history = prepare(values, 12, seams=_marks(values, *places))
    assert np.isfinite(history.ratio).all()
    assert np.isfinite(history.shift).all()
    assert (history.ratio > 0).all()


def test_what_follows_changes_no_earlier_level():
    values = np.random.default_rng(5).lognormal(size=(6, 40))
    seams = np.random.default_rng(6).random(values.shape) < 0.1
    whole = prepare(values, 4, seams)
    part = prepare(values[:, :25], 4, seams[:, :25])
    np.testing.assert_allclose(part.ratio, whole.ratio[:, :25], rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros(5), 12), "a row per series"),
        ((np.zeros((3, 0)), 12), "a row per series"),
        ((np.zeros((1, 5)), 0), "at least 1 period"),
        ((np.zeros((1, 5)), 12, np.zeros((1, 4), bool)), "marks of shape"),
    ],
)
def test_wrong_shapes_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        prepare(*arguments)
