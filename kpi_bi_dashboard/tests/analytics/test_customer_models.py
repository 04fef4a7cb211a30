"""Figures, classes and segments of customers."""

import numpy as np
import pytest

from ...analytics.data_models.customer_models import (
    describe_customers,
    find_churn_days,
    kept_and_churned,
    migration,
    name_segments,
    rank_classes,
    tiers,
)
from ...analytics.data_models.purchases import gather
from .public_data import cdnow, needs_data

NONE = np.array([])


def _purchases(*rows, margins=None):
    customers, days, amounts = zip(*rows, strict=True) if rows else ((), (), ())
    return gather(
        np.array(customers, int),
        np.array(days, "datetime64[D]"),
        np.array(amounts, float),
        margins,
    )


def test_purchases_of_a_day_are_one_and_cents_add_up():
    found = _purchases(
        (1, "2026-01-01", 0.1), (1, "2026-01-01", 0.2), (1, "2026-01-01", -0.1),
        (2, "2026-01-01", 0.1), (2, "2026-01-01", 0.2), (2, "2026-01-01", -0.3),
        (3, "2026-01-01", 0),
    )  # fmt: skip
    assert found.customers.tolist() == [1, 3]
    assert found.amounts.tolist() == [0.2, 0]
    assert found.is_purchase.tolist() == [True, True]
    with pytest.raises(ValueError, match="as many"):
        gather(np.array([1]), np.array([], "datetime64[D]"), np.array([1.0]))
    with pytest.raises(ValueError, match="finite"):
        _purchases((1, "2026-01-01", np.inf))


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        ([1, 1, 1, 1, 5], [2, 2, 2, 2, 5]),  # ties are together, by their middle
        ([7, 7], [3, 3]),
        ([0.1 + 0.2, 0.3], [3, 3]),  # compared in cents
        ([], []),
    ],
)
def test_classes_are_fifths_in_which_equal_values_are_together(values, classes):
    assert rank_classes(np.array(values)).tolist() == classes


@pytest.mark.parametrize("once", [0, 50, 5000])
def test_segments_do_not_depend_on_how_many_bought_once(once):
    rng = np.random.default_rng(5)
    rows = []
    for customer in range(200):
        days = np.cumsum(rng.integers(1, 60, rng.integers(2, 9)))
        rows += [(customer, np.datetime64("2025-01-01") + day, 10) for day in days]
    alone = [
        (1000 + one, np.datetime64("2025-01-01") + rng.integers(0, 360), 10)
        for one in range(once)
    ]
    end = np.datetime64("2026-05-31")
    plain, found = (
        describe_customers(_purchases(*r), end) for r in (rows, rows + alone)
    )
    assert found.segment[:200].tolist() == plain.segment.tolist()
    assert {*found.segment[200:]} == ({"one_time"} if once else set())
    assert np.isnan(found.rfm[200:]).all()


@pytest.mark.parametrize(
    ("classes", "churned", "segment"),
    [
        ((5, 5), False, "champion"),
        ((5, 5), True, "at_risk"),  # loyal once: who has churned is not recent
        ((3, 4), False, "loyal"),
        ((3, 4), True, "at_risk"),
        ((2, 4), False, "at_risk"),
        ((4, 3), False, "promising"),
        ((4, 3), True, "hibernating"),
        ((3, 1), True, "hibernating"),
        ((2, 1), True, "hibernating"),
        ((1, 1), True, "lost"),
    ],
)
def test_who_has_churned_is_not_recent(classes, churned, segment):
    rfm = np.array([[*classes, 3.0]])
    named = name_segments(rfm, np.array([False]), np.array([churned]))
    assert named.tolist() == [segment]


def test_loyal_customers_who_all_left_are_at_risk():
    rows = [(one, f"2024-{month:02}-1{one}", 5) for one in range(9) for month in (3, 5)]
    rows += [(0, f"2024-{month:02}-20", 5) for month in range(6, 13)]
    found = describe_customers(_purchases(*rows), np.datetime64("2025-12-31"))
    assert {*found.churn_state} == {"churned"}
    assert found.segment[0] == "at_risk"


def test_all_alike_are_neither_champions_nor_lost():
    rows = [(one, f"2025-{month:02}-10", 5) for one in range(9) for month in (3, 5, 7)]
    found = describe_customers(_purchases(*rows), np.datetime64("2025-10-31"))
    assert {*found.segment} == {"needs_attention"}


def test_new_is_who_began_within_a_usual_pause():
    rows = [(1, "2025-01-01", 5), (1, "2025-01-31", 5), (1, "2025-03-02", 5)]
    rows += [(2, "2025-05-02", 5), (3, "2025-05-01", 5), (4, "2025-05-20", 5)]
    rows += [(4, "2025-05-25", 5)]  # pauses of 30, 30 and 5 days
    found = describe_customers(_purchases(*rows), np.datetime64("2025-06-01"))
    assert found.segment.tolist()[1:] == ["new", "one_time", "new"]
    # before a customer came back, none is late
    found = describe_customers(_purchases(*rows[3:6]), np.datetime64("2025-06-01"))
    assert {*found.segment} == {"new"}


@needs_data
@pytest.mark.parametrize("day", ["1997-03-31", "1997-09-30", "1998-06-30"])
def test_who_bought_once_is_no_champion(day):
    found = describe_customers(cdnow(), np.datetime64(day))
    once = found.frequency == 1
    assert {*found.segment[once]} <= {"new", "one_time"}
    assert {*found.segment[~once]} >= {"champion", "loyal", "at_risk", "lost"}
    assert (found.segment == "champion").sum() < 0.3 * (~once).sum()


@needs_data
def test_revenue_of_all_customers_is_that_of_the_file():
    figures = describe_customers(cdnow(), np.datetime64("1998-06-30"))
    assert round(figures.monetary.sum(), 2) == 2500315.63


def test_states_and_segments():
    monthly = [(1, f"2025-{month:02}-10", 100) for month in range(1, 13)]
    stopped = [(2, f"2025-{month:02}-10", 100) for month in range(1, 5)]
    old = [(3, "2023-03-01", 50), (3, "2023-05-01", 50)]
    new = [(4, "2025-12-20", 10)]
    rows = monthly + stopped + old + new
    figures = describe_customers(_purchases(*rows), np.datetime64("2025-12-31"))
    assert figures.churn_state.tolist() == ["new", "new", "churned", "new"]
    assert figures.recency_days.tolist() == [21, 265, 975, 11]
    assert figures.segment.tolist() == ["champion", "needs_attention", "lost", "new"]
    assert np.isnan(figures.rfm).any(axis=1).tolist() == [False] * 3 + [True]
    assert np.isnan(figures.margin).all()


def _buyers(stops, seed=0):
    """80 customers who buy every week or two of 2024 and 2025. A quarter of them pause
    for seven weeks once in each half year, and then continue, or do not."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(80):
        half_year = int(rng.integers(4)) if customer % 4 == 0 else -1
        day, has_paused = 0, -1
        while day < 730:
            rows.append((customer, np.datetime64("2024-01-01") + day, 10))
            day += int(rng.integers(5, 16))
            ends = 182 * (1 + has_paused + 1)
            if customer % 4 == 0 and day > ends - 40 and has_paused < 2:
                if stops and has_paused + 1 >= half_year:
                    break
                day, has_paused = day + 49, has_paused + 1
    return _purchases(*rows)


@pytest.mark.parametrize(("stops", "is_used"), [(True, True), (False, False)])
def test_slowing_down_is_said_only_where_it_has_come_true(stops, is_used):
    purchases = _buyers(stops)
    silent = [(900, f"2025-{month:02}-05", 10) for month in range(3, 11)]
    rows = zip(purchases.customers, purchases.days, purchases.amounts, strict=True)
    purchases = _purchases(*rows, *silent)
    figures = describe_customers(purchases, np.datetime64("2025-12-30"))
    assert ("slowing" in figures.churn_state) == is_used


def test_random_pauses_are_no_sign():
    # who buys at a steady rate by chance comes back after a long pause, too
    rng = np.random.default_rng(3)
    days = np.cumsum(rng.exponential(25, (150, 60)), axis=1).astype(int)
    customers = np.repeat(np.arange(150), 60)
    rows = days.ravel() < 900
    purchases = gather(
        customers[rows],
        np.datetime64("2024-01-01") + days.ravel()[rows],
        np.full(rows.sum(), 10.0),
    )
    figures = describe_customers(purchases, np.datetime64("2026-06-18"))
    assert "slowing" not in figures.churn_state


def test_churned_is_known_before_a_year_is_over():
    # 30 who buy every ten days since February; 5 of them stopped in March
    rows = [
        (customer, np.datetime64("2025-02-01") + 10 * number, 10)
        for customer in range(30)
        for number in range(5 if customer < 5 else 24)
    ]
    purchases = _purchases(*rows)
    day = np.datetime64("2025-09-30")
    assert find_churn_days(purchases, day) == 90
    figures = describe_customers(purchases, day)
    assert (figures.churn_state == "churned").tolist() == [True] * 5 + [False] * 25
    # of a young company nothing is known yet, with a year of purchases it is a year
    assert find_churn_days(_purchases(*rows[:5]), day) == 365
    assert find_churn_days(purchases, np.datetime64("2026-02-10")) == 365


def test_refunds_above_sales():
    figures = describe_customers(
        _purchases(
            (1, "2026-01-01", 10), (1, "2026-01-09", -25), (2, "2026-01-05", 5),
            (3, "2025-12-20", -9), (3, "2026-01-05", 4),
        ),
        np.datetime64("2026-01-31"),
    )  # fmt: skip
    # 1 has nothing left; 3 gave back what was bought before the first day
    assert figures.customers.tolist() == [2, 3]
    assert figures.monetary.tolist() == [5, -5]
    assert figures.frequency.tolist() == [1, 1]
    assert figures.tier.tolist() == ["A", "C"]


def test_nobody_bought():
    figures = describe_customers(_purchases(), np.datetime64("2026-01-31"))
    assert len(figures.customers) == len(figures.segment) == len(figures.tier) == 0


def test_tiers_are_by_cumulated_revenue():
    amounts = np.array([50.0, 30, 15, 4, 1, 0, -5])
    assert tiers(amounts).tolist() == ["A", "A", "B", "C", "C", "C", "C"]
    assert tiers(np.array([10.0] * 5)).tolist() == ["A"] * 5  # as much, the same tier


def test_migration_counts_who_came_and_went():
    counts = migration(
        {1: "loyal", 2: "loyal", 3: "lost"},
        {1: "loyal", 2: "lost", 4: "loyal"},
        ["loyal", "lost"],
    )
    assert counts.tolist() == [[1, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_kept_customers_and_their_revenue():
    before = [(1, "2024-03-01", 100), (2, "2024-06-01", 50), (3, "2024-09-01", 50)]
    now = [(1, "2025-03-01", 150), (2, "2025-06-01", 20), (4, "2025-06-01", 900)]
    early = [(9, "2023-01-01", 1)]
    day = np.datetime64("2025-12-31")
    churn, net, gross = kept_and_churned(_purchases(*early, *before, *now), day)
    assert churn == pytest.approx(1 / 3)
    assert net == pytest.approx(170 / 200)
    assert gross == pytest.approx(120 / 200)
    # 24 months are needed
    assert kept_and_churned(_purchases(*before, *now), day) == (None, None, None)
    assert kept_and_churned(_purchases(), day) == (None, None, None)
