import json
from pathlib import Path

import pytest

from ...engine.typed_number import count_decimals, parse_number

# The browser reads the same table (typed_number.js).
PATH = Path(__file__).parents[2] / "static" / "tests" / "typed_number_cases.json"
CASES = json.loads(PATH.read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"] or "empty")
def test_numbers_as_people_write_them(case):
    assert parse_number(case["text"], ".") == case["point"]
    assert parse_number(case["text"], ",") == case["comma"]


def test_what_would_be_infinite_is_no_number():
    assert parse_number("9" * 400) is None


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (12.0, 0),
        (-10.5, 1),
        (91.37, 2),
        (0.1 + 0.2, 1),  # 0.30000000000000004
        (68.32000000000005, 2),
        (1 / 3, 2),
        (123_456_789.5, 1),
        (1e300, 0),
    ],
)
def test_decimals_that_a_number_is_written_with(value, count):
    assert count_decimals(value) == count
