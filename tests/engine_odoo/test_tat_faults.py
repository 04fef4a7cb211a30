"""Reminders of requests whose process is killed: another one sends them, once."""

from datetime import timedelta

import pytest
from fault_processes import kill, killed_at_last, rows, run, start, wait_for

from odoo import SUPERUSER_ID, Command, api, fields

SHARES_DATABASE = True
REQUESTS = 30  # three times as many as a sweep of the worker takes at once
FOUND = "SELECT level_id, threshold_percentage FROM tat_alerts ORDER BY 1, 2"
QUEUED = "SELECT key FROM kpi_delivery WHERE renderer = 'kpi.tat.alert' ORDER BY key"
FLAGGED = "SELECT id, reminded_percent FROM approval_levels WHERE clock = 'running'"


@pytest.fixture
def levels(registry):
    """Ids of clocks of which half of the time is used."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        return _make_levels(env).ids


def _make_levels(env):
    env["kpi.delivery"].search([]).unlink()
    asking, asked = env["res.users"].create(
        [
            {
                "name": name,
                "login": f"tat-{name}",
                "email": f"{name}@example.com",
                "group_ids": [Command.set(env.ref("kpi_base.kpi_base_group_user").ids)],
            }
            for name in ("asking", "asked")
        ]
    )
    template = env["kpi.approval.workflow"].create(
        {
            "name": "Purchase",
            "model": "kpi.tat.request",
            "workflow_type": "request_template",
            "level_ids": [
                Command.create(
                    {
                        "approver_ids": [
                            Command.create({"whom": "user", "user_id": asked.id})
                        ]
                    }
                )
            ],
        }
    )
    requests = (
        env["kpi.tat.request"]
        .with_user(asking)
        .create(
            [
                {"subject": f"{number}", "template_id": template.id}
                for number in range(REQUESTS)
            ]
        )
    )
    requests.action_submit()
    rows = requests.sudo().level_ids
    now = fields.Datetime.now()
    past, later = now - timedelta(minutes=1), now + timedelta(days=1)
    rows.write(
        {
            "tat50_due_at": past,
            "next_due_at": past,
            "tat75_due_at": later,
            "overdue_at": later,
        }
    )
    return rows


def test_what_a_killed_sweep_had_in_hand_is_sent_once(module_database, levels):
    """The first ten are committed; the next ten are written when it is killed."""
    with killed_at_last(start(module_database, "step_remind")) as process:
        wait_for(process, "in hand")
        process.stdin.write("\n")
        process.stdin.flush()
        wait_for(process, "in hand")
        run(module_database, "sweep")  # another one, beside it
        kill(process)
    assert 0 < len(rows(module_database, FOUND)) < REQUESTS
    for _run in range(2):
        run(module_database, "sweep")
        assert rows(module_database, FOUND) == [(each, 50) for each in sorted(levels)]
        assert len(rows(module_database, QUEUED)) == REQUESTS
        assert {percent for _id, percent in rows(module_database, FLAGGED)} == {50}
