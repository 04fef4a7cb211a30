import pytest

from ...engine.formula.formula import find_unit_code, name_codes

NAMES = {"won": "Won Deals", "won_value": "Won Revenue"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("won", "“Won Deals”"),
        ("100 * won / closed", "100 * “Won Deals” / closed"),
        ("won_value / won", "“Won Revenue” / “Won Deals”"),  # no code within a code
        ("rolling(won, 3)", "rolling(“Won Deals”, 3)"),
        ("1 + 2", "1 + 2"),
    ],
)
def test_codes_are_written_as_names(text, expected):
    assert name_codes(text, NAMES) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("won", "won"),
        ("rolling(won, 3)", "won"),
        ("target(won)", "won"),
        ("closed", None),
        ("won / won_value", None),
        ("days_in_period()", None),
        ("round(won_value / won, 2)", None),  # a quotient has a unit of its own
        ("abs( won )", "won"),
    ],
)
def test_a_part_has_the_unit_of_the_one_kpi_it_is_about(text, expected):
    assert find_unit_code(text, NAMES) == expected
