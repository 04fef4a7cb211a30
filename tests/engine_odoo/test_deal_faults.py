"""Many change one deal at once, on connections of their own; one is killed at it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from fault_processes import kill, killed_at_last, start, wait_for
from psycopg2.errors import SerializationFailure

SHARES_DATABASE = True
WRITERS = 25
STAGES = ("qualification", "proposal", "negotiation")


def move_once(registry, deal_id, number, barrier):
    """Move the deal as a request would: again after a conflict; number of conflicts."""
    from odoo import SUPERUSER_ID, api
    from odoo.tools import mute_logger

    conflicts = 0
    while True:
        with registry.cursor() as cr, mute_logger("odoo.sql_db"):
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            deal = env["kpi.deal"].browse(deal_id)
            deal.pipeline_stage  # noqa: B018 - the card as everybody sees it
            if not conflicts:
                barrier.wait(60)
            try:
                deal.pipeline_stage = STAGES[number % len(STAGES)]
                deal.estimated_value_amount = 1.0 + number
                cr.commit()
                return conflicts
            except SerializationFailure:
                cr.rollback()
                conflicts += 1


@pytest.fixture
def deal_id(registry):
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if "kpi.deal" not in env:
            pytest.skip("kpi_deal_pipeline is not installed")
        return env["kpi.deal"].create({"title": "Moved by many"}).id


def test_a_deal_that_many_move_at_once_has_one_history(registry, deal_id):
    from odoo import SUPERUSER_ID, api

    barrier = Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        waiting = [
            pool.submit(move_once, registry, deal_id, number, barrier)
            for number in range(WRITERS)
        ]
        conflicts = sum(future.result(300) for future in waiting)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        deal = env["kpi.deal"].browse(deal_id)
        events = deal.stage_event_ids.sorted("id")
        for before, after in zip(events, events[1:], strict=False):
            assert after.from_stage == before.to_stage
        assert events[-1].to_stage == deal.pipeline_stage
        amounts = deal.value_event_ids.mapped("estimated_value_amount")
        assert sorted(amounts) == [0.0, *(1.0 + n for n in range(WRITERS))]
        assert deal.verify_history()["is_whole"]
    assert conflicts, "nobody met anybody: the test showed nothing"


def test_a_process_killed_between_entry_and_event_leaves_neither(registry, deal_id):
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        first = env["kpi.deal"].search([], limit=1, order="id").id
        before = history(env, first)
    with killed_at_last(start(registry.db_name, "step_move")) as process:
        wait_for(process, "logged")
        kill(process)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        assert history(env, first) == before
        deal = env["kpi.deal"].browse(first)
        assert deal.verify_history()["is_whole"]
        # Nothing is left that would hold the next one up.
        deal.pipeline_stage = "due_diligence"
        assert deal.verify_history()["is_whole"]
        cr.rollback()


def history(env, deal_id):
    """Stage, number of events and number of entries of a deal."""
    deal = env["kpi.deal"].browse(deal_id)
    chain = [("model", "=", "kpi.deal"), ("res_id", "=", deal_id)]
    return (
        deal.pipeline_stage,
        len(deal.stage_event_ids),
        env["kpi.audit.log"].search_count(chain),
    )
