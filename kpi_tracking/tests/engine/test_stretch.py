import numpy as np
import pytest

from ...engine.status import is_stretch_reached


@pytest.mark.parametrize(
    ("value", "stretch", "direction", "is_final", "expected"),
    [
        (110, 110, "higher", False, True),
        (109.99, 110, "higher", True, False),
        (9, 10, "lower", True, True),
        (9, 10, "lower", False, False),  # it may still grow beyond
        (5, 10, "range", True, False),  # a range has no stretch
        (np.nan, 10, "higher", True, False),
        (10, np.nan, "lower", True, False),
    ],
)
def test_stretch(value, stretch, direction, is_final, expected):
    reached = is_stretch_reached([value], [stretch], direction, [is_final])
    assert reached.tolist() == [expected]
