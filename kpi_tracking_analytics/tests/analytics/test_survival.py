"""Kaplan–Meier against published curves."""

import numpy as np
import pytest

from ...analytics.survival import kaplan_meier

# Weeks of remission of Freireich et al. 1963 (Blood 21, 699–716); + = still lasting
DRUG = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
CONTROL = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def _curve(text):
    words = text.split()
    durations = np.array([float(word.rstrip("+")) for word in words])
    return kaplan_meier(durations, np.array(["+" not in word for word in words]))


def test_curve_and_errors_are_the_published_ones():
    curve = _curve(DRUG)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.ended.tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert curve.censored == 12
    published = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    np.testing.assert_allclose(curve.survival, published, atol=5e-5)
    errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    np.testing.assert_allclose(np.sqrt(curve.variance), errors, atol=5e-5)


@pytest.mark.parametrize(
    ("text", "median", "interval"),
    [
        (DRUG, 23, (13, None)),  # mean of the nine that ended: 12.1
        (CONTROL, 8, (4, 11)),
    ],
)
def test_medians_are_the_published_ones(text, median, interval):
    assert _curve(text).time_until(0.5) == median
    assert _curve(text).median_interval() == interval


def test_without_censoring_it_is_the_share_that_lasts_longer():
    curve = _curve(CONTROL)
    durations = np.array([float(word) for word in CONTROL.split()])
    shares = [(durations > time).mean() for time in curve.times]
    np.testing.assert_allclose(curve.survival, shares, atol=1e-12)
    assert curve.survival[-1] == 0
    assert curve.variance[-1] == 0


def test_half_of_them_is_the_median_to_the_last_digit():
    # 9/10 · 8/9 · 7/8 · 6/7 · 5/6 misses a half by its last digits
    curve = kaplan_meier(np.arange(1.0, 11.0), np.ones(10, bool))
    assert curve.time_until(0.5) == 5


@pytest.mark.parametrize(
    ("durations", "is_over"),
    [
        ([], []),
        ([4.0, 9.0], [False, False]),
        ([4.0, 9.0, 9.0], [True, False, False]),  # two thirds are left
    ],
)
def test_a_median_that_is_not_reached_is_none(durations, is_over):
    curve = kaplan_meier(np.array(durations), np.array(is_over, dtype=bool))
    assert curve.time_until(0.5) is None


@pytest.mark.parametrize(
    ("durations", "is_over"), [([1.0], []), ([-1.0], [True]), ([np.nan], [True])]
)
def test_what_is_no_duration_is_refused(durations, is_over):
    with pytest.raises(ValueError, match="durations"):
        kaplan_meier(np.array(durations), np.array(is_over, dtype=bool))
