import numpy as np
import pytest

from ...engine.period_report import (
    change,
    last_parts,
    measure_variance,
    share_of,
    to_date,
)

NAN = np.nan
NONE = None


@pytest.mark.parametrize(
    ("figures", "variance", "percent"),
    [
        ({"actual": 82, "target": 100}, -18, -18),
        ({"actual": 120, "target": 100}, 20, 20),
        # fewer is better: the sign says more or less, the status says good or bad
        ({"actual": 6, "target": 4}, 2, 50),
        ({"actual": -5, "target": -10}, 5, 50),
        ({"actual": 5, "target": 0}, 5, NONE),  # no percentage of zero
        ({"actual": NONE, "target": 100}, NONE, NONE),
        ({"actual": 82}, NONE, NONE),
        # a range: what lies outside of it
        ({"actual": 12, "low": 8, "high": 10}, 2, NONE),
        ({"actual": 5, "low": 8, "high": 10}, -3, NONE),
        ({"actual": 9, "low": 8, "high": 10}, 0, NONE),
        ({"actual": 9, "low": 10}, -1, NONE),
    ],
)
def test_variance(figures, variance, percent):
    given = {"target": None, **figures}
    assert measure_variance(**given) == variance
    assert share_of(variance, given["target"]) == percent


@pytest.mark.parametrize(
    ("value", "reference", "expected"),
    [
        (110, 100, 10),
        (90, 120, -25),
        (-80, -100, 20),  # less of a loss
        (5, 0, NONE),
        (5, -5, NONE),
        (0, 50, -100),
        (NONE, 50, NONE),
        (5, NONE, NONE),
    ],
)
def test_change(value, reference, expected):
    assert change(value, reference) == expected


VALUES = [[10, NAN, 30, 5, NAN, 7]]
WEIGHTS = [[1, NAN, 3, NAN, NAN, 2]]
YEARS = [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("sum", [10, 10, 40, 5, 5, 12]),
        # (10 × 1 + 30 × 3) / 4; a value without weight counts once: (5 + 7 × 2) / 3
        ("average", [10, 10, 25, 5, 5, 19 / 3]),
        ("min", [10, 10, 10, 5, 5, 5]),
        ("max", [10, 10, 30, 5, 5, 7]),
        ("last", [10, 10, 30, 5, 5, 7]),
    ],
)
def test_year_to_date_begins_anew_with_each_year(aggregation, expected):
    found = to_date(np.array(VALUES), np.array(WEIGHTS), np.array(YEARS), aggregation)
    np.testing.assert_allclose(found, [expected])


@pytest.mark.parametrize(
    ("indexes", "expected"),
    [
        ([0, 0, 1, 1, 1, 2], [1, 4, 5]),
        ([3, 3], [1]),  # a period of which only a part is asked for
        ([0, 1, 2], [0, 1, 2]),
    ],
)
def test_the_last_part_of_each_longer_period(indexes, expected):
    assert np.arange(len(indexes))[last_parts(indexes)].tolist() == expected


@pytest.mark.parametrize("aggregation", ["sum", "average", "min", "last"])
def test_a_year_has_no_figure_before_its_first_value(aggregation):
    values = np.array([[NAN, NAN, 4.0], [1.0, NAN, NAN]])
    found = to_date(values, np.ones((2, 3)), np.zeros(3), aggregation)
    np.testing.assert_allclose(found, [[NAN, NAN, 4], [1, 1, 1]])


def test_what_cannot_be_carried_on_is_refused():
    with pytest.raises(ValueError, match="cannot be carried"):
        to_date(np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1), "formula")
