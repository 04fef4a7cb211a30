import pytest

from ...engine.progress import measure_progress


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((120, 100, "higher"), 20),
        ((120, 100, "lower"), -20),
        ((-50, -100, "higher"), 50),  # of the size of a negative value
        ((5, 0, "higher"), 0),  # no percentage of zero
        ((120, 100, "range"), 0),  # nearer to or farther from what is good?
        ((120, 100, "higher", 80, 95), -15),  # targets count, not the value
        ((5, 0, "range", 90, -40), 90),  # an achievement counts from 0 % on
        ((120, 100, "higher", 80, None), 20),  # one target says nothing of both
        ((1e9, 1, "higher"), 999),
        ((1e9, 1, "lower"), -999),
    ],
)
def test_progress(arguments, expected):
    assert measure_progress(*arguments) == pytest.approx(expected)
