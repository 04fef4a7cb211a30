import numpy as np
import pytest

from ...engine.due import due_share, elapsed_ratios
from ...engine.status import StatusError
from .due_table import read_due_cases

NAN = np.nan
CASES = read_due_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.note)
def test_case(case):
    elapsed = elapsed_ratios([case.period], case.today)
    share = due_share(elapsed, case.aggregation == "sum")
    assert share == pytest.approx([case.share], abs=1e-15)
    target = NAN if case.target is None else case.target
    due = NAN if case.due is None else case.due
    assert target * share == pytest.approx([due], nan_ok=True)


def test_kpis_of_many_kinds_in_many_periods():
    found = due_share([1.0, 0.25], [[True], [False]])
    np.testing.assert_array_equal(found, [[1, 0.25], [1, 1]])


@pytest.mark.parametrize("ratio", [-0.1, 1.1])
def test_an_elapsed_share_outside_0_to_1_is_refused(ratio):
    with pytest.raises(StatusError, match="from 0 to 1"):
        due_share(ratio, True)
