"""The pipeline and its movements."""

from dataclasses import replace
from datetime import date

import pytest

from ...analytics.data_models.sales_models import LOST, WON, Opportunity, StageVisit
from ...analytics.pipeline_management.pipeline_analyzer import (
    WATERFALL,
    build_waterfall,
    compare_owners,
    describe_pipeline,
    describe_stages,
    grade_pipeline,
    score_deal,
)

TODAY = date(2026, 6, 30)


def _deal(number, amount=100, **values):
    known = {"probability": 0.5, "stage": 1, "created": date(2026, 1, 1)}
    return Opportunity(number, amount, **(known | values))


def _closed(number, state, **values):
    closed = values.pop("closed", date(2026, 4, 1))
    return _deal(number, state=state, closed=closed, **values)


DEALS = [
    _deal(1, 200, deadline=date(2026, 7, 15)),
    _deal(2, 100, probability=0.2, deadline=date(2026, 6, 20)),
    _closed(3, WON, amount=90, owner="Ann"),
    _closed(4, LOST, owner="Ann"),
    _closed(5, LOST, owner="Bob"),
    _closed(6, WON, amount=30, closed=date(2026, 3, 2), owner="Bob"),
    _closed(7, WON, closed=date(2025, 1, 1)),
]


def test_figures_of_the_pipeline():
    found = describe_pipeline(DEALS, TODAY, date(2026, 1, 1), to_win=150)
    assert (found.count, found.total, found.weighted, found.coverage) == (
        2,
        300,
        120,
        2,
    )
    assert found.win_rate == 0.5
    assert found.win_interval == pytest.approx((0.15, 0.85), abs=0.01)
    assert (found.mean_deal, found.cycle_days) == (60, 75)
    assert found.velocity == pytest.approx(2 * 0.5 * 60 / 75)
    assert (found.overdue_share, found.slippage_days) == (0.5, 10)
    empty = describe_pipeline([], TODAY, date(2026, 1, 1))
    assert (empty.total, empty.win_rate, empty.velocity, empty.coverage) == (
        0,
        None,
        None,
        None,
    )
    assert describe_pipeline(DEALS, TODAY, date(2026, 1, 1), to_win=-5).coverage is None


def test_stages_count_who_is_still_there():
    visits = [
        StageVisit(1, 1, date(2026, 1, 1), date(2026, 1, 11), True),
        StageVisit(2, 1, date(2026, 1, 1), date(2026, 1, 21), False),
        StageVisit(3, 1, date(2026, 1, 1)),
        StageVisit(1, 2, date(2026, 1, 11)),
    ]
    first, second = describe_stages(visits, TODAY)
    assert (first.entered, first.left, first.rate, first.median_days) == (3, 2, 0.5, 20)
    # nobody has left it yet: the time it takes is not known
    assert (second.rate, second.median_days) == (None, None)


def test_scores_say_what_took_points():
    visits = [
        StageVisit(n, 1, date(2026, 1, 1), date(2026, 1, 11), n < 8) for n in range(10)
    ]
    stages = {one.stage: one for one in describe_stages(visits, TODAY)}
    fresh = _deal(20, stage_since=date(2026, 6, 25), deadline=date(2026, 8, 1))
    assert score_deal(fresh, stages, TODAY) == (80, [])
    stale = replace(fresh, stage_since=date(2026, 5, 1), deadline=date(2026, 6, 1))
    assert score_deal(stale, stages, TODAY) == (36, ["stale", "overdue"])
    unknown = replace(fresh, stage=9, deadline=None)
    assert score_deal(unknown, stages, TODAY) == (50, ["unknown_stage", "no_deadline"])


def test_grades_have_reasons():
    healthy = describe_pipeline(DEALS[:1], TODAY, date(2026, 1, 1), to_win=50)
    assert grade_pipeline(healthy, 0.1) == ("A", 100, {})
    poor = describe_pipeline(DEALS[:2], TODAY, date(2026, 1, 1), to_win=300)
    grade, points, reasons = grade_pipeline(poor, 0.9)
    assert grade == "E"
    assert points == round(100 - sum(reasons.values()))
    assert set(reasons) == {"coverage", "overdue", "stale"}
    empty = describe_pipeline([], TODAY, date(2026, 1, 1))
    assert grade_pipeline(empty, None) == (None, None, {})


def test_owners_with_few_deals_have_wide_intervals():
    ann, bob = compare_owners([one for one in DEALS if one.owner])
    assert (ann["owner"], ann["won"], ann["win_rate"]) == ("Ann", 90, 0.5)
    assert bob["interval"][1] - bob["interval"][0] > 0.8


def test_a_waterfall_adds_up():
    after = [
        replace(DEALS[0], amount=250),
        replace(DEALS[1], state=LOST),
        replace(DEALS[3], state="open"),  # reopened
        _deal(9, 40),
    ]
    steps = build_waterfall(DEALS[:6], after)
    assert steps == {
        "start": 300, "new": 40, "reopened": 100, "raised": 50, "lowered": 0, "won": 0,
        "lost": -100, "removed": 0, "end": 390,
    }  # fmt: skip
    assert sum(steps[name] for name in WATERFALL[:-1]) == steps["end"]
    assert build_waterfall(DEALS[:1], [])["removed"] == -200
