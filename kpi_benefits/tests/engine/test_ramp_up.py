from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...engine.fault import BenefitError
from ...engine.history import list_levels, spread_total


@pytest.mark.parametrize(
    ("kind", "ramp", "custom", "expected"),
    [
        ("linear", 4, (), [0.125, 0.375, 0.625, 0.875, 1]),
        ("linear", 0, (), [1, 1, 1, 1, 1]),
        ("linear", 10, (), [0.05, 0.15, 0.25, 0.35, 0.45]),
        # ∫(3t² − 2t³) over each half: 1/8 − 1/32 = 3/32, then 13/32; times 2
        ("s_curve", 2, (), [0.1875, 0.8125, 1, 1, 1]),
        ("custom", 9, (0.1, 0.5), [0.1, 0.5, 0.5, 0.5, 0.5]),
        ("custom", 0, (0, 1.2, 1, 1, 1, 7), [0, 1.2, 1, 1, 1]),
    ],
)
def test_levels(kind, ramp, custom, expected):
    np.testing.assert_allclose(list_levels(kind, ramp, 5, custom), expected)


@pytest.mark.parametrize("kind", ["linear", "s_curve"])
def test_half_of_the_ramp_up_is_lost(kind):
    """Both curves are symmetric: as much as a benefit that starts in the middle."""
    assert list_levels(kind, 12, 24).sum() == pytest.approx(18)


@pytest.mark.parametrize(
    ("kind", "ramp", "custom"),
    [
        ("linear", -1, ()),
        ("sudden", 1, ()),
        ("custom", 1, ()),
        ("custom", 1, (-0.1,)),
        ("custom", 1, (float("nan"),)),
    ],
)
def test_what_is_no_curve_is_refused(kind, ramp, custom):
    with pytest.raises(BenefitError):
        list_levels(kind, ramp, 3, custom)


@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.integers(1, 36),
    st.sampled_from(["linear", "s_curve"]),
)
def test_amounts_of_periods_add_up(total, ramp, kind):
    parts = spread_total(total, list_levels(kind, ramp, 36), Decimal("0.01"))
    assert sum(parts) == total
    assert all(part * total >= 0 for part in parts)


def test_a_benefit_without_any_size_is_refused():
    with pytest.raises(BenefitError):
        spread_total(Decimal(5), np.zeros(3), Decimal("0.01"))
