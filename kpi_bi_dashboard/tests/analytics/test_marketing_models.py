"""Costs of customers, funnels, and what may be said of budgets."""

import numpy as np
import pytest

from ...analytics.data_models.acquisition import find_acquisition
from ...analytics.data_models.budget import (
    advise,
    carried,
    count_experiment_periods,
    saturate,
)
from ...analytics.data_models.customer_margin import MonthlyMargins
from ...analytics.data_models.marketing_models import (
    acquisition_costs,
    build_funnel,
    payback_months,
    rate_steps,
)
from ...analytics.data_models.purchases import gather
from .public_data import needs_data, read_rows

NAN = np.nan
CHANNELS = ("tv_S", "ooh_S", "print_S", "facebook_S", "search_S")


def test_costs_blended_and_paid():
    blended, paid, ads, mail, word = acquisition_costs(
        {"ads": 900, "mail": 50, "": 50}, {"ads": 9, "word": 41}
    )
    assert (blended.spend, blended.customers, blended.cost) == (1000, 50, 20)
    assert (paid.spend, paid.customers) == (1000, 9)
    assert (ads.channel, ads.cost) == ("ads", 100)
    # no new customer: there is no cost of one, rather than 0
    assert (mail.cost, word.cost) == (None, 0)


def test_customers_are_followed_as_long_as_half_of_them_are():
    # 3 customers of January 2024 who bring 100 a month, 5 of January 2025 who bring 10
    months = np.arange("2024-01", "2026-01", dtype="datetime64[M]")
    rows = [
        (customer, month.astype("datetime64[D]"), 100 if customer < 3 else 10)
        for customer in range(8)
        for month in months[12 * (customer > 2) :]
    ]
    customers, days, amounts = map(np.array, zip(*rows, strict=True))
    purchases = gather(customers, days, amounts, amounts)
    last = np.datetime64("2025-12-31")
    found = find_acquisition(purchases, last, [("ads", last, 80)], {})
    row = found["margin"]["rows"][0]
    assert row["months"] == 12  # of the second year only three say something
    assert row["value"] == pytest.approx(12 * (3 * 100 + 5 * 10) / 8)


@pytest.mark.parametrize("seed", range(5))
def test_the_margin_curve_falls_only_by_refunds(seed):
    rng = np.random.default_rng(seed)
    count, day = 200, np.datetime64("2026-06-30")
    first = day - rng.integers(0, 900, count).astype("timedelta64[D]")
    customers = np.repeat(np.arange(count), 6)
    days = np.repeat(first, 6) + rng.integers(0, 600, 6 * count).astype(
        "timedelta64[D]"
    )
    # newer customers are larger: the mean of those who are followed longer is lower
    worth = np.repeat((first - first.min()).astype(int), 6) * 1.0
    purchases = gather(customers, days, worth, worth).until(day)
    curve = MonthlyMargins(purchases, day).accumulate()
    assert len(curve.mean) > 12
    assert (np.diff(curve.mean) >= 0).all()


def test_the_margin_curve_averages_who_has_the_month_behind_them():
    # 1 and 2 began in January, 3 in February; 2 gives 30 back in March
    rows = [
        (1, "2026-01-10", 100), (2, "2026-01-20", 80), (3, "2026-02-03", 30),
        (1, "2026-02-10", 20), (2, "2026-03-20", -30),
    ]  # fmt: skip
    customers, days, amounts = zip(*rows, strict=True)
    purchases = gather(customers, days, amounts, amounts)
    curve = MonthlyMargins(purchases, np.datetime64("2026-03-31")).accumulate()
    np.testing.assert_allclose(curve.mean, np.cumsum([210 / 3, 20 / 3, -30 / 2]))


def test_the_range_of_the_margin_curve_is_that_of_a_mean():
    # all began together: the usual interval of a mean of sums
    rng = np.random.default_rng(1)
    earned = rng.gamma(2, 50, (30, 4))
    months = np.arange("2026-01", "2026-05", dtype="datetime64[M]")
    customers, days = np.repeat(np.arange(30), 4), np.tile(months, 30)
    purchases = gather(customers, days, earned.ravel(), earned.ravel())
    curve = MonthlyMargins(purchases, np.datetime64("2026-04-30")).accumulate()
    sums = earned.cumsum(axis=1)
    np.testing.assert_allclose(curve.mean, sums.mean(axis=0))
    half = 1.96 * sums.std(axis=0, ddof=1) / 30**0.5
    np.testing.assert_allclose(curve.high - curve.mean, half)


def test_payback_follows_the_curve():
    assert payback_months(np.cumsum([60, 30, 10, 0]), 100) == 3
    assert payback_months(np.cumsum([60, 0, 0]), 100) is None
    assert payback_months(np.array([]), 0) is None


def test_a_funnel_has_one_window_for_all():
    reached = np.array([[0, 2, 5], [0, 40, 41], [0, NAN, 9], [0, NAN, NAN]])
    steps = build_funnel(["lead", "offer", "order"], reached, window_days=30)
    assert [step.count for step in steps] == [4, 2, 2]
    assert [step.rate for step in steps] == [None, 0.5, 1]


def test_a_bottleneck_is_named_only_where_it_is_clear():
    clear = rate_steps(["visit", "lead", "order"], [10000, 500, 250])
    assert [step.is_bottleneck for step in clear] == [False, True, False]
    assert clear[1].low < 0.05 < clear[1].high
    few = rate_steps(["visit", "lead", "order"], [10, 4, 2])
    assert not any(step.is_bottleneck for step in few)
    # 22% to 40% lie below the next step, but not below that of a single visit
    mixed = rate_steps(["visit", "lead", "offer", "order"], [1, 100, 30, 18])
    assert mixed[1].low < mixed[2].high < mixed[3].low
    assert not any(step.is_bottleneck for step in mixed)
    assert rate_steps(["visit", "lead"], [0, 0])[1].rate is None


def test_spend_carries_over_and_saturates():
    np.testing.assert_allclose(carried(np.array([8.0, 0, 0, 8]), 0.5), [8, 4, 2, 9])
    low, high = saturate(np.array([1.0, 10.0]), "log")
    assert low < high < 10 * low
    assert saturate(np.zeros(3), "hill").tolist() == [0, 0, 0]


@needs_data
def test_models_that_fit_as_well_disagree_on_what_a_channel_brought():
    rows = read_rows("marketing/robyn_weekly_spend.csv")
    spend = np.array([[float(row[name]) for row in rows] for name in CHANNELS])
    found = advise(CHANNELS, spend, np.array([float(row["revenue"]) for row in rows]))
    assert found.naive_error == pytest.approx(0.158, abs=0.001)
    assert found.fits[0].error == pytest.approx(0.1185, abs=0.001)
    television = [fit.shares[0] for fit in found.fits]
    assert max(television) > 2.5 * min(television)
    assert ("tv_S", "facebook_S") in found.moves
    assert ("search_S", "facebook_S") not in found.moves


def test_no_advice_without_better_models():
    rng = np.random.default_rng(2)
    spend, revenue = rng.uniform(1, 2, (2, 156)), rng.uniform(100, 200, 156)
    season = np.tile(revenue[:52], 3)  # next year is as last year
    assert advise(("a", "b"), spend, season).problem == "naive"


def test_models_that_miss_by_a_fifth_are_no_advice():
    rng = np.random.default_rng(3)
    spend = rng.uniform(0, 100, (2, 208))
    effect = saturate(carried(spend[0], 0.4), "log")
    revenue = np.maximum(100 + 300 * effect + rng.normal(0, 200, 208), 1)
    found = advise(("works", "idle"), spend, revenue)
    assert min(fit.error for fit in found.fits) > 0.2
    assert (found.problem, found.moves) == ("few", ())


@pytest.mark.parametrize("error", [0.05, 0.2])
def test_an_experiment_shows_a_tenth_in_four_of_five_cases(error):
    rng = np.random.default_rng(1)
    half = count_experiment_periods(error) // 2
    noise = rng.normal(0, error * (np.pi / 2) ** 0.5, (2, 20_000, half)).mean(axis=2)
    spread = error * (np.pi / 2) ** 0.5 * (2 / half) ** 0.5
    found = (0.1 + noise[0] - noise[1]) / spread > 1.96
    assert 0.78 < found.mean() < 0.95


def test_a_known_effect_is_found():
    rng = np.random.default_rng(11)
    spend = rng.uniform(0, 100, (2, 208))
    revenue = (
        1000 + 300 * saturate(carried(spend[0], 0.4), "log") + rng.normal(0, 10, 208)
    )
    found = advise(("works", "idle"), spend, revenue)
    assert found.moves == (("idle", "works"),)
    assert found.fits[0].error < found.naive_error
