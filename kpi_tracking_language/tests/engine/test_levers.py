import csv
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from ...engine.levers import LAGS, LEAST, LIMIT, LeverError, judge_levers
from .levers_case import FALSE, LENGTHS, TRUE, draw

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
SPEND_FILE = DATA / "marketing" / "robyn_weekly_spend.csv"
LONG = "KPI_LONG" in os.environ
SETS = 100 if LONG else 5
WALKS = 20 if LONG else 5


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


def judge_sets(kind, length, count=SETS):
    """The verdicts of sets of a kind; the seeds are none that limits were chosen on."""
    periods, season = length
    place = (TRUE + FALSE).index(kind)
    for at in range(count):
        rng = np.random.default_rng([periods, place, at, 31])
        yield judge_levers(*draw(kind, rng, periods, season), season)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("kind", TRUE)
def test_what_moves_a_kpi_is_found(kind, length):
    found = sum(first.is_real for first, *_others in judge_sets(kind, length))
    assert found >= (0.85 if LONG else 0.6) * SETS


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("kind", FALSE)
def test_what_says_nothing_of_a_kpi_is_no_lever(kind, length):
    found = sum(
        any(each.is_real for each in verdicts) for verdicts in judge_sets(kind, length)
    )
    limit = 0.08 if kind == "level shift" else 0.05
    assert found <= (limit * SETS if LONG else 1)


@pytest.mark.parametrize(
    ("kind", "lag"),
    [("same period", 0), ("one before", 1), ("four before", 4)],
)
def test_the_lag_is_the_one_that_the_data_were_made_with(kind, lag):
    lags = [first.lag for (first,) in judge_sets(kind, LENGTHS[0], 5)]
    assert lags == [lag] * 5


def test_a_lever_that_changes_after_the_kpi_follows_it():
    for kind in ("follows", "follows a walk"):
        for (verdict,) in judge_sets(kind, LENGTHS[0], 5):
            assert (verdict.is_real, verdict.is_after) == (False, True)
    for (verdict,) in judge_sets("same period", LENGTHS[0], 5):
        assert not verdict.is_after


def driven(count=96, effect=2.0):
    """A KPI with season and trend that follows the first of two levers."""
    rng = np.random.default_rng(3)
    at = np.arange(count)
    levers = rng.normal(50, 10, (2, count))
    season = 8 * np.sin(2 * np.pi * at / 12)
    values = 100 + 0.3 * at + season + effect * (levers[0] - 50)
    return values + rng.normal(0, 2, count), levers


def test_errors_and_importance_are_those_the_data_were_made_with():
    real, other = judge_levers(*driven(), 12)
    assert (real.is_real, other.is_real) == (True, False)
    # The remainder with the lever is noise of 2, of mean size 1.6; without it there is
    # the lever as well, 2 × 10: together 20.1, of mean size 16.
    assert 1.4 < real.error_with < 2.2
    assert 13 < real.error_without < 20
    # Mixed up, a value is 2 × 10 × √2 off: mean size 22.6, less the 1.6 there was.
    assert 17 < real.importance < 25
    assert abs(other.importance) < 1.5


def test_each_error_is_of_a_value_that_was_not_learned_from():
    values, levers = driven()
    before, _other = judge_levers(values, levers, 12)
    count = before.errors.shape[1]
    for place in (0, count - 2):
        changed = values.copy()
        changed[len(values) - count + place] += 1.0
        after, _other = judge_levers(changed, levers, 12)
        # It is as much more than expected, and those before it know nothing of it.
        moved = after.errors - before.errors
        np.testing.assert_allclose(moved[:, :place], 0, atol=1e-6)
        np.testing.assert_allclose(moved[:, place], 1, atol=1e-6)


def test_several_levers_are_judged_by_a_lower_limit_each():
    values, levers = driven(60)
    rng = np.random.default_rng(8)
    noisy = levers[0] + rng.normal(size=(6, 60)) * [[20], [25], [30], [40], [60], [90]]
    alone = [judge_levers(values, row[None], 12)[0].chance for row in noisy]
    together = [each.chance for each in judge_levers(values, noisy, 12)]
    order = np.argsort(alone)
    # Holm: the least times 6, the next one times 5 and not below it …
    expected = np.maximum.accumulate(np.sort(alone) * np.arange(6, 0, -1))
    assert expected[2] < 1
    np.testing.assert_allclose(np.array(together)[order], np.minimum(expected, 1))


def test_a_single_episode_is_no_lever():
    rng = np.random.default_rng(11)
    values, lever = rng.normal(size=(2, 80))
    values[40:45] += [5, 9, 12, 8, 4]
    lever[40:45] += [5, 9, 12, 8, 4]
    (verdict,) = judge_levers(100 + values, lever[None], 12)
    assert verdict.chance < LIMIT
    assert not verdict.is_real


def test_gaps_do_not_move_what_comes_after_them():
    values, levers = driven()
    values[20] = np.nan
    levers[1, 50] = np.nan
    real, _other = judge_levers(values, levers, 12)
    assert real.is_real
    assert real.lag == 0
    assert real.error_with < 2.2


def test_sales_of_competitors_say_more_of_revenue_and_walks_do_not(marketing):
    revenue = marketing["revenue"]
    (verdict,) = judge_levers(revenue, marketing["competitor_sales_B"][None], 52)
    assert verdict.is_real
    assert verdict.importance > 0
    rng = np.random.default_rng(7)
    walks = rng.normal(size=(WALKS, 6, len(revenue))).cumsum(axis=2)
    found = [
        any(each.is_real for each in judge_levers(revenue, six, 52)) for six in walks
    ]
    assert sum(found) <= 1


@pytest.mark.parametrize(
    ("values", "levers", "reason"),
    [
        (np.arange(60.0), np.ones((1, 60)), "constant"),
        (np.ones(60), np.arange(60.0)[None], "constant"),
        (np.arange(60.0), np.full((1, 60), np.nan), "short"),
        (np.arange(60.0), np.empty((0, 60)), "constant"),
        (np.arange(20.0), np.arange(20.0)[None], "short"),
        # values enough, but never as many in a row as there are lags
        (np.where(np.arange(60) % 4, np.arange(60), np.nan), np.eye(1, 60, 1), "short"),
    ],
)
def test_constant_short_and_empty_levers_teach_nothing(values, levers, reason):
    with pytest.raises(LeverError, match=reason):
        judge_levers(values, levers, 12)


@pytest.mark.parametrize("season", [1, 4, 7, 12, 52])
def test_what_goes_by_the_calendar_alone_teaches_nothing(season):
    line = np.arange(60.0)
    (verdict,) = judge_levers(line, line[None] % 7, season)
    assert (verdict.is_real, verdict.is_after) == (False, False)
    at_least = np.arange(float(LEAST))
    noise = np.random.default_rng(2).normal(size=(2, LEAST))
    verdicts = judge_levers(noise[0] + at_least, noise[1:] * 1e9, season)
    assert all(np.isfinite(each.errors).all() for each in verdicts)
    assert all(0 <= each.lag <= LAGS for each in verdicts)


def test_without_scikit_learn_it_says_so(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("scipy")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match="scipy"):
        judge_levers(*driven(), 12)
