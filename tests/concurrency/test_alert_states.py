"""Two people who say at once what becomes of an alert, by two connections."""

import json

import pytest
from acts import definition_values, new_name

ACKNOWLEDGE = ("ann", lambda alert: alert.action_acknowledge())
RESOLVE = ("bob", lambda alert: alert.action_resolve(note="Booked late"))
CHANGED = "kpi_tracking_alert.changed"


@pytest.fixture
def alert(commit):
    """Ids of an alert that fires, and of Ann and Bob, who have to do with it."""

    def make(env):
        officers = env.ref("kpi_base.kpi_base_group_officer")
        ann, bob = env["res.users"].create(
            [
                {"name": name, "login": new_name(), "group_ids": [(4, officers.id)]}
                for name in ("Ann", "Bob")
            ]
        )
        definition = env["kpi.definition"].create(definition_values())
        report = definition._track_for("company", env.company)
        report.owner_id = ann
        rule = env["kpi.smart.alert"].create(
            {
                "name": new_name(),
                "company_id": env.company.id,
                "report_ids": [(6, 0, report.ids)],
                "threshold": 0.9,
            }
        )
        event = env["kpi.alert.event"]._fire(
            [
                {
                    "alert_id": rule.id,
                    "rule_name": rule.name,
                    "report_id": report.id,
                    "alert_type": rule.alert_type,
                    "severity": rule.severity,
                    "grain": "month",
                    "period_start": "2026-02-01",
                    "assignee_id": bob.id,
                }
            ]
        )
        env["kpi.alert.notice"]._sweep_due()
        env["bus.bus"].search([]).unlink()
        return {"event": event.id, "ann": ann.id, "bob": bob.id}

    return commit(make)


class Person:
    """Does one thing to the alert, and sees what has become of it."""

    def __init__(self, alert, login, act):
        self.alert, self.user_id, self.act = alert, alert[login], act
        self.seen = None

    def __call__(self, env):
        event = env["kpi.alert.event"].with_user(self.user_id)
        event = event.browse(self.alert["event"])
        self.act(event)
        env.flush_all()
        event.invalidate_recordset()
        self.seen = event.state


def list_woken(env):
    """Ids of the partners whose screens ask anew."""
    messages = env["bus.bus"].search([])
    told = [each for each in messages if json.loads(each.message)["type"] == CHANGED]
    return {json.loads(each.channel)[2] for each in told}


@pytest.mark.parametrize(
    ("order", "changes"),
    [
        ((ACKNOWLEDGE, RESOLVE), ["acknowledged", "resolved"]),
        ((RESOLVE, ACKNOWLEDGE), ["resolved"]),
        ((RESOLVE, RESOLVE), ["resolved"]),
        ((ACKNOWLEDGE, ACKNOWLEDGE), ["acknowledged"]),
    ],
)
def test_one_state_wins_and_both_see_it(commit, meet, alert, order, changes):
    first, second = (Person(alert, *each) for each in order)
    if order[0] == order[1]:
        second.user_id = alert["ann" if order[0] == RESOLVE else "bob"]
    outcome = meet(first, second)
    assert (outcome.refusal, outcome.runs) == ("", 2)

    def look(env):
        event = env["kpi.alert.event"].browse(alert["event"])
        logged = event.change_ids.sorted("id").mapped("change")
        people = env["res.users"].browse([alert["ann"], alert["bob"]])
        return event.state, logged, people.partner_id.ids, list_woken(env)

    state, logged, partner_ids, woken = commit(look)
    assert state == changes[-1]
    assert [each for each in logged if each != "fired"] == changes
    # Who was first hears of it, and asks; who was second is answered.
    assert second.seen == state
    assert set(partner_ids) <= woken
