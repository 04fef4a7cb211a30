"""Deals with their history: what a move costs, and what telling the past takes."""

import statistics
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from odoo import fields

from _harness import Bench, DifferentResults, Figure, case

EVENTS = 200
MOST_STATEMENTS = 6
PAIRS = 150
STAGES = ("negotiation", "agreement")


@case("deals")
def deals_moved(bench: Bench) -> Iterator[Figure]:
    """A move of one deal, with its entry in the audit chain and without."""
    env = bench.env(context={"lang": "en_US", "tz": "UTC", "tracking_disable": True})
    deals = env["kpi.deal"].search([("status", "=", "open")], limit=PAIRS)
    # An entry is named by what is moved without one of its own.
    some_entry = env["kpi.audit.log"].search([], limit=1)
    plain = patch.object(
        type(some_entry),
        "_append",
        lambda self, events: self.browse(some_entry.ids * len(events)),
    )
    _check_same(deals[0], plain)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for number, deal in enumerate(deals):
        # Who comes second finds the deal in PostgreSQL's memory: they take turns.
        for is_plain in (number % 2 == 0, number % 2 == 1):
            with plain if is_plain else nullcontext():
                seconds[is_plain].append(_seconds_of_move(deal))
    ours, theirs = (statistics.median(seconds[is_plain]) for is_plain in (False, True))
    yield Figure("append_vs_insert", ours, "s", theirs, "<= 1.35")


@case("deals")
def deals_told(bench: Bench) -> Iterator[Figure]:
    """The timeline of a deal with 200 events beside one with a few."""
    env = bench.env
    deals = env["kpi.deal"].search([("status", "=", "open")], limit=2)
    for number in range(EVENTS // 2):
        deals[0].pipeline_stage = STAGES[number % 2]
        deals[0].estimated_value_amount = 1.0 + number
    agent = deals[0].agent_id
    deals[1].agent_id = agent
    told = [_statements_of_timeline(deal, agent) for deal in deals]
    many, few = told
    if many[1] < EVENTS or few[1] >= EVENTS:
        raise DifferentResults(f"{many[1]} and {few[1]} events are told.")
    yield Figure("timeline_statements", many[0], "statements", MOST_STATEMENTS, "<= 1")
    yield Figure("timeline_statements_growth", many[0], "statements", few[0], "<= 1")


def _seconds_of_move(deal: Any) -> float:
    """Seconds of a move as a request makes it; undone at the end."""
    env = deal.env
    env.invalidate_all()
    start = time.perf_counter()
    deal.pipeline_stage = _other_stage(deal)
    env.flush_all()
    seconds = time.perf_counter() - start
    env.cr.rollback()
    env.invalidate_all(flush=False)
    return seconds


def _other_stage(deal: Any) -> str:
    return STAGES[deal.pipeline_stage == STAGES[0]]


def _check_same(deal: Any, plain: Any) -> None:
    """Both moves leave the same events; fills Odoo's caches, too."""
    events = []
    for logging in (nullcontext(), plain):
        with logging:
            deal.pipeline_stage = _other_stage(deal)
        deal.env.flush_all()
        event = deal.stage_event_ids.sorted("id")[-1]
        if fields.Datetime.now() - event.recorded_at > timedelta(minutes=1):
            raise DifferentResults("A move leaves no event.")
        events.append((event.deal_id.id, event.from_stage, event.to_stage))
        deal.env.cr.rollback()
        deal.env.invalidate_all(flush=False)
    if events[0] != events[1]:
        raise DifferentResults(f"Moves leave different events: {events}")


def _statements_of_timeline(deal: Any, user: Any) -> tuple[int, int]:
    """Statements once Odoo's caches are filled, and the number of events."""
    seen = deal.with_user(user).with_context(lang="en_US", tz="UTC")
    seen.get_timeline()
    deal.env.flush_all()
    deal.env.invalidate_all()
    before = deal.env.cr.sql_log_count
    entries = seen.get_timeline()
    return deal.env.cr.sql_log_count - before, len(entries)
