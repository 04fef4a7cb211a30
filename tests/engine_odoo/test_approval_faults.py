"""A server that dies between a decision and the messages that follow from it."""

from datetime import date

import pytest
from fault_processes import kill, killed_at_last, start, wait_for
from smtp_server import SmtpServer

from odoo import SUPERUSER_ID, Command, api

MONTH = date(2026, 1, 1)
OFFICER = "kpi_base.kpi_base_group_officer"


@pytest.fixture
def server():
    with SmtpServer() as running:
        yield running


@pytest.fixture
def env(registry, server):
    """A database whose mail leaves through ``server``; what is done is committed."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        env.company.email = "kpi@example.com"
        env["kpi.delivery"].search([]).unlink()
        env["ir.mail_server"].search([]).unlink()
        env["ir.mail_server"].create(
            {"name": "Test", "smtp_host": "127.0.0.1", "smtp_port": server.port}
        )
        yield env


@pytest.fixture
def entry(env):
    """An entry that the first of two people is asked about; both know it."""
    name = f"Decided {env['kpi.definition'].search_count([])}"
    submitter, first, second = _make_people(env, name)
    definition = env["kpi.definition"].create(
        {"name": name, "has_entry_approval": True}
    )
    env["kpi.approval.workflow"].search([]).active = False
    env["kpi.approval.workflow"].create(
        {
            "name": name,
            "model": "kpi.submission",
            "level_ids": [
                Command.create(
                    {
                        "sequence": number,
                        "approver_ids": [
                            Command.create({"whom": "user", "user_id": user.id})
                        ],
                    }
                )
                for number, user in enumerate((first, second), start=1)
            ],
        }
    )
    report = definition._track_for("company", env.company)
    entry = report.with_user(submitter)._enter_value(MONTH, 4)
    _send(env)
    return entry.with_env(env)


def _make_people(env, name):
    # Odoo would mail an invitation.
    users = env["res.users"].with_context(no_reset_password=True)
    return users.create(
        [
            {
                "name": f"{name} {who}",
                "login": f"{name} {who}",
                "email": f"{who}@example.com",
                "group_ids": [Command.set(env.ref(OFFICER).ids)],
            }
            for who in ("submitter", "first", "second")
        ]
    )


def _send(env):
    """What the crons of both lanes do."""
    env.cr.commit()
    for lane in ("urgent", "bulk"):
        env["kpi.delivery"]._cron_send(lane)
    env.cr.commit()


def _kill(env, command):
    """Kill a process once it has approved what waits."""
    with killed_at_last(start(env.cr.dbname, command)) as process:
        wait_for(process, "approved")
        kill(process)
    env.cr.commit()
    env.invalidate_all()


def _find_receivers(server):
    return [message["To"].split("<")[-1].strip(">") for message in server.received]


def test_a_decision_that_was_committed_is_told_once(env, entry, server):
    assert _find_receivers(server) == ["first@example.com"]
    _kill(env, "step_decided")
    assert entry.approval_level == 2
    for _run in range(2):
        _send(env)
    assert _find_receivers(server) == ["first@example.com", "second@example.com"]


def test_a_decision_that_was_not_committed_is_neither_made_nor_told(env, entry, server):
    _kill(env, "step_undecided")
    assert entry.approval_level == 1
    _send(env)
    assert _find_receivers(server) == ["first@example.com"]
    _kill(env, "step_decided")
    _send(env)
    assert _find_receivers(server) == ["first@example.com", "second@example.com"]
