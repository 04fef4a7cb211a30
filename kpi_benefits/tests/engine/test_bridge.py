from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...engine.bridge import build_bridge, share_product
from ...engine.fault import BenefitError

PLAN, ACTUAL = ("50", "1000", "0.8", "0.6"), ("45", "1100", "0.6", "0.6")
FACTORS = ("rate", "volume", "adoption", "attribution")
NUMBERS = st.decimals(-1000, 1000, places=3)
MONEY = st.decimals(-(10**9), 10**9, places=2)


def pairs(plan, actual):
    numbers = [map(Decimal, each) for each in (plan, actual)]
    return dict(zip(FACTORS, zip(*numbers, strict=True), strict=True))


def test_the_worked_example():
    found = build_bridge(
        Decimal(24_000), Decimal(24_000), Decimal(17_820), pairs(PLAN, ACTUAL)
    )
    assert dict(found.effects) == {
        "rate": Decimal(-2200),
        "volume": Decimal(2000),
        "adoption": Decimal(-5980),
        "attribution": Decimal(0),
    }
    assert (found.timing, found.unexplained) == (0, 0)


def test_timing_comes_first_and_the_rest_is_unexplained():
    factors = {"rate": (Decimal(50), Decimal(45))}
    found = build_bridge(Decimal(1000), Decimal(700), Decimal(600), factors)
    assert found.timing == -300
    assert found.effects["rate"] == -5
    assert found.unexplained == -95


def test_without_factors_nothing_is_explained_but_timing():
    found = build_bridge(Decimal(10), Decimal(8), Decimal(7), {})
    assert (found.timing, dict(found.effects), found.unexplained) == (-2, {}, -1)


def test_thirds_of_a_cent_add_up():
    one = (Decimal("0.1"), Decimal("0.3"))
    found = build_bridge(
        Decimal(0),
        Decimal(0),
        Decimal("0.03"),
        {"rate": one, "volume": one, "adoption": one},
    )
    assert sorted(found.effects.values()) == [Decimal("0.01")] * 3


def test_a_cent_goes_to_the_largest_remainder():
    factors = {
        "rate": (Decimal("0.1"), Decimal("0.3")),  # 0.202
        "volume": (Decimal(1), Decimal("1.02")),  # 0.004
    }
    found = build_bridge(Decimal(0), Decimal(0), Decimal("0.21"), factors)
    assert dict(found.effects) == {"rate": Decimal("0.20"), "volume": Decimal("0.01")}


@given(MONEY, MONEY, MONEY, st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4))
def test_all_parts_add_up_to_the_cent(planned, shifted, realised, numbers):
    factors = dict(zip(FACTORS, numbers, strict=False))
    found = build_bridge(planned, shifted, realised, factors)
    parts = (found.timing, *found.effects.values(), found.unexplained)
    assert found.planned + sum(parts) == found.realised


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=4))
def test_shares_add_up_and_what_did_not_change_has_none(numbers):
    shares = share_product(numbers)
    before = after = Fraction(1)
    for first, second in numbers:
        before, after = before * Fraction(first), after * Fraction(second)
    assert sum(shares) == after - before
    for (first, second), share in zip(numbers, shares, strict=True):
        assert first != second or share == 0


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=4))
def test_the_order_of_factors_changes_nothing(numbers):
    assert share_product(numbers[::-1]) == share_product(numbers)[::-1]


def test_what_is_no_number_is_refused():
    with pytest.raises(BenefitError):
        build_bridge(Decimal(1), Decimal("NaN"), Decimal(1), {})
