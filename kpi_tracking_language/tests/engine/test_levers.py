import csv
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from ...engine.levers import METHODS, LeverError, find_needs, judge_levers

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
SPEND_FILE = DATA / "marketing" / "robyn_weekly_spend.csv"
SPEND = ("tv_S", "ooh_S", "print_S", "search_S", "facebook_S")


@pytest.fixture(scope="module")
def marketing():
    if not SPEND_FILE.is_file():
        pytest.skip(f"{SPEND_FILE} is not there, see KPI_DATA")
    with SPEND_FILE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        name: np.array([float(row[name]) for row in rows])
        for name in rows[0]
        if name not in ("DATE", "events")
    }


@pytest.mark.parametrize("method", METHODS)
def test_spend_adds_nothing_to_revenue_and_sales_of_competitors_do(marketing, method):
    revenue = marketing["revenue"]
    spend = np.array([marketing[name] for name in SPEND])
    refused = judge_levers(revenue, spend, 52, method)
    assert not refused.is_real, refused
    others = marketing["competitor_sales_B"][None]
    accepted = judge_levers(revenue, others, 52, method)
    assert accepted.is_real, accepted
    assert (accepted.importance.mean(axis=0) > 0).all()


def test_random_walks_are_refused(marketing):
    rng = np.random.default_rng(7)
    revenue = marketing["revenue"]
    walks = rng.normal(size=(20, 6, len(revenue))).cumsum(axis=2)
    found = [judge_levers(revenue, each, 52, METHODS[0]).is_real for each in walks]
    assert sum(found) <= 1


def driven(count=96, effect=2.0):
    """A KPI with season and trend that follows the first of two levers."""
    rng = np.random.default_rng(3)
    at = np.arange(count)
    levers = rng.normal(50, 10, (2, count))
    season = 8 * np.sin(2 * np.pi * at / 12)
    values = 100 + 0.3 * at + season + effect * (levers[0] - 50)
    return values + rng.normal(0, 2, count), levers


def test_the_need_is_the_effect_that_the_data_were_made_with():
    values, levers = driven()
    skill = judge_levers(values, levers, 12, "linear_regression")
    assert skill.is_real
    assert (skill.importance[:, 0] > 5 * np.abs(skill.importance[:, 1])).all()
    # 10 more of the KPI take 5 more of the first lever; the second cannot do it
    levers[0, -1] = 50.0
    first, second = find_needs(values, levers, 12, "linear_regression", 10.0)
    low, high = first.levels
    assert 53 < low <= high < 58
    assert second.levels is None
    # nothing beyond what was seen
    (beyond, _) = find_needs(values, levers, 12, "linear_regression", 500.0)
    assert beyond.levels is None
    assert beyond.most < 100


def test_the_future_is_not_used():
    values, levers = driven()
    before = judge_levers(values, levers, 12, "linear_regression")
    # a lever that knows the value of the next period, and nothing else
    ahead = np.roll(values, -1)[None] + np.random.default_rng(5).normal(0, 9, 96)
    assert not judge_levers(values, ahead, 12, "linear_regression").is_real
    # values after the last fold's first period change nothing of the folds before
    changed = values.copy()
    changed[-2:] += 1000
    after = judge_levers(changed, levers, 12, "linear_regression")
    # (importance is relative to the error of the mean of all folds)
    shares = [
        skill.importance[:6] / skill.importance[0, 0] for skill in (before, after)
    ]
    np.testing.assert_allclose(*shares)


@pytest.mark.parametrize(
    ("values", "levers", "reason"),
    [
        (np.arange(60.0), np.ones((1, 60)), "constant"),
        (np.ones(60), np.arange(60.0)[None], "constant"),
        (np.arange(60.0), np.full((1, 60), np.nan), "short"),
        (np.arange(60.0), np.empty((0, 60)), "constant"),
        (np.arange(20.0), np.arange(20.0)[None], "short"),
    ],
)
def test_constant_and_empty_levers_teach_nothing(values, levers, reason):
    with pytest.raises(LeverError, match=reason):
        judge_levers(values, levers, 12, "linear_regression")


def test_without_scikit_learn_it_says_so(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("sklearn")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match="sklearn"):
        judge_levers(*driven(), 12, "random_forest")
