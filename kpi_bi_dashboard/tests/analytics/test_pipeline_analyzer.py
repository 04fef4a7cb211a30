"""The pipeline and its movements."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...analytics.data_models.sales_models import (
    LOST,
    WON,
    Opportunity,
    OpportunityEvent,
    StageVisit,
    list_visits,
    stand_at,
)
from ...analytics.pipeline_management.pipeline_analyzer import (
    WATERFALL,
    build_waterfall,
    compare_owners,
    describe_pipeline,
    describe_stages,
    expect_by_month,
    grade_pipeline,
    score_deal,
    usual_slippage,
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


def test_coverage_counts_what_is_due_while_the_target_runs():
    since, until = date(2026, 1, 1), date(2026, 6, 30)
    undated = _deal(8, 50)
    found = describe_pipeline([*DEALS, undated], TODAY, since, 150, until)
    assert (found.total, found.coverage) == (350, 1)


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


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2))
def test_a_later_stage_never_scores_less(counts):
    visits = [
        StageVisit(n, stage, date(2026, 1, 1), date(2026, 1, 11), n < forward)
        for stage, (forward, lost) in enumerate(counts, 1)
        for n in range(forward + lost)
    ]
    stages = {one.stage: one for one in describe_stages(visits, TODAY)}
    # dates change nothing
    late = _deal(1, deadline=date(2026, 1, 5), stage_since=date(2020, 1, 1))
    found = [
        score_deal(replace(late, stage=stage), stages, TODAY)[0]
        for stage in range(1, len(counts) + 1)
    ]
    known = [score for score in found if score is not None]
    assert known == sorted(known)
    for score, (forward, lost) in zip(found, counts, strict=True):
        assert (score is None) == (not forward + lost)


def test_scores_are_the_chance_to_be_won_and_say_what_to_look_at():
    visits = [
        StageVisit(n, 1, date(2026, 1, 1), date(2026, 1, 11), n < 8) for n in range(10)
    ]
    visits += [
        StageVisit(n, 2, date(2026, 1, 11), date(2026, 1, 12), n < 4) for n in range(8)
    ]
    stages = {one.stage: one for one in describe_stages(visits, TODAY)}
    fresh = _deal(20, stage_since=date(2026, 6, 25), deadline=date(2026, 8, 1))
    assert score_deal(fresh, stages, TODAY) == (40, [])
    assert score_deal(replace(fresh, stage=2), stages, TODAY) == (50, ["stale"])
    stale = replace(fresh, stage_since=date(2026, 5, 1), deadline=date(2026, 6, 1))
    assert score_deal(stale, stages, TODAY) == (40, ["stale", "overdue"])
    unknown = replace(fresh, stage=9, deadline=None)
    remarks = ["unknown_stage", "no_deadline"]
    assert score_deal(unknown, stages, TODAY) == (None, remarks)


def test_what_is_closed_in_the_future_is_not_counted_yet():
    won = _deal(1, 70, state=WON, closed=date(2026, 6, 30))
    ahead = [
        _deal(2, 900, state=WON, closed=date(2026, 7, 1)),
        _deal(3, 900, state=LOST, closed=date(2026, 7, 1)),
        _deal(4, 900, state=LOST, closed=date(2025, 12, 31)),
    ]
    today, since = date(2026, 6, 30), date(2026, 1, 1)
    assert describe_pipeline([won, *ahead], today, since) == describe_pipeline(
        [won], today, since
    )
    due, won_on = date(2026, 2, 1), date(2026, 2, 11)
    first, last = date(2026, 1, 1), date(2026, 3, 1)
    events = [
        event
        for number in range(5)
        for event in (
            OpportunityEvent(number, first, 1, "open", 1, 5, 0.5, due, None, ""),
            OpportunityEvent(number, last, 1, WON, 1, 5, 1, None, won_on, ""),
        )
    ]
    assert usual_slippage(events, date(2026, 3, 1)) == 10
    assert usual_slippage(events, date(2026, 2, 28)) is None
    entered = [one._replace(closed=date(2026, 4, 1)) for one in events if one.closed]
    opened = [one for one in events if not one.closed]
    assert usual_slippage([*opened, *entered], date(2026, 3, 1)) is None


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
    assert {name: step for name, step in steps.items() if step[1]} == {
        "start": (300, [1, 2]),
        "new": (40, [9]),
        "reopened": (100, [4]),
        "raised": (50, [1]),
        "lost": (-100, [2]),
        "end": (390, [1, 4, 9]),
    }
    assert sum(steps[name][0] for name in WATERFALL[:-1]) == steps["end"][0]
    assert build_waterfall(DEALS[:1], [])["removed"] == (-200, [1])
    moved = [replace(DEALS[0], state="moved")]
    assert build_waterfall(DEALS[:1], moved)["moved_out"] == (-200, [1])
    assert build_waterfall(moved, DEALS[:1])["moved_in"] == (200, [1])


def _event(day, state="open", number=1, **values):
    known = {
        "company": 1, "stage": 1, "amount": 100, "probability": 0.5, "deadline": None,
        "closed": None, "owner": "",
    }  # fmt: skip
    return OpportunityEvent(number, date(2026, 1, day), state=state, **known | values)


HISTORY = [
    _event(1, "lead"),
    _event(3),
    _event(5, amount=150),
    _event(8, stage=2, amount=150),
    # entered later than it was closed
    _event(20, "lost", stage=2, amount=150, closed=date(2026, 1, 15)),
    _event(25, stage=2),
]


def test_opportunities_are_what_was_known_of_them_on_a_day():
    assert stand_at(HISTORY, date(2026, 1, 2), 1) == []
    (early,) = stand_at(HISTORY, date(2026, 1, 6), 1)
    assert (early.amount, early.created.day, early.stage_since.day) == (150, 3, 3)
    (known,) = stand_at(HISTORY, date(2026, 1, 19), 1)
    assert (known.state, known.stage_since.day) == ("open", 8)
    (lost,) = stand_at(HISTORY, date(2026, 1, 20), 1)
    assert (lost.state, lost.closed.day) == ("lost", 15)
    (again,) = stand_at(HISTORY, date(2026, 1, 31), 1)
    assert (again.state, again.closed, again.stage_since.day) == ("open", None, 25)
    assert stand_at(HISTORY, date(2026, 1, 31), 2) == []
    gone = [*HISTORY, _event(26, "removed", company=None)]
    assert stand_at(gone, date(2026, 1, 31), 1) == []
    moved = [*HISTORY, _event(26, company=2)]
    assert [one.state for one in stand_at(moved, date(2026, 1, 31), 1)] == ["moved"]
    # a lead of ours that became an opportunity of another company
    elsewhere = [_event(1, "lead"), _event(3, company=2)]
    assert stand_at(elsewhere, date(2026, 1, 31), 1) == []


def test_visits_of_stages_end_with_what_follows():
    def visits(*events):
        return [
            (one.stage, one.entered.day, one.left and one.left.day, one.is_forward)
            for one in list_visits(events, date(2026, 1, 31), 1)
        ]

    assert visits(*HISTORY) == [
        (1, 3, 8, True),
        (2, 8, 15, False),
        (2, 25, None, False),
    ]
    assert visits(_event(1), _event(4, "won", stage=3)) == [(1, 1, 4, True)]
    # neither says how a stage ends
    assert visits(_event(1), _event(4, "removed")) == []
    assert visits(_event(1), _event(4, company=2)) == []
    assert visits(_event(1, stage=0)) == []


def test_pipeline_comes_in_when_deals_usually_close():
    won = [
        event
        for number in range(5)
        for event in (
            _event(1, number=number, deadline=date(2026, 1, 10)),
            _event(12, "won", number=number, closed=date(2026, 1, 10 + number)),
        )
    ]
    assert usual_slippage(won, TODAY) == 2
    assert usual_slippage(won[2:], TODAY) is None
    deals = [
        _deal(1, 200, deadline=date(2026, 7, 30)),
        _deal(2, 100, deadline=date(2026, 2, 1)),  # overdue: today
        _deal(3, 40, created=date(2026, 6, 1)),
        _deal(4, 10, deadline=date(2029, 1, 1)),
        _closed(5, WON),
    ]
    assert expect_by_month(deals, TODAY, 3, 2, 70) == [50, 0, 120]
