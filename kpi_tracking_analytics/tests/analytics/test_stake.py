"""What is at stake in a period, and small counts, of which nothing is unusual."""

import numpy as np
import pytest

from odoo.addons.kpi_tracking.engine.targets import Targets

from ...analytics.anomaly import KINDS, Detection
from ...analytics.forecast import NumberKind
from ...analytics.judged import FEW, measure_stake, pass_over_few

NAN = np.nan
SPIKE, LEVEL = KINDS.index("spike"), KINDS.index("level_shift")

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(
    ("mean", "direction", "numbers", "expected"),
    [
        (60, "higher", {"target": 100}, 40),
        (120, "higher", {"target": 100}, 0),
        (125, "lower", {"target": 100}, 25),
        (80, "lower", {"target": 100}, 0),
        (3, "range", {"low": 4, "high": 7}, 1),
        (9, "range", {"low": 4, "high": 7}, 2),
        (5, "range", {"low": 4, "high": 7}, 0),
        (9, "range", {"high": 7}, 2),
        (9, "range", {"low": 4}, 0),
        (60, "higher", {}, NAN),  # no target, nothing at stake
        (5, "range", {}, NAN),
        (NAN, "higher", {"target": 100}, NAN),
    ],
)
def test_at_stake_is_what_is_missing(mean, direction, numbers, expected):
    targets = Targets.empty(1, 2)
    for name, number in numbers.items():
        getattr(targets, name)[0, 0] = number
    found = measure_stake(np.array([float(mean)]), targets, np.array([direction]))
    np.testing.assert_array_equal(found, [expected])


@pytest.mark.parametrize(
    ("value", "usual", "kind", "expected"),
    [
        (3, 0.4, NumberKind.COUNT, 0),
        (FEW - 1, FEW - 1, NumberKind.COUNT, 0),
        (FEW, 0.4, NumberKind.COUNT, SPIKE),  # now there are some
        (0, FEW, NumberKind.COUNT, SPIKE),  # there were some
        (3, 0.4, NumberKind.BY_HISTORY, SPIKE),  # an amount, or a rating
        (3, NAN, NumberKind.COUNT, SPIKE),  # nobody knows what is usual
        (NAN, 3, NumberKind.COUNT, SPIKE),
    ],
)
def test_of_a_few_nothing_is_unusual(value, usual, kind, expected):
    one = np.ones((1, 1))
    found = Detection(SPIKE * one.astype(int), usual * one, one, 2 * one)
    left = pass_over_few(value * one, found, np.array([kind]))
    assert left.kind.tolist() == [[expected]]
    assert left.score.tolist() == [[2.0]]


def test_a_new_level_of_a_few_is_nothing_unusual_either():
    values = np.array([[1.0, 4, 4, 4], [10, 40, 40, 40]])
    kind = np.array([[0, SPIKE, SPIKE, LEVEL]] * 2)
    expected = np.array([[1.0] * 4, [10.0] * 4])
    found = Detection(kind, expected, np.ones((2, 4)), np.full((2, 4), 3.0))
    left = pass_over_few(values, found, np.full(2, NumberKind.COUNT))
    assert left.kind.tolist() == [[0, 0, 0, 0], kind[1].tolist()]
