import numpy as np
import pytest

from ...engine.change import (
    LEAST_KNOWN,
    UNUSUAL,
    measure_changes,
    measure_last,
    measure_next,
)

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("values", "ratio"),
    [
        # Changes 1, −1, 1, then 5: five times the usual 1
        ([10, 11, 10, 11, 16], 5.0),
        ([10, 11, 10, 11, 6], -5.0),
        # 1, 2, 3, 4, then 5: the median of four is 2.5
        ([0, 1, 3, 6, 10, 15], 2.0),
        # One outlier of 100 among 1, 1, 100, 1, 1 does not hide a change of 3
        ([0, 1, 2, 102, 103, 104, 107], 3.0),
        # 0, 0, 0, 4, then 8: the median is 0, the mean 1
        ([5, 5, 5, 5, 9, 17], 8.0),
        ([5, 5, 5, 5, 6], INF),  # nothing ever changed before
        ([5, 5, 5, 5, 4], -INF),
        ([5, 5, 5, 5, 5], 0.0),
        ([10, 11, 10, 11, 11], 0.0),
        ([10, 11, 10, 14], NAN),  # two changes before: nobody knows what is usual
        ([7], NAN),  # the first value
        ([10, 11, 10, 11, NAN, 16], NAN),  # over a gap nothing is said
        ([10, 11, 10, 11, 12, NAN], NAN),  # no value yet
        # A gap among those before takes two changes away: 1, 1, 1, 1 are left
        ([10, 11, 12, NAN, 20, 21, 22, 24], 2.0),
    ],
)
def test_the_last_change_in_multiples_of_the_usual_one(values, ratio):
    found = measure_changes(np.array([values], float))
    np.testing.assert_allclose(found.ratios[0, -1], ratio)


def test_each_change_is_measured_by_those_before_it_only():
    values = np.array([[0, 1, 2, 3, 13, 14, 15, 16, 26]], float)
    found = measure_changes(values)
    expected = [NAN, NAN, NAN, NAN, 10, 1, 1, 1, 10]
    np.testing.assert_allclose(found.ratios[0], expected)
    np.testing.assert_allclose(found.steps[0], [NAN, 1, 1, 1, 10, 1, 1, 1, 10])


def test_changes_older_than_the_window_do_not_count():
    """Three large changes, then three small ones, then 4."""
    values = np.array([[0, 50, 0, 50, 51, 52, 53, 57]], float)
    assert measure_changes(values, window=3).ratios[0, -1] == 4.0
    assert measure_changes(values, window=6).usual[0, -1] == 25.5


def test_many_kpis_are_measured_at_once_as_one_by_one():
    rng = np.random.default_rng(14)
    values = rng.normal(100, 10, (50, 20))
    values[rng.random(values.shape) < 0.2] = NAN
    found = measure_changes(values)
    for row, series in enumerate(values):
        steps = [abs(b - a) for a, b in zip(series, series[1:], strict=False)]
        before = [step for step in steps[-13:-1] if step == step]
        last = series[-1] - series[-2]
        usual = np.median(before) if len(before) >= LEAST_KNOWN else NAN
        np.testing.assert_allclose(found.usual[row, -1], usual)
        np.testing.assert_allclose(found.ratios[row, -1], last / usual)


@pytest.mark.parametrize(
    ("known", "value", "ratio"),
    [
        # Changes 1, −1, 1, then 12
        ([10, 11, 10, 11], 23, 12.0),
        ([10, 11, 10, 11], 10, -1.0),
        ([5, 5, 5, 5], 6, INF),
        ([5, 5, 5, 5], 5, 0.0),
        ([10, 11, 10], 99, NAN),  # two changes are too few
        ([], 99, NAN),
        # Of twelve changes before: the hundreds of long ago do not count
        ([0, 300, 0, *[10, 11] * 6, 10], 16, 6.0),
    ],
)
def test_a_value_that_is_entered_is_compared_with_the_last_ones(known, value, ratio):
    np.testing.assert_allclose(measure_next(known, value), ratio)


def test_too_few_values_are_never_unusual():
    assert not abs(measure_next([1, 2], 1e9)) > UNUSUAL


def test_without_kpis_or_periods_nothing_is_found():
    assert measure_changes(np.empty((0, 5))).ratios.shape == (0, 5)
    assert measure_changes(np.empty((3, 0))).ratios.shape == (3, 0)


def test_a_window_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="at least 3 periods, got 2"):
        measure_changes(np.zeros((1, 5)), window=2)


def test_a_seam_is_no_change_and_not_among_the_usual_ones():
    values = np.array([[10.0, 12.0, 10.0, 12.0, 99.0, 101.0]])
    seams = np.array([[False, False, False, False, True, False]])
    found = measure_changes(values, seams=seams)
    assert np.isnan(found.steps[0, 4])
    assert found.ratios[0, 5] == 1.0
    assert measure_changes(values).ratios[0, 5] != 0


def test_the_last_change_of_one_kpi_is_that_of_many():
    """With gaps, seams, steps of nothing and numbers near the largest there are."""
    rng = np.random.default_rng(9)
    for scale in (1.0, 10.0, 2e307):
        values = np.round(rng.normal(0, 1, (400, 16)), 0) * scale
        values[rng.random(values.shape) < 0.15] = NAN
        seams = rng.random(values.shape) < 0.1
        with np.errstate(all="ignore"):
            found = measure_changes(values, seams=seams).ratios[:, -1]
        last = [
            measure_last([None if value != value else value for value in row], list(at))
            for row, at in zip(values.tolist(), seams, strict=True)
        ]
        np.testing.assert_allclose(last, found)
    assert measure_last([]) != measure_last([])  # NaN
