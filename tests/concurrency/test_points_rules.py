"""Points and rewards of which people order more than there are, at once."""

import threading

import pytest
from acts import new_company, new_name, new_user

PRICE, HAD = 30, 100
MOST = HAD // PRICE


@pytest.fixture
def reward_id(commit):
    """One that twenty would like, of somebody who can pay three."""
    from odoo.tools import SQL

    def prepare(env):
        company = new_company(env)
        person = new_user(env)
        person.write({"company_ids": [(4, company.id)], "company_id": company.id})
        reward = env["kpi.reward"].create(
            {"name": new_name(), "price": PRICE, "company_id": company.id}
        )
        # Other tests leave awards here, which have numbers of their own.
        origin = -1_000_000 - reward.id
        row = SQL("VALUES (%s, %s, %s, %s, '')", person.id, company.id, HAD, origin)
        env["kpi.points.entry"]._book(row, "award")
        return reward.id

    return commit(prepare)


def order(reward_id):
    def act(env):
        reward = env["kpi.reward"].browse(reward_id)
        person = env["res.users"].search([("company_id", "=", reward.company_id.id)])
        reward.with_user(person).sudo().action_order()

    return act


def read(commit, reward_id):
    """Orders of a reward and points that are left."""

    def look(env):
        env["kpi.points.balance"]._cron_check()
        reward = env["kpi.reward"].browse(reward_id)
        heads = env["kpi.points.balance"]
        head = heads.search([("company_id", "=", reward.company_id.id)])
        orders = env["kpi.reward.order"].search_count([("reward_id", "=", reward.id)])
        return orders, head.balance

    return commit(look)


def test_twenty_at_once_spend_no_more_than_there_is(
    registry, commit, reward_id, monkeypatch
):
    from odoo import SUPERUSER_ID, api
    from odoo.exceptions import UserError
    from odoo.service import model

    begin, refused = threading.Barrier(20), []

    def run():
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            begin.wait(60)
            try:
                model.retrying(lambda: order(reward_id)(env), env)
            except UserError as error:
                cr.rollback()
                refused.append(str(error))
            except Exception as error:  # five tries were not enough
                cr.rollback()
                refused.append(type(error).__name__)

    threads = [threading.Thread(target=run) for _each in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    orders, left = read(commit, reward_id)
    assert orders <= MOST
    assert left == HAD - orders * PRICE
    assert orders + len(refused) == 20


def test_the_last_one_is_ordered_once(commit, meet, reward_id):
    commit(lambda env: env["kpi.reward"].browse(reward_id).write({"stock": 1}))
    outcome = meet(order(reward_id), order(reward_id))
    assert "out of stock" in outcome.refusal
    assert outcome.runs == 2
    assert read(commit, reward_id) == (1, HAD - PRICE)


def test_points_are_booked_once_by_two_at_once(commit, meet, reward_id):
    from odoo.tools import SQL

    def book(env):
        reward = env["kpi.reward"].browse(reward_id)
        person = env["res.users"].search([("company_id", "=", reward.company_id.id)])
        row = SQL(
            "VALUES (%s, %s, 7, %s, '')", person.id, reward.company_id.id, -reward_id
        )
        env["kpi.points.entry"]._book(row, "award")

    outcome = meet(book, book)
    assert outcome.runs == 2
    assert read(commit, reward_id) == (0, HAD + 7)
