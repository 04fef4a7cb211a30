"""Kinds of numbers."""

import numpy as np
import pytest

from ...analytics.forecast.result import NumberKind, fit_kinds, read_kinds

POSITIVE, NEGATIVE, BOTH, ZERO = [0, 1], [1, 0], [1, 1], [0, 0]


@pytest.mark.parametrize(
    ("kind", "signs", "numbers", "expected"),
    [
        (NumberKind.BY_HISTORY, POSITIVE, [-3.5, 2.5, 900], [0, 2.5, 900]),
        (NumberKind.BY_HISTORY, NEGATIVE, [-3.5, 2.5, 900], [-3.5, 0, 0]),
        (NumberKind.BY_HISTORY, BOTH, [-3.5, 2.5, 900], [-3.5, 2.5, 900]),
        (NumberKind.BY_HISTORY, ZERO, [-3.5, 2.5, 900], [0, 2.5, 900]),
        (NumberKind.COUNT, POSITIVE, [-3.5, 2.5, 900], [0, 2.5, 900]),
        (NumberKind.COUNT, BOTH, [-3.5, 2.5, 900], [0, 2.5, 900]),
        (NumberKind.SHARE, POSITIVE, [-3.5, 2.5, 900], [0, 2.5, 100]),
        (NumberKind.FREE, POSITIVE, [-3.5, 2.5, 900], [-3.5, 2.5, 900]),
    ],
)
def test_numbers_are_moved_to_the_nearest_possible(kind, signs, numbers, expected):
    fitted = fit_kinds(
        np.array([numbers], float), np.array([kind]), np.array([signs], bool)
    )
    assert fitted[0].tolist() == expected


def test_limits_of_counts_are_rounded_outwards():
    kinds, signs = np.array([NumberKind.COUNT]), np.array([POSITIVE], bool)
    assert fit_kinds(np.array([[2.5]]), kinds, signs, np.floor) == 2
    assert fit_kinds(np.array([[2.5]]), kinds, signs, np.ceil) == 3
    kinds = np.array([NumberKind.FREE])
    assert fit_kinds(np.array([[2.5]]), kinds, signs, np.ceil) == 2.5


def test_infinite_limits_become_the_largest_number():
    kinds, signs = np.array([NumberKind.FREE]), np.array([BOTH], bool)
    fitted = fit_kinds(np.array([[-np.inf, np.inf, np.nan]]), kinds, signs)
    largest = np.finfo(float).max
    np.testing.assert_equal(fitted, [[-largest, largest, np.nan]])


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (None, [0, 0]),
        (NumberKind.SHARE, [2, 2]),
        ([NumberKind.SHARE, NumberKind.COUNT], [2, 1]),
    ],
)
def test_kinds_are_one_for_all_or_one_each(kinds, expected):
    assert read_kinds(kinds, 2).tolist() == expected


@pytest.mark.parametrize("kinds", [9, [1], [1, 2, 3], [[1, 2]]])
def test_other_kinds_are_refused(kinds):
    with pytest.raises(ValueError, match="kinds"):
        read_kinds(kinds, 2)
