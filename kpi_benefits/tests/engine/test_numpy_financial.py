"""Our figures beside those of numpy-financial, which counts in the same way."""

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...engine.appraisal import find_returns, present_value
from ...engine.discounting import RateStep

AMOUNTS = st.floats(1, 1e6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 0.3))
def test_present_value(flows, rate):
    found = present_value(flows, (RateStep(1, rate),))
    assert found == pytest.approx(npf.npv(rate, flows), rel=1e-9, abs=1e-6)


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=20))
def test_return_where_the_sign_changes_once(outlay, incomes):
    flows = [-outlay, *incomes]
    (found,) = find_returns(flows)
    expected = npf.irr(flows)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
