import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...engine.round_number import find_round_number


@pytest.mark.parametrize(
    ("level", "beyond", "expected"),
    [
        (0.8734, 0.81, 0.87),
        (0.8734, 0.6, 0.8),
        (0.87, 0.8699, 0.87),
        (123.4, 100.0, 120.0),
        (123.4, 130.1, 130.0),
        (-12.5, -20.0, -13.0),  # −20 would be too far
        (0.0, -1.0, 0.0),
        (0.05, -1.0, 0.0),
    ],
)
def test_the_fewest_digits_in_a_gap(level, beyond, expected):
    assert find_round_number(level, beyond) == pytest.approx(expected)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_it_stays_within_the_gap(level, beyond):
    if abs(level - beyond) > 1e-6:
        number = find_round_number(level, beyond)
        assert beyond < number <= level or level <= number < beyond
