"""What a period may pay: differences by hand, and draws that can be foretold."""

from decimal import Decimal as D
from time import process_time

import numpy as np
import pytest

from ...engine.commission import (
    Accelerator,
    Band,
    CommissionError,
    Line,
    Part,
    Plan,
    Prospect,
    commissions,
    estimate_range,
    find_next_step,
)

CENT = D("0.01")
T = (
    Band(D(0), D(100_000), D("0.05")),
    Band(D(100_000), D(150_000), D("0.08")),
    Band(D(150_000), None, D("0.12")),
)


def plan(computation="marginal", **values):
    if computation in ("marginal", "retroactive"):
        values.setdefault("bands", T)
    return Plan(CENT, computation, **values)


def line(key, amount, **values):
    return Line(key, (Part(D(amount)),), **values)


def prospects(*pairs):
    return [
        Prospect(line(number, amount), number, chance)
        for number, (amount, chance) in enumerate(pairs)
    ]


def estimate(terms, *pairs, seed=7, draws=1000):
    found = estimate_range(terms, prospects(*pairs), np.random.default_rng(seed), draws)
    return found.p10, found.p50, found.p90


@pytest.mark.parametrize(
    "terms, own, others",
    [
        # 90,000 + 40,000: 10,000 at 5% and 30,000 at 8%; the first stays at 4,500
        (plan(), D("2900.00"), D("0.00")),
        # 8% of 40,000; the 90,000 get 8% instead of 5%: 7,200 − 4,500
        (plan("retroactive"), D("3200.00"), D("2700.00")),
        (plan("percentage", rate=D("0.1")), D("4000.00"), D("0.00")),
        # 4,500 are paid already: 500 are left of 5,000
        (plan(period_cap=D(5000)), D("500.00"), D("0.00")),
    ],
)
def test_a_deal_brings_its_own_commission_and_what_it_changes(terms, own, others):
    without = commissions(terms, [line("a", 90_000)])
    found = commissions(terms, [line("a", 90_000), line("b", 40_000)])
    assert found[1].amount == own
    assert found[0].amount - without[0].amount == others


@pytest.mark.parametrize("computation", ["marginal", "retroactive"])
def test_certain_outcomes_have_one_amount(computation):
    terms = plan(computation)
    won = sum(each.amount for each in commissions(terms, [line(0, 130_000)]))
    # 5,000 + 30,000 × 8%; 130,000 × 8%
    assert won == {"marginal": D(7400), "retroactive": D(10_400)}[computation]
    assert estimate(terms, (130_000, 1), (90_000, 0)) == (won, won, won)
    assert estimate(terms) == (0, 0, 0)


def test_one_deal_is_won_or_not():
    terms = plan("percentage", rate=D("0.1"))
    low, _middle, high = estimate(terms, (1000, 0.5))
    assert (low, high) == (D(0), D(100))
    assert estimate(terms, (1000, 0.05)) == (0, 0, 0)
    assert estimate(terms, (1000, 0.95)) == (100, 100, 100)


def test_the_same_seed_gives_the_same_range():
    pairs = [(10_000 + 700 * number, 0.4) for number in range(30)]
    first = estimate(plan("retroactive"), *pairs)
    assert first == estimate(plan("retroactive"), *pairs)
    assert first[0] < first[1] < first[2]
    assert estimate(plan("retroactive"), *pairs, seed=8) != first


TERMS = [
    plan(),
    plan("retroactive"),
    plan("retroactive", period_cap=D(9000)),
    plan(line_floor=D(300), line_cap=D(2000)),
    plan("flat", flat=D(50)),
    plan(
        "percentage",
        rate=D("0.1"),
        quota=D(100_000),
        accelerators=(Accelerator(D(1), D(2)),),
    ),
]


@pytest.mark.parametrize("terms", TERMS)
def test_draws_are_what_the_engine_pays(terms):
    """Each draw is computed again as a period of its own, nothing remembered."""
    given = prospects(*[(9_000 + 1_111 * number, 0.5) for number in range(12)])
    won = np.random.default_rng(3).random((200, 12)) < 0.5
    paid = sorted(
        sum(
            each.amount
            for each in commissions(
                terms, [given[at].line for at in np.flatnonzero(row)]
            )
        )
        for row in won
    )
    found = estimate_range(terms, given, np.random.default_rng(3), 200)
    assert (found.p10, found.p50, found.p90) == (paid[19], paid[99], paid[179])


def test_lines_of_one_deal_are_won_together():
    terms = plan("percentage", rate=D("0.1"))
    both = [Prospect(line(number, 1000), "deal", 0.5) for number in range(2)]
    found = estimate_range(terms, both, np.random.default_rng(1), 1000)
    assert {found.p10, found.p50, found.p90} <= {D(0), D(200)}


def test_a_chance_is_from_0_to_1():
    for chance in (-0.1, 1.1, float("nan")):
        with pytest.raises(CommissionError):
            prospects((1000, chance))


@pytest.mark.parametrize(
    "terms, amount, kind, missing, before, after, gain",
    [
        # one cent beyond 100,000; 10,000 × 5%
        (plan(), 90_000, "tier", "10000.00", "0.05", "0.08", "500.00"),
        # 100,000.01 × 8% − 90,000 × 5%
        (plan("retroactive"), 90_000, "tier", "10000.00", "0.05", "0.08", "3500.00"),
        # the end of a tier belongs to it: 3,000 more for one cent
        (plan("retroactive"), 100_000, "tier", "0.01", "0.05", "0.08", "3000.00"),
        # 10,000 × 10% × 2; what one cent pays three times rounds to 0
        (
            plan(
                "percentage",
                rate=D("0.1"),
                quota=D(40_000),
                accelerators=(Accelerator(D("0.5"), D(2)), Accelerator(D(1), D(3))),
            ),
            30_000,
            "accelerator",
            "10000.00",
            "2",
            "3",
            "2000.00",
        ),
    ],
)
def test_the_way_to_the_next_step(terms, amount, kind, missing, before, after, gain):
    found = find_next_step(terms, [line("a", amount)], 0)
    assert (found.kind, found.missing) == (kind, D(missing))
    assert (found.before, found.after) == (D(before), D(after))
    assert found.gain == D(gain)


def test_beyond_the_last_tier_nothing_is_left():
    assert find_next_step(plan(), [line("a", 150_001)], 0) is None
    assert find_next_step(plan("flat", flat=D(5)), [line("a", 1)], 0) is None


def test_fifty_deals_take_no_second():
    pairs = [(10_000 + 777 * number, 0.3) for number in range(50)]
    start = process_time()
    estimate(plan(period_cap=D(50_000)), *pairs)
    assert process_time() - start < 2
