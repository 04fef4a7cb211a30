"""What people do in these tests: functions of an environment."""

from itertools import count

_numbers = count()


def new_name():
    """A name, code or login that nothing else has."""
    return f"n{next(_numbers)}"


def definition_values(formula=None):
    """Of a KPI that people enter, or of one computed by ``formula``."""
    values = {"name": new_name(), "company_id": False}
    if formula:
        values |= {"computation": "formula", "formula": formula}
    return values


def write(model, record_id, **values):
    return lambda env: env[model].browse(record_id).write(values)


def create(model, **values):
    return lambda env: env[model].create(values)


def new_company(env):
    return env["res.company"].create({"name": new_name()})


def new_user(env):
    return env["res.users"].create({"name": "Mia", "login": new_name()})


def propose_target(env):
    """Ids of a target of 100, of a proposal of 120 for it, and of who approves."""
    from odoo import Command
    from odoo.tests import new_test_user

    officer = "kpi_base.kpi_base_group_officer"
    olga, ann = (new_test_user(env, new_name(), officer) for _user in range(2))
    kpi = env["kpi.definition"].create({"name": new_name(), "computation": "manual"})
    report = kpi._track_for("company", env.company)
    target = env["kpi.target"].create(
        {"report_id": report.id, "date_from": "2026-01-01", "value": 100}
    )
    known = env["kpi.approval.workflow"].search([("model", "=", "kpi.approval.change")])
    known.active = False
    approver = Command.create({"whom": "user", "user_id": ann.id})
    env["kpi.approval.workflow"].create(
        {
            "name": "Targets",
            "model": "kpi.approval.change",
            "workflow_type": "target_change",
            "owner_id": ann.id,
            "level_ids": [Command.create({"approver_ids": [approver]})],
        }
    )
    change = target.with_user(olga)._propose({"value": 120}, "More")
    return target.id, change.id, ann.id
