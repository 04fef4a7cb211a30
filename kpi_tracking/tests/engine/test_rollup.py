"""Roll-ups over time and scopes; every expected number is worked out beside it."""

import numpy as np
import pytest

from ...engine.rollup import (
    RollupError,
    roll_up_periods,
    roll_up_scopes,
)

NAN = np.nan
MONTHS = np.array([[1.0, 2, 3, NAN, 5, NAN], [NAN, NAN, NAN, -4, 0, 6]])
WEIGHTS = np.array([[1.0, 1, 2, 9, 3, 9], [9.0, 9, 9, 0, 0, 0]])
QUARTER = np.array([0, 0, 0, 1, 1, 1])

TIME_CASES = [
    ("sum", [[6, 5], [NAN, 2]]),
    ("average", [[2.25, 5], [NAN, NAN]]),  # (1 + 2 + 2 * 3) / 4; weights all 0
    ("min", [[1, 5], [NAN, -4]]),
    ("max", [[3, 5], [NAN, 6]]),
    ("last", [[3, 5], [NAN, 6]]),
]


def _into_quarters(values, weights, aggregation, index=QUARTER):
    count = int(index[-1]) + 1
    return roll_up_periods(values, weights, index, count, aggregation, is_counted=True)


@pytest.mark.parametrize(("aggregation", "expected"), TIME_CASES)
def test_months_become_quarters(aggregation, expected):
    result = _into_quarters(MONTHS, WEIGHTS, aggregation)
    np.testing.assert_array_equal(result.values, expected)
    np.testing.assert_array_equal(result.parts_present, [[3, 1], [0, 3]])
    np.testing.assert_array_equal(result.parts_expected, [[3, 3], [3, 3]])
    np.testing.assert_array_equal(_incomplete(result), [[False, True], [True, False]])
    is_weighted = aggregation == "average"
    weights = [[4, 3], [0, 0]] if is_weighted else result.parts_present
    np.testing.assert_array_equal(result.weights, weights)


@pytest.mark.parametrize("aggregation", [case[0] for case in TIME_CASES])
def test_without_any_value_nothing_is_made_up(aggregation):
    result = _into_quarters(MONTHS * NAN, WEIGHTS, aggregation)
    np.testing.assert_array_equal(result.values, [[NAN, NAN], [NAN, NAN]])
    np.testing.assert_array_equal(result.weights, [[0, 0], [0, 0]])


def _incomplete(result):
    return result.parts_present < result.parts_expected


def test_quarter_that_is_still_running_is_incomplete():
    values = np.array([[1.0, 2, 3, 4, NAN, NAN]])
    result = _into_quarters(values, values * NAN, "sum")
    np.testing.assert_array_equal(result.values, [[6, 4]])
    np.testing.assert_array_equal(result.parts_present, [[3, 1]])
    np.testing.assert_array_equal(_incomplete(result), [[False, True]])


def test_part_without_weight_is_absent_from_an_average():
    values, weights = np.array([[10.0, 20, 60]]), np.array([[1.0, 3, NAN]])
    result = _into_quarters(values, weights, "average", np.zeros(3, int))
    np.testing.assert_array_equal(result.values, [[17.5]])  # (10 + 60) / 4
    np.testing.assert_array_equal(result.parts_present, [[2]])
    np.testing.assert_array_equal(result.weights, [[4]])


def test_weights_that_add_up_to_less_than_one_are_weights():
    values, weights = np.array([[10.0, 20]]), np.array([[0.125, 0.375]])
    result = _into_quarters(values, weights, "average", np.zeros(2, int))
    np.testing.assert_array_equal(result.values, [[17.5]])  # (10 + 3 * 20) / 4
    np.testing.assert_array_equal(result.weights, [[0.5]])


def test_weighted_averages_rolled_up_twice_equal_those_rolled_up_once():
    rng = np.random.default_rng(5)
    values, weights = rng.normal(size=(4, 12)), rng.integers(1, 9, (4, 12)) * 1.0
    quarters = _into_quarters(values, weights, "average", np.arange(12) // 3)
    twice = _into_quarters(
        quarters.values, quarters.weights, "average", np.zeros(4, int)
    )
    expected = np.average(values, axis=1, weights=weights)[:, None]
    np.testing.assert_allclose(twice.values, expected, rtol=1e-12)


def test_members_count_where_they_are_on_the_last_day_of_each_period():
    values = np.array([[1.0, 2, 3], [10, 20, 30], [100, NAN, 300], [7, 7, 7]])
    # the second moves from team 0 to team 1 in the second period, the last has none
    parents = np.array([[0, 0, 0], [0, 1, 1], [1, 1, 1], [-1, -1, -1]])
    result = roll_up_scopes(values, parents, 3, "sum")
    np.testing.assert_array_equal(
        result.values, [[11, 2, 3], [100, 20, 330], [NAN, NAN, NAN]]
    )
    np.testing.assert_array_equal(
        result.parts_expected, [[2, 1, 1], [1, 2, 2], [0, 0, 0]]
    )
    np.testing.assert_array_equal(
        _incomplete(result), [[False] * 3, [False, True, False], [False] * 3]
    )


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("sum", [[40, 6]]),
        ("average", [[17.5, 6]]),
        ("min", [[10, 6]]),
        ("max", [[30, 6]]),
    ],
)
def test_scopes_become_their_parent(aggregation, expected):
    values = np.array([[10.0, NAN], [30, 6]])
    weights = np.array([[5.0, 1], [3, 2]])  # (10 * 5 + 30 * 3) / 8 = 17.5
    result = roll_up_scopes(values, np.array([0, 0]), 1, aggregation, weights=weights)
    np.testing.assert_array_equal(result.values, expected)


def test_negative_weight_and_sum_beyond_numbers_are_refused():
    with pytest.raises(RollupError, match="negative"):
        _into_quarters(np.ones((1, 6)), -np.ones((1, 6)), "average")
    with pytest.raises(RollupError, match="too large"):
        _into_quarters(np.full((1, 6), 1.5e308), np.ones((1, 6)), "sum")


@pytest.mark.parametrize(
    ("aggregation", "is_counted", "expected"),
    [
        ("sum", True, [[6, 5, NAN]]),
        ("average", True, [[2.25, 5, NAN]]),  # (1 + 2 + 2 * 3) / 4
        ("average", False, [[2.25, 5, NAN]]),
        ("last", False, [[3, 5, NAN]]),
        ("none", True, [[NAN, NAN, NAN]]),
        ("formula", True, [[NAN, NAN, NAN]]),
    ],
)
def test_own_periods_become_longer_ones(aggregation, is_counted, expected):
    result = roll_up_periods(
        MONTHS[:1], WEIGHTS[:1], QUARTER, 3, aggregation, is_counted=is_counted
    )
    np.testing.assert_array_equal(result.values, expected)
    np.testing.assert_array_equal(result.parts_expected, [[3, 3, 0]])


def test_entries_of_people_weigh_the_same():
    entries = [[10.0, NAN, 40, NAN, NAN, NAN]]
    without = np.full((1, 6), NAN)
    result = roll_up_periods(
        np.array(entries), without, QUARTER, 2, "average", is_counted=False
    )
    np.testing.assert_array_equal(result.values, [[25, NAN]])
