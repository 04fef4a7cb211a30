"""Errors around forecasts: scales, shapes, probabilities."""

import math

import numpy as np
import pytest

from ...analytics.forecast.distribution import (
    SHARES,
    USUAL,
    Distribution,
    distribution_of,
    running_sums,
    widening_of,
)
from ...analytics.forecast.paths import naive_paths, realised_errors

NAN = np.nan
RNG = np.random.default_rng(11)


def _usual(scale, horizon=1):
    return Distribution(np.full((1, horizon), float(scale)), USUAL[None].copy())


def _independent(periods, horizon=1, sigma=1.0, series=1):
    """Errors that have nothing to do with each other."""
    return np.random.default_rng(7).normal(0, sigma, (series, periods, horizon))


def test_usual_multiples_are_those_of_t_with_four_degrees_of_freedom():
    t = USUAL * 1.533206 / USUAL[8]  # the quantile of 80%
    angle = np.arctan(t / 2)  # Abramowitz & Stegun 1972, 26.7.4
    within = np.sin(angle) * (1 + np.cos(angle) ** 2 / 2)
    np.testing.assert_allclose(within, SHARES, atol=1e-5)


def test_with_a_settled_scale_80_lie_within_the_width_of_a_normal_distribution():
    settled = distribution_of(np.ones((1, 500, 1))).scale[0, 0]
    usual = Distribution(np.array([[settled]]), USUAL[None])
    assert usual.width(0.8)[0, 0] == pytest.approx(1.28155, abs=1e-4)


def test_the_doubt_of_a_scale_is_not_part_of_the_shape_too():
    """Equal errors are all as large as the scale without its doubt."""
    limits = distribution_of(np.ones((1, 3000, 1)))
    assert limits.scale[0, 0] == pytest.approx(math.sqrt(1.1), rel=1e-4)
    weight = 2979 / (2979 + 30)  # settled after 20 errors, one period ahead
    expected = weight * 1 + (1 - weight) * 1.28155
    assert limits.width(0.8)[0, 0] == pytest.approx(expected, rel=1e-3)


def test_few_errors_promise_95_with_more_than_normal_limits():
    limits = distribution_of(_independent(15))
    ratio = limits.width(0.95) / limits.width(0.8)
    assert ratio[0, 0] > 1.7  # of normal errors 1.53


@pytest.mark.parametrize(("share", "multiple"), [(0.8, 1.22191), (0.95, 2.21273)])
def test_widths_of_usual_errors(share, multiple):
    assert _usual(10).width(share)[0, 0] == pytest.approx(10 * multiple)


def test_widths_between_the_shares_lie_between_theirs():
    width = _usual(1).width(0.85)[0, 0]
    assert USUAL[8] < width < USUAL[9]


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        (0, 0.5),
        (1.22191, 0.9),
        (-1.22191, 0.1),
        (2.21273, 0.975),
        (-2.21273, 0.025),
        (6.86211, 0.9995),
        (-6.86211, 0.0005),
        (7.36211, 0.99975),  # half a scale beyond the last share: half of what is left
        (1e9, 1),
        (-1e9, 0),
        (NAN, NAN),
    ],
)
def test_shares_below_a_distance(distance, expected):
    found = _usual(2).share_below(np.array([[2.0 * distance]]))[0, 0]
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_shares_rise_with_the_distance():
    distances = np.linspace(-9, 9, 400)[None]
    found = _usual(1, 400).share_below(distances)[0]
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize(("distance", "expected"), [(-1, 0), (0, 0.5), (1, 1)])
def test_without_any_error_a_probability_is_a_step(distance, expected):
    assert _usual(0).share_below(np.array([[float(distance)]]))[0, 0] == expected


def test_scales_come_from_the_errors():
    result = distribution_of(_independent(4000, sigma=3.0))
    # of the last 39 or so, so a ninth to either side
    assert result.scale[0, 0] == pytest.approx(3, rel=0.35)


def test_equal_errors_have_their_own_size_as_scale():
    result = distribution_of(np.full((1, 50, 3), 2.0))
    # a scale of 50 errors is unsure itself; of them 0.95⁵⁰ is forgotten
    weight = (1 - 0.95**50) / 0.05
    assert result.scale[0, 0] == pytest.approx(2 * math.sqrt(1 + 2 / weight))


def test_scales_never_fall_with_the_horizon():
    errors = _independent(60, horizon=6, series=50)
    errors[:, :, 3] /= 10
    assert (np.diff(distribution_of(errors).scale, axis=1) >= 0).all()


def test_horizons_that_were_never_judged_are_wider_than_the_last_one_judged():
    errors = np.full((1, 10, 4), NAN)
    errors[:, :, :2] = 1.0
    scale = distribution_of(errors).scale[0]
    # variances grow like the root of the horizon, and are less sure
    assert (scale[2] / scale[1]) ** 2 == pytest.approx(math.sqrt(3 / 2), rel=0.05)
    assert (scale[3] / scale[2]) ** 2 == pytest.approx(math.sqrt(4 / 3), rel=0.05)


def test_the_fewer_errors_the_wider():
    scales = [
        distribution_of(np.ones((1, count, 1))).scale[0, 0] for count in (1, 2, 10)
    ]
    weights = np.array([1, 1.95, (1 - 0.95**10) / 0.05])
    np.testing.assert_allclose(scales, np.sqrt(1 + 2 / weights))


def test_newer_errors_count_more():
    errors = np.r_[np.full(40, 9.0), np.full(40, 1.0)][None, :, None]
    assert distribution_of(errors).scale[0, 0] < 4
    assert distribution_of(errors[:, ::-1]).scale[0, 0] > 8


def test_a_variance_that_has_grown_is_known_soon():
    """Ten errors three times as large weigh as many as the fifty before."""
    errors = _independent(60, series=400)
    errors[:, 50:] *= 3
    scale = np.median(distribution_of(errors).scale)
    assert scale == pytest.approx(3, rel=0.1)
    plain = np.sqrt(1 * 0.6 + 9 * 0.4)  # 0.95¹⁰ = 0.6 is of the errors before
    assert scale > 1.2 * plain


@pytest.mark.parametrize("later", [1.0, 0.3])
def test_a_variance_that_has_not_grown_is_not_changed(later):
    errors = _independent(60, series=400)[:, :, 0]
    errors[:, 50:] *= later
    scale = np.ones(400)
    factors = widening_of(errors, scale)
    assert (factors == 1).mean() > 0.93
    assert (factors >= 1).all()


def test_without_errors_no_variance_has_grown():
    scale = np.array([NAN, 0.0, 1.0])
    errors = np.array([[NAN] * 30, [0.0] * 30, [NAN] * 29 + [5.0]])
    np.testing.assert_equal(widening_of(errors, scale), [1, 1, 1])


def test_without_errors_nothing_is_known():
    result = distribution_of(np.full((2, 5, 3), NAN))
    assert np.isnan(result.scale).all()
    assert np.isnan(result.width(0.8)).all()
    assert np.isnan(result.share_below(np.zeros((2, 3)))).all()
    np.testing.assert_equal(result.shape, [USUAL, USUAL])


def test_a_history_of_one_period_has_no_errors():
    result = distribution_of(
        realised_errors(naive_paths(np.ones((1, 1)), 3), np.ones((1, 1)))
    )
    assert np.isnan(result.scale).all()


def test_normal_errors_keep_a_normal_shape():
    shape = distribution_of(_independent(3000)).shape[0]
    assert shape[8] == pytest.approx(USUAL[8], rel=0.08)
    assert shape[10] == pytest.approx(1.95996, rel=0.08)


def test_widths_that_did_not_hold_are_widened():
    # one of ten errors is fifty times as large: 95% needs more scales
    errors = _independent(2000)
    errors[:, ::10] *= 50
    heavy = distribution_of(errors).shape[0]
    assert heavy[10] > 1.05 * USUAL[10]
    assert heavy[5] < 0.5 * USUAL[5]  # and half of them far less than one


def test_errors_after_none_for_long_do_not_widen_the_shape_without_end():
    errors = _independent(200)
    errors[:, 30:100] *= 1e-6
    assert (distribution_of(errors).shape <= 2 * USUAL).all()


def test_few_origins_say_little_about_the_shape():
    errors = _independent(15)
    np.testing.assert_equal(distribution_of(errors).shape[0], USUAL)


@pytest.mark.parametrize("share", [0.8, 0.95])
def test_intervals_hold_for_what_comes_next(share):
    # 500 random walks: naive forecasts, next 6 periods
    walks = RNG.normal(size=(500, 66)).cumsum(axis=1)
    known, later = walks[:, :60], walks[:, 60:]
    errors = realised_errors(naive_paths(known, 6), known)
    width = distribution_of(errors).width(share)
    inside = np.abs(later - known[:, -1:]) <= width
    assert inside.mean() == pytest.approx(share, abs=0.04)


def test_running_sums_add_the_errors_of_one_origin():
    values = np.array([[0.0, 1, 3, 6]])
    errors = realised_errors(naive_paths(values, 3), values)
    sums = running_sums(errors)
    # origin 0: 1, 1 + 3, 1 + 3 + 6; origin 1: 2, 2 + 5; origin 2: 3
    expected = [[NAN] * 3, [1, NAN, NAN], [2, 4, NAN], [3, 7, 10]]
    np.testing.assert_equal(sums[0], expected)


def test_a_sum_with_an_unknown_error_is_unknown():
    values = np.array([[0.0, NAN, 3, 6]])
    sums = running_sums(realised_errors(naive_paths(values, 2), values))
    # of origin 0 the first error is missing; that of the gap forecasts 0 for 3 and 6
    np.testing.assert_equal(sums[0, :, 1], [NAN, NAN, NAN, 9])
