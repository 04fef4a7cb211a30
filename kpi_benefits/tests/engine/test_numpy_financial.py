"""Our figures beside those of numpy-financial, which counts in the same way."""

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...engine.appraisal import RateStep, find_returns, present_value

AMOUNTS = st.floats(1, 1e6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 0.3))
def test_present_value(flows, rate):
    found = present_value(flows, (RateStep(1, rate),))
    assert found == pytest.approx(npf.npv(rate, flows), rel=1e-9, abs=1e-6)


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=20))
def test_return_where_the_sign_changes_once(outlay, incomes):
    flows = [-outlay, *incomes]
    (found,) = find_returns(flows)
    # Its roots are eigenvalues, which lose digits where incomes differ widely.
    assert found == pytest.approx(npf.irr(flows), rel=1e-6, abs=1e-9)
    parts = [flow / (1 + found) ** year for year, flow in enumerate(flows)]
    assert abs(sum(parts)) < 1e-9 * sum(map(abs, parts))
