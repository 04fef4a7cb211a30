"""Approvals of one document by two people at once, on two connections."""

import pytest
from acts import new_name


@pytest.fixture(scope="module")
def orders(registry):
    """The document of the approvals' own tests, in this database."""
    from odoo import SUPERUSER_ID, api
    from odoo.orm.model_classes import add_to_registry

    from odoo.addons.kpi_base.tests.approval_case import LINE, ORDER, Line, Order

    names = [ORDER, LINE]
    with registry.cursor() as cr:
        for definition in (Order, Line):
            add_to_registry(registry, definition)
        registry._setup_models__(cr, names)
        registry.init_models(cr, names, {})
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["ir.model.access"].create(
            {
                "name": ORDER,
                "model_id": env["ir.model"]._get_id(ORDER),
                "perm_read": True,
                "perm_write": True,
            }
        )
    yield ORDER
    with registry.cursor() as cr:
        for name in names:
            registry.models.pop(name)
            for parent in ("base", *Order._inherit):
                registry[parent]._inherit_children.discard(name)
        registry._setup_models__(cr, [])


@pytest.fixture
def asked(orders, commit):
    """``asked(rule)``: id of an order of two approvers, and their ids."""

    def ask(rule):
        def prepare(env):
            from odoo import Command
            from odoo.tests import new_test_user

            sam, ann, bo = (
                new_test_user(
                    env, f"{new_name()}-{name}", "kpi_base.kpi_base_group_user"
                )
                for name in ("sam", "ann", "bo")
            )
            known = env["kpi.approval.workflow"].search([("model", "=", orders)])
            known.active = False
            env["kpi.approval.workflow"].create(
                {
                    "name": "Orders",
                    "model": orders,
                    "level_ids": [
                        Command.create(
                            {
                                "rule": rule,
                                "approver_ids": [
                                    Command.create({"user_id": one.id, "whom": "user"})
                                    for one in (ann, bo)
                                ],
                            }
                        )
                    ],
                }
            )
            order = env[orders].create({"amount": 1.0})
            order.with_user(sam).action_ask_approval()
            return order.id, ann.id, bo.id

        return commit(prepare)

    return ask


def _act(model, order_id, user_id, method, *arguments):
    def run(env):
        order = env[model].with_user(user_id).browse(order_id)
        getattr(order, method)(*arguments)
        env.flush_all()

    return run


def _state(commit, model, order_id):
    return commit(lambda env: env[model].browse(order_id).approval_state)


def test_who_leaves_at_that_moment_is_not_asked(orders, asked, commit, meet):
    order_id, ann, bo = asked("any")
    commit(lambda env: env[orders].browse(order_id)._stop_approval())

    def leave(env):
        env["res.users"].browse(ann).active = False
        env.flush_all()

    assert not meet(leave, _act(orders, order_id, 1, "action_ask_approval")).refusal
    people = commit(
        lambda env: env[orders].browse(order_id)._find_steps("asked").user_id.ids
    )
    assert people == [bo]


def test_one_approves_and_one_rejects(orders, asked, commit, meet):
    order_id, ann, bo = asked("any")
    outcome = meet(
        _act(orders, order_id, ann, "action_approve"),
        _act(orders, order_id, bo, "action_reject", "No"),
    )
    assert "approved by" in outcome.refusal
    assert _state(commit, orders, order_id) == "approved"


def test_another_system_hears_of_a_conflict(orders, asked, commit, meet):
    from odoo.exceptions import UserError

    from odoo.addons.kpi_base.rest.problem import Problem

    order_id, ann, bo = asked("any")
    answers = []

    def hold(env):
        own = [("res_model", "=", orders), ("user_id", "=", bo)]
        try:
            env["kpi.approval.step"].with_user(bo).search(own)._hold()
        except UserError as error:
            answers.append(Problem.of_exception(error).code)
            raise

    outcome = meet(_act(orders, order_id, ann, "action_approve"), hold)
    assert answers == ([409] if outcome.refusal else [])


def test_two_approvals_are_both_counted(orders, asked, commit, meet):
    order_id, ann, bo = asked("all")
    approve = "action_approve"
    outcome = meet(
        _act(orders, order_id, ann, approve), _act(orders, order_id, bo, approve)
    )
    if outcome.refusal:  # held by the other at that moment: tried once more
        assert "right now" in outcome.refusal
        commit(_act(orders, order_id, bo, approve))
    assert _state(commit, orders, order_id) == "approved"


def test_one_person_decides_once(orders, asked, commit, meet):
    order_id, ann, _bo = asked("all")
    approve = "action_approve"
    outcome = meet(
        _act(orders, order_id, ann, approve), _act(orders, order_id, ann, approve)
    )
    assert outcome.refusal
    decided = commit(
        lambda env: env[orders].browse(order_id)._find_steps("approved").mapped("id")
    )
    assert len(decided) == 1
    assert _state(commit, orders, order_id) == "pending"


def test_what_changes_beside_a_decision_is_not_decided_on(orders, asked, commit, meet):
    order_id, ann, _bo = asked("any")

    def change(env):
        env.cr.execute("UPDATE kpi_test_order SET amount = 2 WHERE id = %s", [order_id])

    meet(change, _act(orders, order_id, ann, "action_approve"))
    assert _state(commit, orders, order_id) == "pending"


def test_a_link_that_is_posted_twice_decides_once(orders, asked, commit, meet):
    from odoo.addons.kpi_base.models.approval.kpi_approval_link import DecisionForm

    order_id, ann, _bo = asked("all")
    own = [("user_id", "=", ann)]
    link_id = commit(lambda env: env["kpi.approval.link"].search(own).id)

    def post(decision):
        def run(env):
            form = DecisionForm(decision, "No")
            env["kpi.approval.link"].browse(link_id)._decide(form)
            env.flush_all()

        return run

    meet(post("approve"), post("reject"))
    states = commit(
        lambda env: (
            env[orders].browse(order_id).approval_step_ids.sorted().mapped("state")
        )
    )
    assert states == ["approved", "asked"]


def test_it_is_asked_for_once(orders, asked, commit, meet):
    order_id, _ann, _bo = asked("any")
    submitter = commit(
        lambda env: env[orders].browse(order_id).approval_step_ids.submitter_id.id
    )
    commit(_act(orders, order_id, submitter, "action_recall"))
    ask = _act(orders, order_id, submitter, "action_ask_approval")
    outcome = meet(ask, ask)
    assert outcome.refusal
    steps = commit(lambda env: len(env[orders].browse(order_id)._find_steps("asked")))
    assert steps == 2
