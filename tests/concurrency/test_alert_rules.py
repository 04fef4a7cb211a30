"""Alerts that two processes meet at once: each receiver is told once."""

from datetime import timedelta

import pytest
from acts import create, definition_values, new_name, write


@pytest.fixture
def alert(commit):
    """Id of an alert that waits to be told, of a rule that escalates."""

    def make(env):
        from odoo import fields

        definition = env["kpi.definition"].create(definition_values())
        report = definition._track_for("company", env.company)
        report.owner_id = env.ref("base.user_admin")
        rule = env["kpi.smart.alert"].create(
            {
                "name": new_name(),
                "company_id": env.company.id,
                "report_ids": [(6, 0, report.ids)],
                "level_ids": [(0, 0, {"after_minutes": 10, "whom": "owner"})],
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
                    "fired_at": fields.Datetime.now() - timedelta(minutes=11),
                }
            ]
        )
        return event.id

    return commit(make)


def tell(env):
    env["kpi.alert.notice"]._sweep_due()


def tell_when_it_fired(alert_id):
    """Tell now, as if it had been then: its escalation is due."""

    def act(env):
        tell(env)
        event = env["kpi.alert.event"].browse(alert_id)
        due = event.fired_at + timedelta(minutes=10)
        event.write({"escalates_from": False, "next_step_at": due})

    return act


def step(env):
    env["kpi.alert.event"]._sweep_steps()


def resolve(alert_id):
    return lambda env: env["kpi.alert.event"].browse(alert_id)._resolve("cleared")


def acknowledge(alert_id):
    def act(env):
        admin = env.ref("base.user_admin")
        env["kpi.alert.event"].with_user(admin).browse(alert_id).action_acknowledge()

    return act


def told(alert_id, change):
    """Messages about a change of the alert."""
    domain = [("res_id", "=", alert_id), ("res_model", "=", "kpi.alert.event")]

    def count(env):
        lines = env["kpi.delivery.line"].search(domain)
        return sum(line.data["change"] == change for line in lines)

    return count


def test_two_sweeps_tell_once(commit, meet, alert):
    assert meet(tell, tell).refusal == ""
    assert commit(told(alert, "fired")) == 1


def test_two_sweeps_escalate_once(commit, meet, alert):
    commit(tell_when_it_fired(alert))
    assert meet(step, step).refusal == ""
    commit(tell)
    assert commit(told(alert, "escalated")) == 1
    assert (
        commit(lambda env: env["kpi.alert.event"].browse(alert).escalated_minutes) == 10
    )


def test_who_is_told_while_it_ends_hears_of_the_end(commit, meet, alert):
    assert meet(tell, resolve(alert)).refusal == ""
    commit(tell)
    fired, resolved = (commit(told(alert, change)) for change in ("fired", "resolved"))
    assert fired == resolved


def test_what_ends_while_it_is_told_leaves_nobody_alarmed(commit, meet, alert):
    assert meet(resolve(alert), tell).refusal == ""
    commit(tell)
    fired, resolved = (commit(told(alert, change)) for change in ("fired", "resolved"))
    assert fired == resolved


def test_acknowledging_comes_before_the_escalation_or_after_it(commit, meet, alert):
    commit(tell_when_it_fired(alert))
    assert meet(acknowledge(alert), step).refusal == ""
    commit(tell)
    assert commit(told(alert, "escalated")) == 0


def test_one_kpi_that_fires_twice_at_once_is_one_alert(commit, meet, alert):
    def fire(env):
        event = env["kpi.alert.event"].browse(alert)
        names = ("rule_name", "alert_type", "severity", "grain", "period_start")
        row = {name: event[name] for name in names}
        row |= {"alert_id": event.alert_id.id, "report_id": event.report_id.id}
        env["kpi.alert.event"]._fire([row])

    commit(resolve(alert))
    meet(fire, fire)
    rule = commit(lambda env: env["kpi.alert.event"].browse(alert).alert_id.id)
    domain = [("alert_id", "=", rule), ("state", "!=", "resolved")]
    assert commit(lambda env: env["kpi.alert.event"].search_count(domain)) == 1


def test_a_rule_tells_the_same_people_once_after_the_same_minutes(commit, meet, alert):
    rule = commit(lambda env: env["kpi.alert.event"].browse(alert).alert_id.id)
    level = {"after_minutes": 30, "whom": "manager"}
    outcome = meet(
        create("kpi.alert.level", alert_id=rule, **level),
        write("kpi.smart.alert", rule, level_ids=[(0, 0, level)]),
    )
    assert "Two levels notify the same people simultaneously" in outcome.refusal
    minutes = commit(
        lambda env: (
            env["kpi.smart.alert"].browse(rule).level_ids.mapped("after_minutes")
        )
    )
    assert sorted(minutes) == [10, 30]
