"""Clocks of requests that two processes meet at once: each is announced once."""

from datetime import timedelta

import pytest
from acts import new_name


@pytest.fixture
def request_id(commit):
    """Id of a request that was overdue a day ago, and of which nobody was told."""

    def make(env):
        from odoo import Command

        admin = env.ref("base.user_admin")
        groups = [Command.link(env.ref("kpi_base.kpi_base_group_user").id)]
        people = env["res.users"].create(
            [
                {"name": new_name(), "login": new_name(), "group_ids": groups}
                for _number in range(2)
            ]
        )
        template = env["kpi.approval.workflow"].create(
            {
                "name": new_name(),
                "model": "kpi.tat.request",
                "workflow_type": "request_template",
                "owner_id": admin.id,
                "level_ids": [
                    Command.create(
                        {
                            "approver_ids": [
                                Command.create(
                                    {"whom": "user", "user_id": people[0].id}
                                )
                            ]
                        }
                    )
                ],
            }
        )
        requests = env["kpi.tat.request"].with_user(people[1])
        request = requests.create({"subject": "x", "template_id": template.id})
        request.action_submit()
        rows = request.sudo().level_ids
        for row in rows:
            passed = row.create_date - timedelta(days=1)
            names = ("tat50_due_at", "tat75_due_at", "overdue_at", "next_due_at")
            row.write(dict.fromkeys(names, passed))
        return request.id

    return commit(make)


def sweep(env):
    env["kpi.tat.level"]._sweep_due()


def approve(request_id):
    def act(env):
        request = env["kpi.tat.request"].browse(request_id)
        request.with_user(request.level_ids.approver_id).action_approve()

    return act


def list_alerts(request_id):
    return lambda env: (
        env["kpi.tat.request"].browse(request_id).alert_ids.mapped("alert_type")
    )


def test_two_sweeps_announce_once(commit, meet, request_id):
    assert meet(sweep, sweep).refusal == ""
    assert commit(list_alerts(request_id)) == ["TAT_100"]


def test_a_decision_while_it_is_announced_is_made(commit, meet, request_id):
    assert meet(sweep, approve(request_id)).refusal == ""
    status = commit(lambda env: env["kpi.tat.request"].browse(request_id).status)
    assert status == "approved"
    ((alert, is_done),) = commit(
        lambda env: [
            (each.alert_type, bool(each.completion_time))
            for each in env["kpi.tat.request"].browse(request_id).alert_ids
        ]
    )
    assert (alert, is_done) == ("TAT_100", True)


def test_what_is_decided_first_is_not_announced(commit, meet, request_id):
    assert meet(approve(request_id), sweep).refusal == ""
    assert commit(list_alerts(request_id)) == []
