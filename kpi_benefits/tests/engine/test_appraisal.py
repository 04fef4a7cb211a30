import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...engine.appraisal import (
    RateStep,
    appraise,
    find_payback,
    find_returns,
    list_factors,
    present_value,
)
from ...engine.fault import BenefitError

FLOWS = (-100_000, 30_000, 40_000, 50_000, 50_000)
COSTS, BENEFITS = (100_000, 0, 0, 0, 0), (0, 30_000, 40_000, 50_000, 50_000)
AMOUNTS = st.floats(1, 1e4)
RATES = (RateStep(1, 0.035),)
GREEN_BOOK = (RateStep(1, 0.035), RateStep(31, 0.03), RateStep(76, 0.025))


def test_figures_of_a_project():
    found = appraise(COSTS, BENEFITS, RATES)
    assert round(found.npv, 2) == 54_995.18
    assert round(found.bcr, 6) == 1.549952
    assert round(found.irr, 8) == 0.22771945
    assert found.payback_years == pytest.approx(2.6)


def test_a_disbenefit_lowers_benefits_and_is_no_cost():
    found = appraise((100, 0), (-20, 207), (RateStep(1, 0.035),))
    assert found.bcr == pytest.approx((-20 + 200) / 100)
    assert found.npv == pytest.approx(80)


def test_rates_of_the_green_book_act_on_what_those_before_left():
    factors = list_factors(GREEN_BOOK, 127)
    assert factors[0] == 1
    assert round(factors[1], 6) == 0.966184
    assert round(factors[30], 6) == round(1.035**-30, 6)
    assert round(factors[31], 6) == 0.345901
    assert factors[76] == pytest.approx(1.035**-30 * 1.03**-45 / 1.025)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (RateStep(2, 0.03),),
        (RateStep(1, 0.03), RateStep(1, 0.02)),
        (RateStep(1, -1.0),),
        (RateStep(1, float("nan")),),
    ],
)
def test_rates_with_gaps_are_refused(steps):
    with pytest.raises(BenefitError):
        list_factors(steps, 3)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        (FLOWS, [0.22771945]),
        ((-100, 230, -132), [0.1, 0.2]),  # numpy-financial says 0.1 only
        ((100, 50), []),
        ((-100, -50), []),
        ((-1, 2, -2), []),  # two changes of sign, no return at all
        ((-1, 2.2, -1.21), [0.1]),  # both fall together: 1/1.1 twice
        ((0, 0, -100, 110, 0), [0.1]),
        ((-100, 50), [-0.5]),
        ((0, 0), []),
        ((-1, 6, -11, 6), [0.0, 1.0, 2.0]),
    ],
)
def test_every_return_is_found(flows, expected):
    found = find_returns(flows)
    assert found == pytest.approx(expected, abs=1e-8)
    assert len(found) == len(expected)


def test_several_returns_are_none_to_state():
    found = appraise((100, 0, 132), (0, 230, 0), RATES)
    assert found.irr is None
    assert len(found.returns) == 2


@given(st.lists(st.integers(2, 38), min_size=1, max_size=4, unique=True))
def test_returns_that_were_built_in_are_found_again(places):
    roots = [place / 40 for place in places]
    flows = np.polynomial.polynomial.polyfromroots(roots)
    expected = sorted(1 / root - 1 for root in roots)
    assert find_returns(flows) == pytest.approx(expected, rel=1e-6)


@given(
    st.lists(AMOUNTS, min_size=1, max_size=5),
    st.lists(AMOUNTS, min_size=1, max_size=40),
)
def test_at_its_only_return_a_project_is_worth_nothing(outlays, incomes):
    flows = [-amount for amount in outlays] + incomes
    (rate,) = find_returns(flows)
    factors = (1 + rate) ** -np.arange(len(flows), dtype=float)
    assert abs(np.dot(flows, factors)) <= 1e-9 * np.dot(np.abs(flows), factors)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        (FLOWS, 2.6),
        ((-100, 100), 1.0),
        ((-100, 99), None),
        ((10, 20), 0.0),
        ((-100, 150, -100, 100), 2.5),  # earned back, and spent again
        ((-100, 0, 0, 400), 2.25),
    ],
)
def test_payback(flows, expected):
    assert find_payback(flows) == (
        expected if expected is None else pytest.approx(expected)
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e300])
def test_what_is_no_amount_is_refused(bad):
    for function in (find_returns, find_payback):
        with pytest.raises(BenefitError):
            function([-1, bad])
    with pytest.raises(BenefitError):
        present_value([], RATES)


def test_no_cost_has_no_ratio():
    assert appraise((0, 0), (5, 5), RATES).bcr is None


def test_noise_of_floats_is_no_flow():
    """0.1 + 0.2 − 0.3 is not 0 in floats, nor is 0.7 − 7 · 0.1."""
    noise = 0.1 + 0.2 - 0.3
    assert find_payback([-0.7] + 7 * [0.1]) == pytest.approx(7)
    assert find_returns([-100.0, 110.0, -noise]) == pytest.approx((0.1,))
