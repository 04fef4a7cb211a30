"""The pipeline: what it holds, how fast it moves, where it loses, what is at risk."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import prod
from statistics import mean, median

import numpy as np

from odoo.addons.kpi_tracking_analytics.analytics.reliability import wilson_interval
from odoo.addons.kpi_tracking_analytics.analytics.survival import kaplan_meier

from ..data_models.sales_models import (
    LOST,
    MOVED,
    OPEN,
    WON,
    Opportunity,
    OpportunityEvent,
    StageVisit,
)

GRADES = ((85, "A"), (70, "B"), (55, "C"), (40, "D"))
# what a healthy pipeline has; each missed one costs its points
GOOD_COVERAGE = 3.0
GOOD_OVERDUE = 0.1
GOOD_STALE = 0.2
POINTS = {"coverage": 40, "overdue": 30, "stale": 30}


@dataclass(frozen=True)
class Pipeline:
    """Figures of the pipeline on a day.

    :ivar total, weighted: expected revenue of what is open, the second × probability
    :ivar coverage: what is open and due while the target runs, or has no deadline ÷
        what is left to win of it; None = nothing is left
    :ivar win_rate: won ÷ closed; None = nothing was closed
    :ivar win_interval: 95% of Wilson
    :ivar cycle_days: median from creation to winning; None = nothing was won
    :ivar velocity: revenue a day: open × win rate × mean deal won ÷ cycle
    :ivar overdue_share: of the open ones with a deadline, those past it
    :ivar slippage_days: median days that these are late; None = none is
    """

    count: int
    total: float
    weighted: float
    coverage: float | None
    win_rate: float | None
    win_interval: tuple[float, float] | None
    mean_deal: float | None
    cycle_days: float | None
    velocity: float | None
    overdue_share: float | None
    slippage_days: float | None


@dataclass(frozen=True)
class StageFigures:
    """What happens in one stage.

    :ivar entered: stays in it
    :ivar rate: of those that left it: share that went forward; None = none left
    :ivar low, high: 95% interval of the rate
    :ivar median_days: until half have left it, those still there counted as such;
        None = fewer than half have
    """

    stage: int
    entered: int
    left: int
    rate: float | None
    low: float | None
    high: float | None
    median_days: float | None


def describe_pipeline(
    opportunities: Iterable[Opportunity],
    today: date,
    since: date,
    to_win: float | None = None,
    until: date = date.max,
) -> Pipeline:
    """The pipeline of today; what was closed counts from ``since`` on.

    :param to_win: what is left of the target; None = there is no target
    :param until: last day of the target
    """
    known = list(opportunities)
    pending = [one for one in known if one.state == OPEN]
    closed = [one for one in known if one.closed and since <= one.closed <= today]
    won = [one for one in closed if one.state == WON]
    total = sum(one.amount for one in pending)
    rate = len(won) / len(closed) if closed else None
    deal = mean(one.amount for one in won) if won else None
    cycle = median((one.closed - one.created).days for one in won) if won else None
    dated = [one for one in pending if one.deadline]
    late = [(today - one.deadline).days for one in dated if one.deadline < today]
    due = sum(one.amount for one in pending if (one.deadline or until) <= until)
    velocity = None
    if rate is not None and deal is not None and cycle:
        velocity = len(pending) * rate * deal / cycle
    return Pipeline(
        len(pending),
        total,
        sum(one.amount * one.probability for one in pending),
        due / to_win if to_win and to_win > 0 else None,
        rate,
        wilson_interval(len(won), len(closed)) if closed else None,
        deal,
        cycle,
        velocity,
        len(late) / len(dated) if dated else None,
        median(late) if late else None,
    )


def describe_stages(visits: Iterable[StageVisit], today: date) -> list[StageFigures]:
    """Conversion and time of each stage, first stage first."""
    of_stage: dict[int, list[StageVisit]] = defaultdict(list)
    for visit in visits:
        of_stage[visit.stage].append(visit)
    found = []
    for stage, own in sorted(of_stage.items()):
        has_left = np.array([bool(one.left) for one in own])
        days = np.array([((one.left or today) - one.entered).days for one in own])
        median_days = kaplan_meier(np.maximum(days, 0), has_left).time_until(0.5)
        left, forward = int(has_left.sum()), sum(one.is_forward for one in own)
        rate = forward / left if left else None
        low, high = wilson_interval(forward, left) if left else (None, None)
        found.append(StageFigures(stage, len(own), left, rate, low, high, median_days))
    return found


def score_deal(
    deal: Opportunity,
    stages: Mapping[int, StageFigures],
    today: date,
    path: Container[int] | None = None,
) -> tuple[int | None, list[str]]:
    """0 to 100 for an open opportunity: its chance to be won, and what to look at.

    The chance is the product of the conversion rates of its stage and of those ahead,
    so a later stage never has a lower score. A stage ahead that no deal has left is no
    part of it. What is late has the score of its stage, and a remark.

    :param path: stages of the deal's sales team; None = all
    :return: None = no deal has left its stage yet; remarks are ``unknown_stage``,
        ``stale``, ``overdue``, ``no_deadline``
    """
    remarks, score = [], None
    figures = stages.get(deal.stage)
    if figures and figures.rate is not None:
        ahead = (
            one.rate
            for stage, one in stages.items()
            if stage > deal.stage and (path is None or stage in path)
        )
        known = (rate for rate in ahead if rate is not None)
        score = round(100 * figures.rate * prod(known))
    else:
        remarks.append("unknown_stage")
    if is_stale(deal, stages, today):
        remarks.append("stale")
    if deal.deadline is None:
        remarks.append("no_deadline")
    elif deal.deadline < today:
        remarks.append("overdue")
    return score, remarks


def is_stale(
    deal: Opportunity, stages: Mapping[int, StageFigures], today: date
) -> bool:
    """Whether it is in its stage for more than twice the usual time."""
    figures = stages.get(deal.stage)
    if not figures or figures.median_days is None or not deal.stage_since:
        return False
    return (today - deal.stage_since).days > 2 * max(figures.median_days, 1)


def grade_pipeline(
    pipeline: Pipeline, stale_share: float | None
) -> tuple[str | None, int | None, dict[str, float]]:
    """A grade from A to E, its points of 100, and what cost points.

    What is not known costs nothing and brings nothing.

    :return: no grade where nothing is known
    """
    losses = {}
    if pipeline.coverage is not None:
        losses["coverage"] = max(0.0, 1 - pipeline.coverage / GOOD_COVERAGE)
    for name, share, good in (
        ("overdue", pipeline.overdue_share, GOOD_OVERDUE),
        ("stale", stale_share, GOOD_STALE),
    ):
        if share is not None:
            losses[name] = max(0.0, (share - good) / (1 - good))
    if not losses:
        return None, None, {}
    whole = sum(POINTS[name] for name in losses)
    lost = {name: 100 * POINTS[name] * part / whole for name, part in losses.items()}
    points = round(100 - sum(lost.values()))
    grade = next((name for least, name in GRADES if points >= least), "E")
    return grade, points, {name: part for name, part in lost.items() if part >= 0.5}


def compare_owners(opportunities: Iterable[Opportunity]) -> list[dict[str, object]]:
    """What each owner won, and the 95% interval of the win rate; most won first."""
    of_owner: dict[str, list[Opportunity]] = defaultdict(list)
    for one in opportunities:
        of_owner[one.owner].append(one)
    rows = []
    for owner, mine in of_owner.items():
        won = [one for one in mine if one.state == WON]
        closed = sum(one.state in (WON, LOST) for one in mine)
        rows.append(
            {
                "owner": owner,
                "open": sum(one.amount for one in mine if one.state == OPEN),
                "won": sum(one.amount for one in won),
                "win_rate": len(won) / closed if closed else None,
                "interval": wilson_interval(len(won), closed) if closed else None,
            }
        )
    return sorted(rows, key=lambda row: (-row["won"], row["owner"]))


WATERFALL = (
    "start", "new", "reopened", "moved_in", "raised", "lowered", "won", "lost",
    "moved_out", "removed", "end",
)  # fmt: skip


def build_waterfall(
    before: Sequence[Opportunity], after: Sequence[Opportunity]
) -> dict[str, tuple[float, list[int]]]:
    """What changed the open pipeline between two days; the steps add up to its end.

    What came and went in between is in no step.

    :return: of each step its amount and the numbers of its opportunities
    """
    old = {one.number: one for one in before}
    new = {one.number: one for one in after}
    steps: dict[str, list[tuple[int, float]]] = {name: [] for name in WATERFALL}
    for number in {**old, **new}:
        was, now = old.get(number), new.get(number)
        is_old, is_new = (one is not None and one.state == OPEN for one in (was, now))
        if is_old:
            steps["start"].append((number, was.amount))
        if is_new:
            steps["end"].append((number, now.amount))
        if is_old and is_new:
            if change := now.amount - was.amount:
                steps["raised" if change > 0 else "lowered"].append((number, change))
        elif is_old:
            left_by = LEFT_BY.get(now and now.state, "removed")
            steps[left_by].append((number, -was.amount))
        elif is_new:
            steps[CAME_BY.get(was and was.state, "new")].append((number, now.amount))
    return {
        name: (float(sum(amount for _number, amount in found)), [n for n, _a in found])
        for name, found in steps.items()
    }


LEFT_BY = {WON: "won", LOST: "lost", MOVED: "moved_out"}
CAME_BY = {WON: "reopened", LOST: "reopened", MOVED: "moved_in"}
LEAST_SLIPPED = 5  # opportunities won, from which on their slippage is a usual one


def usual_slippage(events: Iterable[OpportunityEvent], today: date) -> int | None:
    """Median days from the first deadline of what was won to the day it was won.

    :param today: what is known, or is closed, on a later day counts not
    :return: None = fewer than :data:`LEAST_SLIPPED` that had one
    """
    first: dict[int, date] = {}
    days = {}
    for event in events:
        if event.day > today:
            continue
        if event.deadline and event.state == OPEN:
            first.setdefault(event.number, event.deadline)
        if event.state == WON and event.number in first:
            closed = event.closed or event.day
            if closed > today:
                continue
            days[event.number] = (closed - first[event.number]).days
    return round(median(days.values())) if len(days) >= LEAST_SLIPPED else None


def expect_by_month(
    opportunities: Iterable[Opportunity],
    today: date,
    months: int,
    slippage: int = 0,
    cycle_days: float | None = None,
) -> list[float]:
    """What open opportunities bring by their probability, in this month and the next.

    Each closes on its deadline and ``slippage`` days, one without on the usual cycle's
    end, but not before today; what closes later than ``months`` is left out.
    """
    expected = [0.0] * months
    for one in opportunities:
        if one.state != OPEN:
            continue
        due = (one.deadline or one.created).toordinal()
        due += slippage if one.deadline else round(cycle_days or 0)
        day = date.fromordinal(min(max(due, today.toordinal()), date.max.toordinal()))
        place = 12 * (day.year - today.year) + day.month - today.month
        if place < months:
            expected[place] += one.amount * one.probability
    return expected
