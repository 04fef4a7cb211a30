"""Rules over several billings, plans or statements, kept by two connections."""

import pytest
from acts import new_company, new_name, new_user


@pytest.fixture
def deal_id(commit):
    """A deal of 1,000 that the customer has paid."""

    def prepare(env):
        deal = env["kpi.deal"].create({"title": new_name()})
        for kind in ("invoice", "payment"):
            env["kpi.deal.billing"].create(
                {"deal_id": deal.id, "billing_type": kind, "amount_untaxed": 1000.0}
            )
        return deal.id

    return commit(prepare)


def refund(deal_id, amount):
    return lambda env: env["kpi.deal.billing"].create(
        {"deal_id": deal_id, "billing_type": "refund", "amount_untaxed": amount}
    )


def refunded(commit, deal_id):
    def read(env):
        billings = env["kpi.deal"].browse(deal_id).billing_ids
        refunds = billings.filtered(lambda each: each.billing_type == "refund")
        return sum(refunds.mapped("amount_untaxed"))

    return commit(read)


def test_no_more_is_refunded_than_came_in(commit, meet, deal_id):
    outcome = meet(refund(deal_id, 600.0), refund(deal_id, 600.0))
    assert "exceed the" in outcome.refusal
    assert outcome.runs == 2
    assert refunded(commit, deal_id) == 600.0


def test_refunds_that_came_in_before_are_both_entered(commit, meet, deal_id):
    outcome = meet(refund(deal_id, 600.0), refund(deal_id, 400.0))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert refunded(commit, deal_id) == 1000.0


def test_nothing_is_refunded_of_a_payment_that_goes(commit, meet, deal_id):
    def remove(env):
        billings = env["kpi.deal"].browse(deal_id).billing_ids
        officer = env.ref("base.user_admin")
        billings.with_user(officer).unlink()

    outcome = meet(remove, refund(deal_id, 600.0))
    assert "exceed the" in outcome.refusal
    assert refunded(commit, deal_id) == 0.0


def test_deals_are_billed_side_by_side(commit, meet, deal_id):
    other = commit(lambda env: env["kpi.deal"].create({"title": new_name()}).id)

    def invoice(env):
        env["kpi.deal.billing"].create({"deal_id": other, "amount_untaxed": 5.0})

    outcome = meet(refund(deal_id, 600.0), invoice)
    assert (outcome.refusal, outcome.runs) == ("", 1), "nobody has to wait for that"


def test_shares_of_a_deal_add_up(commit, meet, deal_id):
    people = commit(
        lambda env: (
            env["res.users"]
            .create([{"name": "Mia", "login": new_name()} for _person in range(2)])
            .ids
        )
    )

    def share(env):
        env["kpi.deal.split"].create(
            [
                {"deal_id": deal_id, "agent_id": agent_id, "share_percent": 50.0}
                for agent_id in people
            ]
        )

    outcome = meet(share, share)
    assert "add up to 200%, not 100%" in outcome.refusal
    assert outcome.runs == 2


@pytest.fixture
def agent_id(commit):
    return commit(lambda env: new_user(env).id)


@pytest.fixture
def company_id(commit):
    return commit(lambda env: new_company(env).id)


def new_plan(commit, agent_id, company_id, **values):
    def create(env):
        plan = env["kpi.commission.plan"].create(
            {
                "name": new_name(),
                "company_id": company_id,
                "agent_ids": [(6, 0, [agent_id])],
                "date_from": "2025-01-01",
                "period": "month",
                "rate": 0.05,
                **values,
            }
        )
        return plan.id

    return commit(create)


def activate(plan_id):
    return lambda env: env["kpi.commission.plan"].browse(plan_id).action_activate()


def test_an_agent_follows_one_plan(commit, meet, agent_id, company_id):
    first, second = (new_plan(commit, agent_id, company_id) for _plan in range(2))
    outcome = meet(activate(first), activate(second))
    assert "cover the same agents" in outcome.refusal
    assert outcome.runs == 2

    def states(env):
        return env["kpi.commission.plan"].browse([first, second]).mapped("state")

    assert commit(states) == ["active", "draft"]


@pytest.fixture
def won(commit, agent_id, company_id):
    """Ids of an active plan and of the pending commission of a deal."""
    plan_id = new_plan(commit, agent_id, company_id)
    commit(activate(plan_id))

    def win(env):
        env["res.users"].browse(agent_id).company_ids += env["res.company"].browse(
            company_id
        )
        deal = env["kpi.deal"].create(
            {
                "title": new_name(),
                "agent_id": agent_id,
                "company_id": company_id,
                "estimated_value_amount": 1000.0,
                "pipeline_stage": "closed_won",
            }
        )
        return plan_id, deal.commission_ids.id

    return commit(win)


def confirm(commission_id):
    return lambda env: env["kpi.commission"].browse(commission_id).action_confirm()


def change_rate(plan_id):
    return lambda env: env["kpi.commission.plan"].browse(plan_id).write({"rate": 0.08})


def test_a_plan_that_settles_keeps_its_terms(commit, meet, won):
    plan_id, commission_id = won
    outcome = meet(confirm(commission_id), change_rate(plan_id))
    assert " are settled" in outcome.refusal
    assert outcome.runs == 2


def test_nothing_is_settled_by_former_terms(commit, meet, won):
    plan_id, commission_id = won
    outcome = meet(change_rate(plan_id), confirm(commission_id))
    assert "was changed" in outcome.refusal
    assert outcome.runs == 2


def test_an_advance_is_not_forgotten(commit, meet, agent_id, company_id):
    """Guaranteed are 300 a month: after three without a deal 900 are advanced."""
    plan_id = new_plan(commit, agent_id, company_id, draw_amount=300.0)
    commit(activate(plan_id))
    january, february, march = (
        new_statement(commit, agent_id, company_id, month) for month in (1, 2, 3)
    )
    commit(issue(january))
    outcome = meet(issue(february), issue(march))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert owed(commit, february, march) == [(300.0, 600.0), (600.0, 900.0)]


def test_an_advance_of_an_earlier_period_issued_last_is_not_forgotten(
    commit, meet, agent_id, company_id
):
    plan_id = new_plan(commit, agent_id, company_id, draw_amount=300.0)
    commit(activate(plan_id))
    january, february, march = (
        new_statement(commit, agent_id, company_id, month) for month in (1, 2, 3)
    )
    outcome = meet(issue(february), issue(january))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    commit(issue(march))
    assert owed(commit, february, january, march) == [
        (0.0, 300.0),
        (300.0, 600.0),
        (600.0, 900.0),
    ]


def test_periods_of_an_agent_do_not_overlap(commit, meet, agent_id, company_id):
    def create(first, stop):
        return lambda env: env["kpi.commission.statement"].create(
            {
                "agent_id": agent_id,
                "company_id": company_id,
                "date_from": first,
                "date_to": stop,
            }
        )

    outcome = meet(
        create("2025-01-01", "2025-04-01"), create("2025-03-01", "2025-05-01")
    )
    assert "covers some of these days" in outcome.refusal
    outcome = meet(
        create("2025-04-01", "2025-05-01"), create("2025-05-01", "2025-06-01")
    )
    assert (outcome.refusal, outcome.runs) == ("", 1), "nobody has to wait for that"


def new_statement(commit, agent_id, company_id, month):
    def create(env):
        statement = env["kpi.commission.statement"].create(
            {
                "agent_id": agent_id,
                "company_id": company_id,
                "date_from": f"2025-{month:02}-01",
                "date_to": f"2025-{month + 1:02}-01",
            }
        )
        return statement.id

    return commit(create)


def issue(statement_id):
    return lambda env: (
        env["kpi.commission.statement"].browse(statement_id).action_issue()
    )


def owed(commit, *statement_ids):
    """What was advanced before and after each statement."""
    return commit(
        lambda env: [
            (each.owed_before, each.owed_after)
            for each in env["kpi.commission.statement"].browse(statement_ids)
        ]
    )
