import os
from functools import cache

import numpy as np
import pytest

from ...engine.fault import BenefitError
from ...engine.history import History, shift_plan
from ...engine.outlook import find_place, look_ahead
from ...engine.simulation import simulate

NAN = float("nan")
LONG = "KPI_LONG" in os.environ
MONTHS = 24
BENEFITS = 700 if LONG else 200  # of a portfolio
TRIED_ON = (101, 102, 103)  # the prior and its widths come from others


def history(planned, realised, **known):
    return History(np.array(planned, float), np.array(realised, float), **known)


def as_planned(closed, months=MONTHS):
    return history([100] * months, [100] * closed)


def look_one(one, own=()):
    return look_ahead([one], own)


def find_rates(portfolio):
    """Share of the plan that each benefit has realised at its end."""
    return np.nansum(portfolio.realised, axis=1) / portfolio.planned.sum(1)


@pytest.fixture(scope="module")
def portfolios():
    return [simulate(np.random.default_rng(seed), BENEFITS) for seed in TRIED_ON]


@pytest.fixture(scope="module")
def forecast(portfolios):
    """Of the portfolio at a place, when so many months are closed."""

    @cache
    def look(place, closed):
        portfolio = portfolios[place]
        rows = zip(portfolio.planned, portfolio.realised, strict=True)
        found = [look_one(History(plan, done[:closed])) for plan, done in rows]
        names = ("rate", "low", "high", "chance")
        return [np.array([getattr(one, name) for one in found]) for name in names]

    return look


# Early on nobody knows what is only late: a pace of 0 is believed.
@pytest.mark.parametrize(("closed", "most"), [(6, 1.0), (12, 0.8), (18, 0.8)])
def test_forecasts_beat_the_plan_and_the_pace_and_their_range_holds(
    portfolios, forecast, closed, most
):
    errors, covered = [], []
    for place, portfolio in enumerate(portfolios):
        done = np.nan_to_num(portfolio.realised)
        truth = find_rates(portfolio)
        pace = done[:, :closed].sum(1) / portfolio.planned[:, :closed].sum(1)
        rate, low, high, _chance = forecast(place, closed)
        tried = (rate, np.ones_like(rate), pace)
        errors.append([np.abs(each - truth).mean() for each in tried])
        covered.append((low <= truth) & (truth <= high))
    ours, plan, naive = np.mean(errors, axis=0)
    assert ours < most * plan
    assert ours < 0.85 * naive
    assert 0.77 <= np.mean(covered) <= 0.83


def test_the_chance_is_what_comes_true(portfolios, forecast):
    truth = np.concatenate([find_rates(each) for each in portfolios])
    chance = np.concatenate([forecast(place, 12)[3] for place in range(len(TRIED_ON))])
    for low, high in ((0.0, 0.2), (0.8, 1.01)):
        chosen = (chance >= low) & (chance < high)
        assert chosen.sum() > 50
        assert (truth[chosen] >= 0.9).mean() == pytest.approx(
            chance[chosen].mean(), abs=0.07
        )


def test_the_error_that_is_shown_is_the_error_that_comes(portfolios, forecast):
    rates = [forecast(place, 12)[0] for place in range(len(TRIED_ON))]
    truths = [find_rates(each) for each in portfolios]
    shown = look_one(as_planned(12))
    assert shown.error == pytest.approx(
        np.abs(np.subtract(rates, truths)).mean(), rel=0.2
    )
    assert shown.error < shown.pace_error < shown.plan_error


def test_as_planned_goes_on_so_and_what_stopped_does_not():
    good, bad = as_planned(12), history([100] * MONTHS, [100] * 6 + [30] * 6)
    assert look_one(good).rate > 0.95
    assert look_one(good).chance > 0.7
    assert look_one(bad).high < 0.8
    assert look_one(bad).chance < 0.05


@pytest.mark.parametrize("closed", [3, 6, 12, 18])
def test_the_forecast_grows_with_the_pace_and_holds_it(closed):
    rates = np.arange(0, 2.01, 0.1)
    found = [look_one(history([100] * MONTHS, [100 * rate] * closed)) for rate in rates]
    coming = np.array([one.coming for one in found])
    assert (np.diff(coming, axis=0) >= -1e-9).all()
    # Nobody did as little, or as much: nothing is taken from others.
    for rate, (low, middle, high) in zip(rates, coming, strict=True):
        if 0.1 <= rate <= 0.3 or rate >= 1.6:
            assert middle == pytest.approx(rate, abs=0.05)
            assert low <= rate <= high


def test_own_benefits_that_do_as_little_are_followed():
    slow = [history([100] * 12, [10] * 6 + [40] * 6) for _ in range(40)]
    now = history([100] * MONTHS, [10] * 12)
    assert look_one(now).coming[1] == pytest.approx(0.1, abs=0.02)
    assert look_one(now, slow).coming[1] > 0.3
    fast = [history([100] * 12, [100] * 12) for _ in range(40)]
    assert look_one(now, fast).coming[1] == pytest.approx(0.1, abs=0.02)


def test_the_range_narrows_as_months_pass():
    spans = [look_one(as_planned(closed)) for closed in (1, 6, 12, 18, 23)]
    widths = [one.high - one.low for one in spans]
    assert widths == sorted(widths, reverse=True)


def test_own_benefits_that_are_over_move_the_forecast():
    half = [history([100] * 12, [100] * 6 + [50] * 6) for _ in range(40)]
    alone, with_own = look_one(as_planned(12)), look_one(as_planned(12), half)
    assert (alone.own, with_own.own) == (0, 40)
    assert with_own.rate < alone.rate - 0.1
    running = as_planned(6)  # says nothing of how benefits end
    assert look_one(as_planned(12), [running] * 40).rate == alone.rate


def test_a_disbenefit_is_forecast_as_well():
    found = look_one(history([-100] * MONTHS, [-150] * 12))
    assert found.rate > 1.1
    assert found.chance < 0.1  # to end at no more than 110% of the plan
    assert look_one(history([-100] * MONTHS, [-80] * 20)).chance > 0.9


def test_nobody_said_anything_yet():
    found = look_one(history([100] * 12, [NAN] * 4))
    assert 0 <= found.low <= found.rate <= found.high < 1


@pytest.mark.parametrize(
    ("planned", "realised", "text"),
    [
        ([0, 0, 0], [0], "Nothing is planned"),
        ([100, -100], [5], "Nothing is planned"),
        ([100, 100], [5, 5], "still to come"),
        ([100, 0], [5], "still to come"),
    ],
)
def test_what_cannot_be_forecast_is_said(planned, realised, text):
    with pytest.raises(BenefitError, match=text):
        look_one(history(planned, realised))


@pytest.mark.parametrize(
    ("planned", "realised"), [([NAN, 1], [1]), ([1], [float("inf")]), ([1], [1, 1])]
)
def test_histories_without_sense_are_refused(planned, realised):
    with pytest.raises(BenefitError):
        history(planned, realised)


def test_a_single_month_of_two_is_enough():
    found = look_one(history([100, 100], [80]))
    assert 0.4 <= found.low <= found.rate <= found.high


@pytest.mark.parametrize(
    ("share", "months", "expected"),
    [(0, 24, 0), (0.01, 24, 1), (0.5, 24, 12), (0.999, 24, 23), (0.5, 1, 0)],
)
def test_the_same_share_of_other_lives(share, months, expected):
    assert find_place(share, months) == expected


def test_what_comes_before_the_plan_begins_is_no_pace():
    found = look_one(history([0, 0, 0, 100, 100, 100], [50, 0, 0, 100]))
    assert found.coming[0] <= 1 <= found.coming[2]


def test_a_plan_that_begins_later_loses_its_end():
    np.testing.assert_array_equal(shift_plan([1, 2, 3, 4], 2), [0, 0, 1, 2])
    np.testing.assert_array_equal(shift_plan([1, 2], 5), [0, 0])
    np.testing.assert_array_equal(shift_plan([1, 2], 0), [1, 2])


def test_several_are_the_sum_of_each():
    good, late = as_planned(12), history([100] * 24, [])
    alone = [look_one(one) for one in (good, late)]
    both = look_ahead([good, late])
    for name in ("rate", "low", "high"):
        mean = sum(getattr(one, name) for one in alone) / 2  # of equal plans
        assert getattr(both, name) == pytest.approx(mean)
    assert both.error == pytest.approx(sum(one.error for one in alone) / 2)


def test_many_alike_go_like_one():
    one = as_planned(6)
    found, many = look_one(one), look_ahead([one] * 5)
    assert (many.low, many.rate, many.high) == pytest.approx(
        (found.low, found.rate, found.high)
    )
    assert many.coming == pytest.approx(found.coming)
    assert many.chance == pytest.approx(found.chance, abs=0.02)


def test_what_is_over_is_certain_among_several():
    over = history([100] * 12, [50] * 12)
    found = look_ahead([over, as_planned(6)])
    total = 1200 + as_planned(6).total
    assert found.low >= (600 + as_planned(6).done) / total
    assert found.chance < 0.1


def test_disbenefits_among_several_lower_the_sum():
    one, cost = as_planned(6), history([-50] * MONTHS, [-50] * 6)
    found = look_ahead([one, cost])
    assert found.low < found.rate < found.high
    # Less of a cost is better: the highest sum has the least of it.
    assert found.high > look_one(one).high
