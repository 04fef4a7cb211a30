import math
from datetime import date
from decimal import Decimal

import pytest

from ...engine.postgres import array_text, copy_line, is_finite, is_storable


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, True),
        (-1.5, True),
        (1.7976931348623157e308, True),  # the largest float
        (Decimal("0.1"), True),
        ("1e3", True),
        (math.nan, False),
        (math.inf, False),
        (Decimal("-Infinity"), False),
        (10**400, False),  # beyond all floats
        ("1e400", False),  # reads as infinity
        ("twelve", False),
        (None, False),
        ([1], False),
    ],
)
def test_only_what_a_float_column_can_hold_is_finite(number, expected):
    assert is_finite(number) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("São Paulo 東京 \U0001f600", True),
        ("a\tb\nc", True),
        ("\x00", False),
        ("half a pair \ud83d", False),
        (10**400, True),  # JSON holds integers of any length
        (None, True),
        (math.nan, False),
        ([1, ("a", {2.5})], True),
        ([1, ("a", {math.inf})], False),
        ({"a": {"b": [1, "\x00"]}}, False),
        ({"\x00": 1}, False),
    ],
)
def test_values_are_looked_into_for_what_cannot_be_stored(value, expected):
    assert is_storable(value) is expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((1, date(2026, 2, 28), 0.1, None), "1\t2026-02-28\t0.1\t\\N\n"),
        # PostgreSQL's manual, COPY, “Text Format”: these stand with a backslash
        (("a\tb", "c\nd", "e\rf", "g\\h"), "a\\tb\tc\\nd\te\\rf\tg\\\\h\n"),
        (("\\N", ""), "\\\\N\t\n"),  # a text that looks like NULL; an empty one
    ],
)
def test_a_line_of_copy(cells, expected):
    assert copy_line(cells) == expected


def test_an_array():
    assert array_text([1, None, date(2026, 2, 28), 0.5]) == "{1,NULL,2026-02-28,0.5}"
    assert array_text([]) == "{}"
