"""Deals with their history: what a move costs, what telling the past takes, and the
audit log of all deals verified, beside a cursor and hashlib."""

import hashlib
import statistics
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from odoo import fields

from odoo.addons.kpi_base.engine.audit import GENESIS

from _harness import Bench, DifferentResults, Figure, case, count_statements

EVENTS = 200
MOST_STATEMENTS = 6
PAIRS = 150
STAGES = ("negotiation", "agreement")
ROWS_AT_ONCE = 10_000
ENTRIES = """
    SELECT model, res_id, seq, text, previous_hash, hash FROM audit_logs ORDER BY id
"""


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


def _statements_of_timeline(deal: Any, user: Any) -> tuple[float, int]:
    """Statements once Odoo's caches are filled, and the number of events."""
    seen = deal.with_user(user).with_context(lang="en_US", tz="UTC")
    return count_statements(deal.env, seen.get_timeline), len(seen.get_timeline())


@case("deals")
def deals_verified(bench: Bench) -> Iterator[Figure]:
    """1,500,000 entries in 200,000 chains, and the rows beside them."""
    log = bench.env["kpi.audit.log"]
    yield bench.compare(
        "verify_vs_fetch_and_hash",
        ours=log._chain_faults,
        reference=lambda: _fetched_and_hashed(bench),
        same=_check_whole,
        target="<= 1",
    )
    chains, rows = bench.measure(log._chain_faults, log._row_faults)
    yield Figure("verify_rows_vs_chains", rows, "s", chains)


def _fetched_and_hashed(bench: Bench) -> list:
    """Places that do not fit; entries come in the order in which they were added, so
    that of each chain only its end is kept."""
    ends: dict[tuple[str, int], tuple[int, str]] = {}
    faults = []
    with bench.env.cr._cnx.cursor("entries") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(ENTRIES)
        for model, res_id, seq, text, previous, found in cursor:
            end = ends.get((model, res_id), (0, GENESIS.hex()))
            link = hashlib.sha256(bytes.fromhex(previous) + text.encode()).hexdigest()
            if (seq - 1, previous) != end or link != found:
                faults.append((model, res_id, seq))
            ends[model, res_id] = seq, found
    return faults


def _check_whole(ours: list, theirs: list) -> None:
    if ours or theirs:
        raise DifferentResults(f"The log is not whole: {(ours or theirs)[0]}")
