"""Commissions against numbers computed by hand; the plan T is that of most examples."""

import random
from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest

from ...engine.commission import (
    Accelerator,
    Band,
    CommissionError,
    Line,
    Part,
    PeriodRefund,
    Plan,
    Refund,
    clawbacks,
    commissions,
    decay_factor,
    draw,
    full_months,
    instalments,
    original_rate,
    override,
    override_clawbacks,
    round_amount,
    true_up,
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
    return Plan(values.pop("unit", CENT), computation, **values)


def line(base, **values):
    return Line(str(base), (Part(D(str(base))),), **values)


def amounts(rules, *bases):
    return [each.amount for each in commissions(rules, map(line, bases))]


def decimals(*numbers):
    return [D(str(number)) for number in numbers]


@pytest.mark.parametrize(
    ("computation", "bases", "expected"),
    [
        ("marginal", [60_000, 70_000, 50_000], [3000, 4400, 5200]),
        ("retroactive", [60_000], [3000]),
        ("retroactive", [60_000, 70_000], [4800, 5600]),  # 1,800 more for the first
        ("retroactive", [60_000, 70_000, 50_000], [7200, 8400, 6000]),
        ("marginal", ["100000.01"], ["5000.00"]),
        ("retroactive", ["100000.01"], ["8000.00"]),
        ("retroactive", [100_000], [5000]),  # the end of a tier belongs to it
        ("retroactive", [100_001], ["8000.08"]),
        ("marginal", [150_000], [9000]),
        ("retroactive", [150_000], [12_000]),
        ("marginal", [180_000], [12_600]),
        ("retroactive", [180_000], [21_600]),
        ("marginal", ["92130.00", "154250.00"], ["4606.50", "15959.10"]),
        ("marginal", ["1000.50"], ["50.03"]),  # no gap between 1,000 and 1,001
        ("marginal", [0], [0]),
    ],
)
def test_tiers(computation, bases, expected):
    assert amounts(plan(computation), *bases) == decimals(*expected)


def test_a_retroactive_deal_corrects_the_earlier_ones():
    before = amounts(plan("retroactive"), 60_000, 70_000)
    after = amounts(plan("retroactive"), 60_000, 70_000, 50_000)
    corrections = [new - old for new, old in zip(after, before, strict=False)]
    assert corrections == [2400, 2800]
    assert sum(after) == 21_600


def test_accelerators_on_quota():
    steps = (Accelerator(D(1), D("1.5")), Accelerator(D("1.2"), D(2)))
    rules = plan("percentage", rate=D("0.04"), quota=D(200_000), accelerators=steps)
    assert amounts(rules, 260_000) == [12_000]
    # the same in two deals: 8,000 below the quota, 4,000 above it
    assert amounts(rules, 200_000, 60_000) == [8000, 4000]


def test_accelerators_on_tiers_count_each_piece_at_its_own_rate():
    steps = (Accelerator(D(1), D(2)),)
    rules = plan(quota=D(120_000), accelerators=steps)
    # 100k at 5%, 20k at 8%, then doubled: 30k at 8%, 30k at 12%
    assert amounts(rules, 180_000) == [5000 + 1600 + 2 * 2400 + 2 * 3600]


def test_caps_and_floor():
    capped = plan("percentage", rate=D("0.05"), period_cap=D(12_000))
    assert amounts(capped, 150_000, 80_000, 60_000, 9) == [7500, 4000, 500, 0]
    floored = plan("percentage", rate=D("0.03"), line_floor=D(250))
    assert amounts(floored, 5000, 0) == [250, 0]
    limited = plan("percentage", rate=D("0.03"), line_cap=D(100))
    assert amounts(limited, 5000) == [100]


def test_flat_and_rates_by_product():
    assert amounts(plan("flat", flat=D(300)), 5000, 1, 0) == [300, 300, 0]
    rules = plan("product", rate=D("0.01"), rates={"lease": D("0.1")})
    sold = Line(1, (Part(D(1000), "lease"), Part(D(500), "sale")))
    assert commissions(rules, [sold])[0].amount == 105


def test_a_split_deal_pays_its_agents_the_whole():
    rules = plan("percentage", rate=D(1))
    thirds = decimals(1, 1, 1)
    paid = [
        commissions(rules, [line("100.00", weights=tuple(thirds), own=own)])[0]
        for own in range(3)
    ]
    assert [each.amount for each in paid] == decimals("33.34", "33.33", "33.33")
    overlay = commissions(rules, [line(100, overlay=D("0.2"))])[0]
    assert overlay.amount == 20


def test_managers_get_their_share_of_the_team_not_of_one_another():
    team = decimals(3000, 4400, 5200)
    for rate, expected in (("0.1", 1260), ("0.05", 630)):
        paid = override("a", [(each, D(rate)) for each in team], CENT)
        assert (paid.key, paid.base, paid.amount) == ("a", 12_600, expected)


def test_the_derivation_of_a_managers_share_ends_with_its_rounding():
    shares = [(D(3000), D("0.1")), (D("0.10"), D("0.05"))]
    steps = override("a", shares, CENT).steps
    assert [(step.kind, step.basis, step.factor, step.total) for step in steps] == [
        ("base", None, None, 0),
        ("override", 3000, D("0.1"), 300),
        ("override", D("0.10"), D("0.05"), D("300.005")),
        ("rounding", None, None, D("300.01")),
    ]
    assert [step.amount for step in steps] == decimals("3000.10", 300, "0.005", "0.005")


def draws(earned, is_recoverable):
    """Payouts of periods that follow one another, with a guarantee of 2,000."""
    found, owed = [], D(0)
    for amount in earned:
        payout = draw(amount, D(2000), is_recoverable=is_recoverable, owed=owed)
        found.append(payout)
        owed = payout.owed
    return found


@pytest.mark.parametrize(
    ("is_recoverable", "paid"),
    [(True, [2000, 2700, 4000]), (False, [2000, 3500, 4000])],
)
def test_draws(is_recoverable, paid):
    found = draws(decimals(1200, 3500, 4000), is_recoverable)
    assert [each.paid for each in found] == paid
    assert found[-1].owed == 0


def test_an_advance_is_owed_over_several_periods():
    earned = decimals(500, 2100, -300)
    found = draws(earned, is_recoverable=True)
    assert [each.owed for each in found] == [1500, 1400, 3700]
    assert sum(each.paid for each in found) - sum(earned) == found[-1].owed


def refunded(deal, refund, months=0, window=None):
    """(original rate, true-up) of a refund of ``deal``, of deals of 100 and 80 k."""
    lines = [line(100_000), line(80_000)]
    base, refund = lines[deal].base, D(refund)
    factor = decay_factor(D(months), window, is_linear=True)
    paid = commissions(plan(), lines)[deal].amount
    original = clawbacks(paid, base, [Refund(refund, factor)], CENT)
    anew = PeriodRefund([lines[deal].key], refund / base, factor)
    (taken,) = true_up(plan(), lines, [anew])
    return sum(original), sum(taken.values())


def test_clawback_at_the_original_rate_or_trued_up():
    assert refunded(0, 60_000) == (-3000, -6000)
    assert refunded(0, 60_000, months=6, window=D(12)) == (-1500, -3000)
    assert refunded(0, 60_000, months=12, window=D(12)) == (0, 0)
    assert refunded(0, 100_000) == (-5000, -8600)


def test_refunds_one_after_the_other_come_to_one_of_all():
    # 5,000 and 4,000 + 3,600; of 40 k: 2,000 and 3,000 + 1,600; of none: 4,000
    refunds = [PeriodRefund(["100000"], D(share)) for share in ("0.6", "0.4")]
    assert true_up(plan(), [line(100_000), line(80_000)], refunds) == [
        {"100000": -3000, "80000": -3000},
        {"100000": -2000, "80000": -600},
    ]


def test_a_refund_leaves_room_below_the_most_of_a_period():
    rules = plan("percentage", rate=D("0.1"), period_cap=D(1000))
    lines = [line(8000), line(5000)]
    assert amounts(rules, 8000, 5000) == [800, 200]
    refunds = [PeriodRefund(["8000"], D("0.25"))]
    assert true_up(rules, lines, refunds) == [{"8000": -200, "5000": 200}]


def test_refunds_of_products_shrink_each_of_them_and_none_below_nothing():
    sold = Line(1, (Part(D(1000), "lease"), Part(D(500), "sale")))
    less = sold.without(D("0.5"), sold)
    assert less.parts == (Part(D(500), "lease"), Part(D(250), "sale"))
    assert less.without(D("0.7"), sold).base == 0


def test_what_refunds_take_of_a_managers_share_is_rounded_as_a_running_total():
    shares = [
        ({"a": D(-100), "b": D(-50)}, D("0.1")),
        ({"b": D("-33.30")}, D("0.05")),  # 5 + 1.665, after 10
    ]
    found = override_clawbacks(shares, ["a", "b"], CENT)
    assert found == {"a": D(-10), "b": D("-6.67")}


@pytest.mark.parametrize(
    ("limit", "amount"), [("line_floor", 10), ("line_cap", 3), ("period_cap", 3)]
)
def test_the_original_rate_is_that_before_the_limits(limit, amount):
    rules = plan("percentage", rate=D("0.05"), **{limit: D(amount)})
    (paid,) = commissions(rules, [line(100)])
    assert paid.amount == amount
    assert original_rate(paid.base, paid.steps) == D("0.05")


def test_nothing_has_no_rate():
    (paid,) = commissions(plan(), [line(0)])
    assert original_rate(paid.base, paid.steps) == 0
    assert original_rate(D(5), ()) == 0


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        ("2026-01-15", "2026-07-15", 6),
        ("2026-01-15", "2026-07-14", 5),
        ("2025-12-01", "2026-01-01", 1),
        ("2026-01-31", "2026-02-28", 0),  # no day of the month reaches the 31st
        ("2026-01-31", "2026-03-31", 2),
        ("2026-03-10", "2026-03-01", -1),
    ],
)
def test_months_count_when_they_are_over(start, stop, expected):
    assert full_months(date.fromisoformat(start), date.fromisoformat(stop)) == expected


def test_refunds_of_a_whole_take_back_the_whole():
    thirds = [Refund(D(300))] * 3
    taken = clawbacks(D(100), D(900), thirds, CENT)
    assert taken == decimals("-33.33", "-33.34", "-33.33")


def test_a_reversed_pair_nets_to_nothing():
    chance = random.Random(7)
    for _ in range(300):
        base = D(chance.randrange(1, 10**9)) / 100
        amount = round_amount(base * D(chance.randrange(1, 10**4)) / 10**4, CENT)
        cut = round_amount(base * D(chance.randrange(1, 99)) / 100, CENT)
        refunds = [Refund(part) for part in (cut, base - cut) if part]
        assert amount + sum(clawbacks(amount, base, refunds, CENT)) == 0


def test_a_guaranteed_least_is_kept_when_the_rate_is_taken_back():
    least = plan("percentage", rate=D("0.05"), line_floor=D(10))
    (paid,) = amounts(least, 100)
    assert paid == 10
    refund = [Refund(D(100))]
    assert clawbacks(paid, D(100), refund, CENT, rate=D("0.05")) == [-5]
    assert clawbacks(paid, D(100), refund, CENT) == [-10]
    # what a cap withheld is not taken back
    assert clawbacks(D(3), D(100), refund, CENT, rate=D("0.05")) == [-3]


@pytest.mark.parametrize("refund", ["100.01", "0", "-5"])
def test_a_refund_is_part_of_the_base(refund):
    with pytest.raises(CommissionError):
        clawbacks(D(5), D(100), [Refund(D(refund))], CENT)


def test_instalments_follow_what_is_billed():
    assert instalments(D(100), D(900), decimals(300, 300, 300), CENT) == decimals(
        "33.33", "33.34", "33.33"
    )
    # more is billed than the deal was worth
    assert instalments(D(100), D(900), decimals(600, 600), CENT) == decimals(
        "66.67", "33.33"
    )
    assert instalments(D(100), D(0), decimals(5), CENT) == [0]


def test_weighted_sums_are_rounded_once():
    assert round_amount(3 * D("10.01") * D("0.50"), CENT) == D("15.02")


def test_derivation_shows_each_step():
    rules = plan(line_cap=D(3000), period_cap=D(3200))
    deals = [line(50_000), line(70_000, weights=(D(2), D(1)), own=0)]
    steps = commissions(rules, deals)[1].steps
    assert [(step.kind, step.basis, step.factor, step.total) for step in steps] == [
        ("base", None, None, 0),
        ("rate", 50_000, D("0.05"), 2500),
        ("rate", 20_000, D("0.08"), 4100),
        ("split", 4100, D(2) / D(3), D("2733.33")),
        ("period_cap", None, None, 700),
    ]
    for before, after in zip(steps, steps[1:], strict=False):
        assert before.total + after.amount == after.total


@pytest.mark.parametrize("computation", ["marginal", "retroactive"])
def test_tiers_equal_an_independent_computation(computation):
    """In fractions, over the definition of the integral of a step function."""
    chance = random.Random(11)
    for _ in range(100):
        bases = [D(chance.randrange(0, 10**7)) / 100 for _ in range(5)]
        found = amounts(plan(computation), *bases)
        start = Fraction(0)
        for base, amount in zip(bases, found, strict=True):
            stop = start + Fraction(base)
            if computation == "marginal":
                exact = _integral(stop) - _integral(start)
            else:
                exact = Fraction(base) * _rate(Fraction(sum(bases)))
            assert abs(Fraction(amount) - exact) <= Fraction(1, 200)
            start = stop


def _rate(amount):
    hundredths = 5 if amount <= 100_000 else 8 if amount <= 150_000 else 12
    return Fraction(hundredths, 100)


def _integral(amount):
    first, second = min(amount, 100_000), min(max(amount - 100_000, 0), 50_000)
    return (first * 5 + second * 8 + max(amount - 150_000, 0) * 12) / 100


@pytest.mark.parametrize(
    ("bands", "reason"),
    [
        ([], "no tier"),
        ([(0, 1000, "0.05"), (1001, None, "0.08")], "No tier covers 1000 to 1001"),
        ([(0, 1000, "0.05"), (900, None, "0.08")], "overlaps"),
        ([(0, None, "0.05"), (900, None, "0.08")], "overlaps"),
        ([(0, 1000, "0.05")], "above 1000"),
        ([(10, None, "0.05")], "covers 0 to 10"),
        ([(0, 0, "0.05"), (0, None, "0.05")], "ends before"),
        ([(0, None, "1.5")], "between 0% and 100%"),
    ],
)
def test_tiers_with_gaps_and_overlaps_are_refused(bands, reason):
    tiers = tuple(
        Band(D(low), None if high is None else D(high), D(rate))
        for low, high, rate in bands
    )
    with pytest.raises(CommissionError, match=reason):
        plan(bands=tiers)


@pytest.mark.parametrize(
    "values",
    [
        {"rate": D("-0.1")},
        {"rate": D("1.01")},
        {"flat": D(-1)},
        {"line_floor": D(5), "line_cap": D(4)},
        {"accelerators": (Accelerator(D(1), D(2)),)},
        {"accelerators": (Accelerator(D(1), D(0)),), "quota": D(5)},
        {"accelerators": (Accelerator(D(1), D(2)),) * 2, "quota": D(5)},
        {"unit": D(0)},
        {"period_cap": D(-1)},
    ],
)
def test_plans_that_say_nothing_clear_are_refused(values):
    with pytest.raises(CommissionError):
        plan("percentage", **values)


def test_lines_that_nobody_earned_are_refused():
    with pytest.raises(CommissionError, match="refund"):
        amounts(plan(), -1)
    with pytest.raises(CommissionError, match="no share"):
        commissions(plan(), [line(1, own=1)])
    with pytest.raises(CommissionError, match="below|0 or more"):
        instalments(D(1), D(1), [D(-1)], CENT)
    with pytest.raises(CommissionError, match="weight"):
        commissions(plan(), [line(1, weights=(D(0), D(0)))])
