import math

import pytest

from ...engine.parts_of_total import (
    combine_parts,
    find_children,
    get_part_value,
    get_remainder,
    limit_rows,
)

NAN = math.nan


def test_departments_lie_in_the_nearest_one_shown():
    # 3 is in 2, 2 in 1; of 2 nothing is shown
    assert find_children({"a": "1/", "b": "1/2/3/", "c": "1/2/3/4/", "d": ""}) == {
        "a": ["b"],
        "b": ["c"],
    }


@pytest.mark.parametrize(
    ("value", "parts", "expected"),
    [
        (100, [60, 30], 10),
        (100, [60, None], 40),
        (100, [60, 40], None),  # nothing is left
        (0.3, [0.1, 0.2], None),  # nor by a binary fraction
        (10, [15], -5),
        (0, [], 0),  # it has no parts
        (0, [None], 0),
        (None, [5], None),
    ],
)
def test_remainder(value, parts, expected):
    assert get_remainder(value, parts) == expected


@pytest.mark.parametrize(
    ("parts", "how", "expected"),
    [
        ([(4.0, None)], None, 4.0),  # a median alone
        ([(4.0, None), (5.0, None)], "sum", 9.0),
        ([(4.0, 1.0), (10.0, 5.0)], "mean", 9.0),
        ([(4.0, 1.0), (10.0, None)], "mean", None),  # of how many nobody knows
        ([(4.0, 1.0), (10.0, -1.0)], "mean", None),
        ([(4.0, 3.0), (10.0, 5.0)], None, None),  # medians make no median
    ],
)
def test_parts_as_one(parts, how, expected):
    assert combine_parts(parts, how) == expected


def test_rows_beyond_the_limit_become_one():
    rows = [{"value": number} for number in (9, 5, 3, 1)]
    assert limit_rows(rows, 4, dict) is rows
    other = limit_rows(rows, 3, lambda value: {"value": value, "name": "Other"})
    assert other == [{"value": 9}, {"value": 5}, {"value": 4, "name": "Other"}]


@pytest.mark.parametrize(
    ("parts", "total", "adds_up", "expected"),
    [
        ({(1, "A"): 5.0, (2, "B"): 3.0}, 8.0, True, 5.0),
        ({(2, "B"): 8.0}, 8.0, True, 0.0),
        ({}, 0.0, True, 0.0),
        ({(2, "B"): 8.0}, 8.0, False, NAN),  # an average of nothing is no 0
        ({(2, "B"): 5.0, ("other", "Other"): 3.0}, 8.0, True, NAN),  # may be in it
        ({(2, "B"): 5.0, (None, "Hidden"): 3.0}, 8.0, True, NAN),
        ({}, NAN, True, NAN),
    ],
)
def test_value_of_a_part(parts, total, adds_up, expected):
    found = get_part_value(parts, 1, total, ("other", None), adds_up=adds_up)
    assert found == pytest.approx(expected, nan_ok=True)
