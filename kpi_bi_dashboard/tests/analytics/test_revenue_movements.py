"""Movements of revenue between months."""

import numpy as np
import pytest

from ...analytics.data_models.purchases import gather
from ...analytics.data_models.revenue_movements import MOVEMENTS, find_movements


def _purchases(*rows):
    return gather(*map(list, zip(*rows, strict=True))) if rows else gather([], [], [])


def test_each_customer_is_in_one_movement_of_a_month():
    purchases = _purchases(
        (1, "2026-01-05", 100), (1, "2026-02-05", 150), (1, "2026-03-05", 120),
        (2, "2026-01-20", 80), (2, "2026-03-02", 80),
        (3, "2026-02-10", 30),
        (4, "2026-04-01", 999),  # the month is not over
    )  # fmt: skip
    found = find_movements(purchases, np.datetime64("2026-04-15"))
    assert found.months.astype(str).tolist() == ["2026-01", "2026-02", "2026-03"]
    assert found.before.tolist() == [0, 180, 180]
    assert found.after.tolist() == [180, 180, 200]
    assert {name: one.tolist() for name, one in found.amounts.items()} == {
        "new": [180, 30, 0],
        "reactivated": [0, 0, 80],
        "expansion": [0, 50, 0],
        "contraction": [0, 0, -30],
        "churned": [0, -80, -30],
    }
    assert found.customers["churned"].tolist() == [0, 1, 1]
    assert found.repeated == pytest.approx(530 / 560)
    assert found.has_repeat_business


@pytest.mark.parametrize("seed", range(4))
def test_movements_add_up_also_with_refunds(seed):
    rng = np.random.default_rng(seed)
    count = 900
    purchases = gather(
        rng.integers(0, 80, count),
        np.datetime64("2024-01-01") + rng.integers(0, 760, count),
        np.round(rng.normal(60, 60, count), 2),
    )
    found = find_movements(purchases, np.datetime64("2025-12-31"))
    assert len(found.months) == 12
    moved = sum(found.amounts[name] for name in MOVEMENTS)
    np.testing.assert_allclose(found.before + moved, found.after, atol=0.01)
    np.testing.assert_allclose(found.before[1:], found.after[:-1], atol=0.01)


def test_customers_who_buy_once_are_no_repeat_business():
    rows = [(n, f"2026-0{1 + n % 5}-03", 10) for n in range(40)]
    assert not find_movements(
        _purchases(*rows), np.datetime64("2026-05-31")
    ).has_repeat_business
    nothing = find_movements(_purchases(), np.datetime64("2026-05-31"))
    assert not nothing.has_repeat_business
    assert nothing.after.sum() == 0
