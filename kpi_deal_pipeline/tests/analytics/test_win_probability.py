"""Learning from deals whose true probabilities are known."""

import sys

import numpy as np
import pytest

from ...analytics.observations import Spells, sample_spells
from ...analytics.win_probability import (
    PRIOR_DEALS,
    STEP_DAYS,
    calibrate,
    learn,
    probabilities,
    stage_rates,
)

PRIORS = np.array([0.2, 0.5])


def _chance(stage, days):
    """True probability of deals that take ``days``: old ones in stage 0 are dead."""
    return np.where(stage == 0, np.where(days < 40, 0.7, 0.1), 0.8)


def _history(count, chance=_chance, seed=7):
    """Deals of one stage each, opened over two years and open for up to 120 days."""
    rng = np.random.default_rng(seed)
    stage = rng.integers(0, 2, count)
    start = rng.uniform(0, 730, count)
    days = rng.uniform(8, 120, count)
    won = rng.random(count) < chance(stage, days)
    confidence = np.where(rng.random(count) < 0.5, 0.9, np.nan)
    number = np.arange(count)
    stop = start + days
    spells = Spells(number, stage, start, stop, confidence, start, start, stop, won)
    return sample_spells(spells, STEP_DAYS)


def test_stage_rates_count_each_deal_once():
    rows = _history(500)
    rates = stage_rates(rows, PRIORS)
    for stage, rate in enumerate(rates):
        deals = {
            deal: won
            for deal, at, won in zip(rows.deal, rows.stage, rows.is_won, strict=True)
            if at == stage
        }
        assert (rate.won, rate.count) == (sum(deals.values()), len(deals))
        drawn = rate.won + PRIOR_DEALS * PRIORS[stage]
        assert rate.rate == pytest.approx(drawn / (rate.count + PRIOR_DEALS))


def test_nothing_learned_is_what_is_set_for_the_stage():
    nothing = _history(0)
    learned = learn(nothing, PRIORS)
    assert [rate.rate for rate in learned.rates] == [0.2, 0.5]
    assert (learned.basis, learned.reason) == ("stage_norm", "few_deals")
    assert {judged.brier for judged in learned.judged} == {None}


def test_age_is_learned_where_it_tells_more_than_the_stage():
    pytest.importorskip("sklearn")
    learned = learn(_history(3000), PRIORS)
    assert (learned.basis, learned.reason) == ("calibrated", "better")
    scores = {judged.judge: judged.brier for judged in learned.judged}
    assert scores["calibrated"] < scores["stage_norm"] - 0.004
    assert scores["calibrated_beside"] < scores["confidence"]
    young, old = probabilities(learned.logistic, np.array([0, 0]), np.array([2, 100]))
    # 0.28 and 0.12 are won; the other stage, where age has no effect, draws them closer
    assert young > 0.2 > 0.17 > old
    # predictions and outcomes: within the interval in most bands
    (calibrated,) = [each for each in learned.judged if each.judge == "calibrated"]
    wide = [band for band in calibrated.bands if band.count > 200]
    assert wide
    assert all(abs(band.predicted - band.observed) < 0.1 for band in wide)


def test_what_is_judged_knew_nothing_later():
    """Outcomes that turn round at the end cannot be foretold."""
    pytest.importorskip("sklearn")
    rows = _history(2000)
    days = np.quantile([rows.decided[rows.deal == d][0] for d in set(rows.deal)], 0.75)
    turned = np.where(rows.decided >= days, rows.stage == 0, rows.stage == 1)
    turned_rows = type(rows)(**{**vars(rows), "is_won": turned})
    scores = {each.judge: each.brier for each in learn(turned_rows, PRIORS).judged}
    assert scores["calibrated"] > 0.8
    assert scores["stage_norm"] > 0.8


def test_where_age_tells_nothing_the_rate_of_the_stage_is_used():
    pytest.importorskip("sklearn")
    learned = [
        learn(_history(400, lambda stage, days: 0.2 + 0.5 * stage, seed), PRIORS)
        for seed in range(5)
    ]
    for each in learned:
        scores = {judged.judge: judged.brier for judged in each.judged}
        is_better = scores["calibrated"] < scores["stage_norm"]
        assert (each.basis == "calibrated") == is_better
        assert (each.logistic is not None) == is_better
    assert {each.reason for each in learned} >= {"not_better"}


def test_few_deals_are_said_to_be_few():
    assert learn(_history(150), PRIORS).reason == "few_deals"
    never_lost = learn(_history(400, lambda stage, days: np.ones(len(days))), PRIORS)
    assert never_lost.reason == "few_deals"


def test_without_the_library_the_rate_of_the_stage_is_used(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    learned = learn(_history(1000), PRIORS)
    assert (learned.basis, learned.reason) == ("stage_norm", "no_library")


def test_probabilities_are_those_of_the_library():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rows = _history(600)
    logistic = calibrate(rows, 2)
    line = np.log1p(rows.age)
    matrix = np.column_stack(
        [rows.stage == 0, rows.stage == 1, line]
        + [np.clip(line - knot, 0, None) for knot in logistic.knots]
    ).astype(float)
    model = linear_model.LogisticRegression(max_iter=1000).fit(matrix, rows.is_won)
    np.testing.assert_allclose(
        probabilities(logistic, rows.stage, rows.age),
        model.predict_proba(matrix)[:, 1],
        atol=1e-6,
    )
