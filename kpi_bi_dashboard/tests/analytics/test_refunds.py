"""Purchases that are given back later: as if they had not been, and net elsewhere."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...analytics.cohort_analysis.cohort_analyzer import (
    build_cohorts,
    gross_revenue_retention,
)
from ...analytics.data_models.acquisition import find_acquisition
from ...analytics.data_models.customer_models import (
    describe_customers,
    kept_and_churned,
)
from ...analytics.data_models.lifetime_value import build_history
from ...analytics.data_models.purchase_backtest import count_purchases
from ...analytics.data_models.purchases import gather
from .public_data import cdnow, needs_data

NAN = math.nan
END = np.datetime64("2026-03-31")


@pytest.mark.parametrize(
    ("amounts", "nets"),
    [
        ([50, -50], [NAN, NAN]),
        ([50, 30, -50], [NAN, 30, NAN]),  # the one that comes to as much
        ([50, 30, -10], [50, 20, NAN]),  # else the latest one
        ([50, 30, -40], [40, NAN, NAN]),  # and the one before it
        ([50, -80], [NAN, NAN]),  # more than was bought
        ([-20, 30], [NAN, 30]),  # of a purchase before the first one known
        ([30, 30, -30, 30], [30, NAN, NAN, 30]),
        ([0, 5, -5], [0, NAN, NAN]),  # what is free is bought
    ],
)
def test_what_is_left_of_purchases(amounts, nets):
    days = np.arange("2026-01-01", "2026-02-01", dtype="datetime64[D]")[: len(amounts)]
    found = gather(np.ones(len(amounts), int), days, np.array(amounts, float))
    np.testing.assert_allclose(found.nets, nets)


def test_what_is_given_back_on_its_day_is_no_row():
    found = gather([1, 1, 2], ["2026-01-01"] * 3, [9.99, -9.99, 0])
    assert found.customers.tolist() == [2]


def _random_purchases(rng, count=300):
    customers = rng.integers(0, 40, count)
    days = np.datetime64("2024-01-01") + rng.integers(0, 780, count)
    return customers, days, rng.permutation(count) + 1.0


@given(st.integers(0, 10_000))
def test_a_purchase_that_is_given_back_leaves_no_trace(seed):
    rng = np.random.default_rng(seed)
    customers, days, amounts = _random_purchases(rng)
    plain = gather(customers, days, amounts)
    # of customers who are known, and of others, on other days
    who = np.concatenate([rng.integers(0, 40, 10), np.arange(100, 105)])
    bought = np.datetime64("2023-12-01") + rng.permutation(30)[:15]
    back = np.datetime64("2026-02-20") + np.arange(15)
    worth = 10_000.0 + np.arange(15)
    refunded = gather(
        np.concatenate([customers, who, who]),
        np.concatenate([days, bought, back]),
        np.concatenate([amounts, worth, -worth]),
    )
    for one, other in (
        (describe_customers(plain, END), describe_customers(refunded, END)),
        (build_history(plain, END), build_history(refunded, END)),
    ):
        for name, values in vars(one).items():
            np.testing.assert_equal(getattr(other, name), values, err_msg=name)
    assert kept_and_churned(plain, END)[0] == kept_and_churned(refunded, END)[0]
    ours, theirs = build_cohorts(plain, END), build_cohorts(refunded, END)
    np.testing.assert_equal(theirs.customers, ours.customers)
    np.testing.assert_equal(theirs.sizes, ours.sizes)
    spend = [("Ads", np.datetime64("2026-01-05").item(), 100.0)]
    assert [
        find_acquisition(one, END, spend, {})["costs"] for one in (plain, refunded)
    ][0] == find_acquisition(refunded, END, spend, {})["costs"]


def test_a_refund_later_is_not_known_before():
    purchases = gather(
        [1, 1, 1], ["2026-01-01", "2026-02-01", "2026-03-01"], [50, 70, -70]
    )
    before, after = np.datetime64("2026-02-15"), END
    assert build_history(purchases, before).repeats.tolist() == [1]
    assert build_history(purchases, before).mean_amount.tolist() == [70]
    assert build_history(purchases, after).repeats.tolist() == [0]
    history = build_history(purchases, np.datetime64("2026-01-15"))
    start = np.datetime64("2026-01-15")
    assert count_purchases(purchases, history, start, before).tolist() == [1]
    assert count_purchases(purchases, history, start, after).tolist() == [0]


def test_amounts_of_purchases_are_net_of_refunds_of_later_months():
    purchases = gather(
        [1] * 4, ["2026-01-01", "2026-01-20", "2026-02-01", "2026-03-05"],
        [50, 80, 70, -40],
    )  # fmt: skip
    history = build_history(purchases, END)
    # 80 and 30 of 70 are left of the two later ones
    assert history.mean_amount.tolist() == [55]
    assert history.total_amount.tolist() == [160]
    cohorts = build_cohorts(purchases, END)
    np.testing.assert_allclose(cohorts.cumulative_value, [[130, 200, 160]])
    kept = gross_revenue_retention(purchases, END, cohorts)
    np.testing.assert_allclose(kept, [[1, 70 / 130, 0]])


@needs_data
def test_refunds_on_other_days_change_nothing_but_their_purchases():
    """CDNOW with every tenth repeat purchase given back 40 days later."""
    purchases, end = cdnow(), np.datetime64("1998-06-30")
    begins = np.append(True, purchases.customers[1:] != purchases.customers[:-1])
    again = np.flatnonzero(~begins & (purchases.amounts > 0))[::10]
    refunded = gather(
        np.concatenate([purchases.customers, purchases.customers[again]]),
        np.concatenate([purchases.days, purchases.days[again] + 40]),
        np.concatenate([purchases.amounts, -purchases.amounts[again]]),
    )
    kept = np.delete(np.arange(len(purchases.days)), again)
    plain = build_history(purchases.select(kept), end)
    known = refunded.until(np.datetime64("1998-08-30"))
    found = build_history(known, np.datetime64("1998-08-30"))
    assert found.repeats.sum() == pytest.approx(plain.repeats.sum(), rel=2e-3)
    assert found.customers.tolist() == plain.customers.tolist()
