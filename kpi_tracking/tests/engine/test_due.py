import numpy as np
import pytest

from ...engine.due import due_shares, elapsed_ratios, find_undecided
from .due_table import read_due_cases

NAN = np.nan
CASES = read_due_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.note)
def test_case(case):
    elapsed = elapsed_ratios([case.period], case.today)
    is_additive, is_lower = case.aggregation == "sum", case.direction == "lower"
    shares = due_shares(elapsed, is_additive, is_lower)
    expected = [[NAN if each is None else each] for each in (case.share, case.limit)]
    np.testing.assert_allclose(shares, expected, atol=1e-15)
    target = NAN if case.target is None else case.target
    due = NAN if case.due is None else case.due
    assert target * shares[0] == pytest.approx([due], nan_ok=True)


def test_kpis_of_many_kinds_in_many_periods():
    elapsed = np.array([[1.0, 0.25], [1.0, 0.5]])[:, None]
    found = due_shares(elapsed, [[True], [False], [True]], [[False], [False], [True]])
    np.testing.assert_array_equal(found[0], [[1, 0.25], [1, 1], [1, 0.5]])
    np.testing.assert_array_equal(found[1], [[1, 0.5], [1, 1], [1, 0.5]])


def test_what_can_still_be_reached_is_not_missed_yet():
    values = np.array([[8.0, 12.0, NAN, 8.0]])
    targets = np.array([[10.0, 10.0, 10.0, NAN]])
    found = find_undecided(values, targets, [[True]], [[False]])
    assert found.tolist() == [[True, False, False, False]]
    found = find_undecided(values, targets, [[True]], [[True]])
    assert found.tolist() == [[False, True, False, False]]
    assert not find_undecided(values, targets, [[False]], [[False]]).any()
