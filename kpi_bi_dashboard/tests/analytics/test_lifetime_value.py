"""Fits against published parameters, and on data that have none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...analytics.data_models.lifetime_value import (
    AmountModel,
    BuyingHistory,
    PurchaseModel,
    build_history,
    discounted_value,
    fit_amounts,
    fit_purchases,
    fit_retention,
)
from ...analytics.data_models.purchase_backtest import back_test
from ...analytics.data_models.purchases import gather
from .public_data import cdnow, needs_data, read_rows

END = np.datetime64("1997-09-30")
# of Fader, Hardie & Lee 2005 (table 2) and of note 025
PUBLISHED = PurchaseModel(0.243, 4.414, 0.793, 2.426, -9582.4, 0)
AMOUNTS = AmountModel(6.25, 3.74, 15.44, -4055.9, 0, 0.114)


def _history(repeats, recency, age, mean_amount=None):
    count = len(repeats)
    mean = np.full(count, np.nan) if mean_amount is None else np.array(mean_amount)
    arrays = [np.asarray(one, dtype=float) for one in (repeats, recency, age)]
    return BuyingHistory(np.arange(count), *arrays, mean, np.zeros(count))


@needs_data
def test_bg_nbd_is_the_published_one_on_the_sample_of_the_paper():
    rows = read_rows("transactions/cdnow_sample_rfm_reference.csv")
    names = "frequency", "recency", "T"
    history = _history(*([float(row[name]) for row in rows] for name in names))
    model = fit_purchases(history)
    found = [model.r, model.alpha, model.a, model.b, model.log_likelihood]
    published = [0.24259, 4.41353, 0.79289, 2.42575, -9582.4256]
    np.testing.assert_allclose(found, published, rtol=2e-5)
    assert not model.problem


@needs_data
def test_all_customers_have_the_parameters_that_others_find():
    history = build_history(cdnow(), END)
    assert (len(history.customers), (history.repeats > 0).sum()) == (23570, 9451)
    model = fit_purchases(history)
    found = [model.r, model.alpha, model.a, model.b]
    np.testing.assert_allclose(found, [0.25162, 4.7890, 0.7234, 2.1611], rtol=1e-4)
    assert model.log_likelihood == pytest.approx(-95368.44, abs=0.01)
    amounts = fit_amounts(history)  # of the 9,450 that paid something
    found = [amounts.p, amounts.q, amounts.gamma, amounts.mean]
    np.testing.assert_allclose(found, [6.2754, 3.6245, 14.9837, 35.83], rtol=2e-4)
    assert amounts.log_likelihood == pytest.approx(-40763.48, abs=0.01)
    assert amounts.correlation == pytest.approx(0.080, abs=0.001)


def test_what_is_expected_is_what_the_papers_say():
    known = _history([2, 0], [30.43, 0], [38.86, 38.86])
    expected = PUBLISHED.expect_purchases(known, 39)
    np.testing.assert_allclose(expected, [1.226, 0.1951], atol=5e-5)
    alive = PUBLISHED.probability_alive(known)
    np.testing.assert_allclose(alive, [0.7266, 1], atol=5e-5)
    assert PUBLISHED.expect_of_new_customer(39) == pytest.approx(1.19672, abs=1e-5)
    known = _history([2, 1, 0], [0] * 3, [0] * 3, [22.35, 11.77, np.nan])
    expected = AMOUNTS.expect_amount(known)
    np.testing.assert_allclose(expected, [24.66, 18.92, 35.22], atol=5e-3)


def test_frequent_buyers_and_long_times_stay_finite():
    often = _history([1000, 1000], [500, 3], [501, 501])
    expected = PUBLISHED.expect_purchases(often, 5000)
    assert np.isfinite(expected).all()
    # one of them stopped after three weeks
    assert expected[0] > 1000 * expected[1]


@pytest.mark.parametrize("b", [0.207, 0.2070000001])
def test_parameters_at_which_the_formula_has_only_a_limit(b):
    near = PurchaseModel(0.3, 4, 0.793, b, 0, 0).expect_of_new_customer(20)
    other = PurchaseModel(0.3, 4, 0.793, 0.2071, 0, 0).expect_of_new_customer(20)
    assert near == pytest.approx(other, rel=1e-3)
    at_one = PurchaseModel(0.3, 4, 1, 2, 0, 0).expect_of_new_customer(20)
    beside = PurchaseModel(0.3, 4, 1.0001, 2, 0, 0).expect_of_new_customer(20)
    assert at_one == pytest.approx(beside, rel=1e-3)


def _random_buyers(rng, count, can_stop):
    age = rng.uniform(100, 700, count)
    repeats = rng.poisson(rng.gamma(0.5, 1 / 50, count) * age)
    share = rng.beta(np.maximum(repeats, 1), 1)
    recency = np.where(repeats > 0, age * share, 0)
    if can_stop:
        recency *= rng.uniform(0, 1, count)
    return repeats, recency, age


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ("once", "fewer than 20"),
        ("alike", "edge"),
        ("nobody stops", "edge"),
        ("none", "fewer than 20"),
    ],
)
def test_a_fit_without_an_answer_says_why(case, problem):
    rng = np.random.default_rng(7)
    repeats, recency, age = _random_buyers(rng, 3000, can_stop=False)
    history = {
        "once": _history(np.zeros(500), np.zeros(500), age[:500]),
        "alike": _history(np.full(500, 3), np.full(500, 20), np.full(500, 40)),
        "nobody stops": _history(repeats, recency, age),
        "none": _history([], [], []),
    }[case]
    model = fit_purchases(history)
    assert problem in model.problem
    assert model.evaluations <= 1005


def test_days_and_weeks_have_the_same_fit():
    repeats, recency, age = _random_buyers(np.random.default_rng(3), 2000, True)
    days = fit_purchases(_history(repeats, recency, age))
    weeks = fit_purchases(_history(repeats, recency / 7, age / 7))
    assert days.r == pytest.approx(weeks.r, rel=1e-3)
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-3)


def test_amounts_without_a_mean_are_refused():
    rng = np.random.default_rng(1)
    mean = rng.pareto(0.5, 400) + 1  # α below 1: no mean
    model = fit_amounts(_history(np.full(400, 2), np.ones(400), np.ones(400), mean))
    assert model.problem


@pytest.mark.parametrize(
    ("shares", "alpha", "beta", "likelihood", "later"),
    [  # Fader & Hardie 2007: High End and Regular
        (
            [1, 0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491],
            0.668,
            3.806,
            -1611.16,
            [0.460, 0.436, 0.414, 0.395, 0.378],
        ),
        (
            [1, 0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241],
            0.704,
            1.182,
            -1680.27,
            None,
        ),
    ],
)
def test_retention_is_the_published_one(shares, alpha, beta, likelihood, later):
    model = fit_retention(1000 * np.array(shares))
    assert [model.alpha, model.beta] == pytest.approx([alpha, beta], abs=5e-4)
    assert model.log_likelihood == pytest.approx(likelihood, abs=0.01)
    if later:
        np.testing.assert_allclose(model.survival(12)[8:], later, atol=5e-4)


def test_retention_without_an_answer():
    assert "no customer has left" in fit_retention(np.array([9, 9, 9])).problem
    with pytest.raises(ValueError, match="two periods"):
        fit_retention(np.array([9, 8]))
    with pytest.raises(ValueError, match="none with more customers"):
        fit_retention(np.array([9, 8, 10]))


def test_later_purchases_are_worth_less():
    known = _history([2], [30.43], [38.86])
    month = 365.25 / 12 / 7
    amounts = np.array([10.0])
    value = {
        rate: discounted_value(
            PUBLISHED, known, amounts, months=24, month=month, yearly_rate=rate
        )[0]
        for rate in (0.0, 0.1)
    }
    whole = 10 * PUBLISHED.expect_purchases(known, 24 * month)[0]
    assert value[0.0] == pytest.approx(whole)
    assert value[0.0] / 1.1**2 < value[0.1] < value[0.0]


SLOW = PurchaseModel(0.05746, 0.03206, 7.0657, 4.7658, 0, 0)


@pytest.mark.parametrize(
    ("model", "repeats", "age", "time", "expected"),
    [  # eq. 10 by mpmath, 40 digits
        (SLOW, 0, 0, 52.18, 0.5758934856),
        (SLOW, 0, 0, 156.5, 0.6498344823),
        (SLOW, 0, 0.286, 52.18, 0.4062298872),
        (SLOW, 0, 0.286, 156.5, 0.4900148505),
        (SLOW, 0, 10, 52.18, 0.1326471471),
        (SLOW, 0, 10, 156.5, 0.2160570561),
        (SLOW, 1, 0, 52.18, 1.948804695),
        (SLOW, 1, 0, 156.5, 1.950008629),
    ],
)
def test_expected_purchases_where_the_series_is_slow(
    model, repeats, age, time, expected
):
    history = _history([repeats], [age], [age])
    found = model.expect_purchases(history, time) / model.probability_alive(history)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    if not repeats and not age:
        assert model.expect_of_new_customer(time) == pytest.approx(expected, rel=1e-9)


@given(
    st.lists(st.floats(-5, 5), min_size=4, max_size=4),
    st.integers(0, 200),
    st.floats(0, 300),
    st.floats(0.1, 300),
)
def test_expected_purchases_grow_and_are_no_more_than_the_rate_allows(
    logs, repeats, age, time
):
    model = PurchaseModel(*np.exp(logs), 0, 0)
    one, two = (
        model._expect(np.array([float(repeats)]), np.array([age]), span)[0]
        for span in (time, 2 * time)
    )
    # nobody stops: the mean rate (r + x) / (alpha + T)
    assert 0 < one <= two * (1 + 1e-9)
    assert one <= time * (model.r + repeats) / (model.alpha + age) * (1 + 1e-9)
    # some stop: twice the time brings less than twice as much
    assert two <= 2 * one * (1 + 1e-9)


def test_history_counts_days_not_documents():
    purchases = gather(
        np.array([7, 7, 7, 7, 8, 9, 9]),
        np.array(
            ["2026-01-05", "2026-01-05", "2026-01-19", "2026-01-26", "2026-02-09"]
            + ["2026-01-05", "2026-01-06"]
        ),
        np.array([10, 5, 0, -4, 20, 0.1, -5]),
    )
    history = build_history(purchases, np.datetime64("2026-02-02"))
    # 8 bought later; what 7 gave back on 26 January is no purchase, but revenue; 9
    # gave back all
    assert history.customers.tolist() == [7]
    assert history.repeats.tolist() == [1]
    assert history.recency.tolist() == [2]
    assert history.age.tolist() == [4]
    assert history.total_amount.tolist() == pytest.approx([11])
    assert history.mean_amount[0] == 0


@needs_data
def test_several_origins_pick_the_method_that_one_would_miss():
    found = back_test(cdnow(), np.datetime64("1998-06-30"))
    errors = np.round(100 * found.total_errors)
    assert errors[0].tolist() == [14, 5, -14, -5, 11]
    assert errors[1, 1:].tolist() == [31, -2, 11, 18]
    assert np.abs(errors[1, 2]) < np.abs(errors[0, 2])  # that origin alone errs
    assert found.best("total") == "bg_nbd"
    # who buys next is told as well by who bought last
    assert found.best("ranking") != "bg_nbd"
    low, high = found.interval("bg_nbd", 1000)
    assert low < 1000 < high
    assert 0 < found.coverage("bg_nbd") <= 1


@needs_data
@pytest.mark.parametrize(
    "day, expected, recent",
    [  # percent: from April on, new customers have been known for a month
        ("1997-04-30", 6, 23),
        ("1997-06-30", 4, 31),
        ("1997-09-30", -14, -2),
        ("1997-12-31", -6, 10),
        ("1998-03-31", 11, 18),
    ],
)
def test_looks_back_from_ends_of_months_are_as_far_off(day, expected, recent):
    quarter = 13 * 7
    cutoff = np.datetime64(day) + quarter
    found = back_test(cdnow(), cutoff, weeks=13, origins=1)
    errors = np.round(100 * found.total_errors[:2, 0])
    assert errors.tolist() == [expected, recent]


def test_a_back_test_needs_a_past():
    few = gather(np.array([1]), np.array(["2026-01-01"]), np.array([1.0]))
    with pytest.raises(ValueError, match="78 weeks"):
        back_test(few, np.datetime64("2026-06-30"))
