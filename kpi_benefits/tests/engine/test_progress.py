import numpy as np
import pytest

from ...engine.progress import measure_progress, name_trend
from ...engine.standing import count_realised, measure_realisation
from .attribution import difference_in_differences

NAN = float("nan")


@pytest.mark.parametrize(
    ("baseline", "target", "actual", "expected"),
    [
        (20, 10, 14, 0.6),  # less is better
        (0, 200, 50, 0.25),
        (100, 200, 250, 1.5),  # beyond the target
        (100, 200, 80, -0.2),  # worse than the baseline
        (5, 5, 7, NAN),  # no way between them
        (NAN, 5, 7, NAN),
        (1, NAN, 7, NAN),
        (1, 5, NAN, NAN),
        (-10, 10, 0, 0.5),
    ],
)
def test_progress(baseline, target, actual, expected):
    found = measure_progress(*map(np.array, (baseline, target, actual)))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_progress_of_many_kpis_at_once():
    found = measure_progress(
        np.array([20.0, 0.0]), np.array([10.0, 4.0]), np.array([[14.0, 1.0], [10, 4]])
    )
    np.testing.assert_allclose(found, [[0.6, 0.25], [1, 1]])


@pytest.mark.parametrize(
    ("low", "high", "is_lower_better", "expected"),
    [
        (0.1, 0.3, False, "improving"),
        (0.1, 0.3, True, "declining"),
        (-0.3, -0.1, False, "declining"),
        (-0.3, -0.1, True, "improving"),
        (-0.1, 0.3, False, "stable"),
        (NAN, NAN, False, "stable"),
    ],
)
def test_trend_needs_limits_on_one_side_of_zero(low, high, is_lower_better, expected):
    assert name_trend(low, high, is_lower_better=is_lower_better) == expected


@pytest.mark.parametrize(
    ("realised", "planned", "expected"),
    [
        ([50, 150], [100, 100], 1.0),
        ([10, 0], [10, 990], 0.01),  # a mean of ratios would say 0.5
        ([-20, 90], [-10, 110], 0.7),  # a disbenefit larger than planned
        ([-130], [-100], 1.3),
        ([5], [0], None),
        ([0.3], [0.1, 0.2, -0.3], None),  # noise of a sum is no plan
        ([], [], None),
    ],
)
def test_realisation_is_a_ratio_of_sums(realised, planned, expected):
    found = measure_realisation(sum(realised), sum(planned))
    assert found == (None if expected is None else pytest.approx(expected))


def test_difference_in_differences():
    """Full-time employment, Card & Krueger 1994, restaurants with both interviews."""
    assert difference_in_differences(0, 0.467, 0, -2.283) == pytest.approx(2.75)
    assert np.isnan(difference_in_differences(0, 1, NAN, 0))


@pytest.mark.parametrize(
    ("planned", "realised", "counted"),
    [(100, 70, 70), (100, None, 0), (-100, -130, -130), (-100, 0, 0), (0, None, 0)],
)
def test_what_was_reported_counts(planned, realised, counted):
    assert count_realised(planned, realised) == counted


def test_a_disbenefit_nobody_reported_counts_as_planned():
    assert count_realised(-100, None) == -100
