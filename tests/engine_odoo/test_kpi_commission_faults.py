"""Two people settle commissions at the same moment, on connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import LockError
from odoo.tools import mute_logger

SHARES_DATABASE = True


@pytest.fixture(scope="module")
def deals(registry):
    """A registry with a plan of tiers in its database; what it does is kept."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        tiers = ((0, 100_000, 0.05), (100_000, False, 0.08))
        plan = env["kpi.commission.plan"].create(
            {
                "name": "Tiers",
                "date_from": "2026-01-01",
                "computation": "marginal",
                "tier_ids": [
                    (0, 0, {"amount_from": low, "amount_to": high, "rate": rate})
                    for low, high, rate in tiers
                ],
            }
        )
        plan.action_activate()
    return registry


def new_deal(registry, value):
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        return (
            env["kpi.deal"]
            .create(
                {
                    "title": f"Deal of {value}",
                    "agent_id": env.ref("base.user_admin").id,
                    "estimated_value_amount": value,
                    "opened_at": datetime(2026, 1, 5, 9),
                }
            )
            .id
        )


def at_once(registry, *actions):
    """Run ``actions`` as requests do: at the same moment, again after a conflict.

    :return: what each came to: None, or the error it was refused with
    """
    barrier = Barrier(len(actions))

    def run(action):
        is_first = True
        while True:
            with registry.cursor() as cr, mute_logger("odoo.sql_db"):
                env = api.Environment(cr, SUPERUSER_ID, {})
                cr.execute("SELECT 1")  # the snapshot is taken before anybody acts
                if is_first:
                    barrier.wait(60)
                is_first = False
                try:
                    action(env)
                    env.flush_all()
                    cr.commit()
                    return None
                except SerializationFailure:
                    cr.rollback()
                except LockError as error:
                    cr.rollback()
                    return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_a_commission_is_confirmed_once(deals):
    deal_id = new_deal(deals, 1000.0)
    with deals.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        deal = env["kpi.deal"].browse(deal_id)
        deal.pipeline_stage = "closed_won"
        commission_id = deal.commission_ids.id

    def confirm(env):
        env["kpi.commission"].browse(commission_id).action_confirm()

    outcomes = at_once(deals, confirm, confirm, confirm)
    assert len([outcome for outcome in outcomes if outcome is None]) == 1, outcomes
    with deals.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        commission = env["kpi.commission"].browse(commission_id)
        assert commission.status == "confirmed"
        assert commission.accrual_ids.mapped("amount") == [50.0]
        logged = env["kpi.audit.log"].search_count(
            [
                ("model", "=", "kpi.deal"),
                ("res_id", "=", deal_id),
                ("event_type", "=", "deal_commission_confirmed"),
            ]
        )
        assert logged == 1
        assert commission.deal_id.verify_history()["is_whole"]


def test_deals_won_at_once_share_the_tiers(deals):
    with deals.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        before = sum(env["kpi.commission"].search([]).mapped("basis_amount"))
    deal_ids = [new_deal(deals, 60_000.0) for _deal in range(4)]

    def win(deal_id):
        def action(env):
            env["kpi.deal"].browse(deal_id).pipeline_stage = "closed_won"

        return action

    assert at_once(deals, *map(win, deal_ids)) == [None] * 4
    with deals.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        won = env["kpi.deal"].browse(deal_ids)
        assert won.mapped("status") == ["closed_won"] * 4
        first, rest = 100_000 - before, 4 * 60_000 - (100_000 - before)
        paid = sum(won.commission_ids.mapped("net_amount"))
        assert round(paid, 2) == round(first * 0.05 + rest * 0.08, 2)
