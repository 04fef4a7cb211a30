"""Sweeps of alerts whose process is killed: another one does the rest, once."""

from collections import Counter
from datetime import timedelta

import pytest
from fault_processes import kill, killed_at_last, rows, run, start, wait_for

from odoo import SUPERUSER_ID, api, fields

SHARES_DATABASE = True
KPIS = 30  # three times as many as a sweep of the worker takes at once
AT_ONCE = 10
STATES = ("firing", "acknowledged", "snoozed")
CHANGES = {
    "firing": "escalated",
    "acknowledged": "reminded",
    "snoozed": "reminded",
}


@pytest.fixture
def commit(registry):
    """``commit(function of an environment)``: its result, after a commit."""

    def act(action):
        with registry.cursor() as cr:
            return action(api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True}))

    return act


@pytest.fixture
def rule(commit):
    """Id of a rule that is on, of KPIs without values that three people look after."""

    def make(env):
        for model in ("kpi.alert.event", "kpi.delivery", "kpi.smart.alert"):
            env[model].search([]).unlink()
        prefix = f"watched{env['res.users'].search_count([])}"
        users = env["res.users"].create(
            [{"name": f"Person {n}", "login": f"{prefix}.{n}"} for n in range(KPIS)]
        )
        officers = env.ref("kpi_base.kpi_base_group_officer")
        users[:3].group_ids += officers
        definition = env["kpi.definition"].create({"name": "Watched"})
        reports = definition._track_for("user", users)
        for number, report in enumerate(reports):
            report.owner_id = users[number % 3]
        made = env["kpi.smart.alert"].create(
            {
                "name": "Low",
                "company_id": env.company.id,
                "report_ids": [(6, 0, reports.ids)],
                "compared": "value",
                "threshold": 5,
                "alert_cooldown_minutes": 0,
                "flapping_changes": 0,
                "remind_after_hours": 1,
                "level_ids": [(0, 0, {"after_minutes": 10, "whom": "owner"})],
            }
        )
        made.action_turn_on()
        env["kpi.smart.alert"]._sweep_marks()
        return made.id

    return commit(make)


def enter_values(rule_id):
    """A value of each KPI that breaks the rule."""

    def act(env):
        reports = env["kpi.smart.alert"].browse(rule_id).report_ids
        calendar = reports.definition_id.calendar_id
        today = calendar._today()
        closed = calendar._periods("month", today - timedelta(days=70), today)[-2]
        values = [(report.id, closed.start, 1.0) for report in reports]
        env["kpi.measurement"]._upsert("month", values, source="manual")

    return act


def fire(rule_id):
    """An alert of each KPI; nobody is told yet."""

    def act(env):
        rule = env["kpi.smart.alert"].browse(rule_id)
        events = env["kpi.alert.event"]._fire(
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
                for report in rule.report_ids
            ]
        )
        return events.ids

    return act


def make_steps_due(event_ids):
    """A third escalates, a third is told again, a third ends its snooze."""

    def act(env):
        env["kpi.alert.notice"]._sweep_due()
        env["kpi.delivery"].search([]).unlink()
        past = fields.Datetime.now() - timedelta(minutes=1)
        for number, event in enumerate(env["kpi.alert.event"].browse(event_ids)):
            state = STATES[number % 3]
            event.write({"state": state, "next_step_at": past, "escalates_from": False})
            if state == "acknowledged":
                event.acknowledged_at = past

    return act


def kill_in_the_middle(database, command):
    """Let a process do a third, and kill it in the middle of the next.

    Another one sweeps while the first has its rows in hand, and is not held up.
    """
    with killed_at_last(start(database, command)) as process:
        wait_for(process, "in hand")
        process.stdin.write("\n")
        process.stdin.flush()
        wait_for(process, "in hand")
        run(database, "sweep")
        kill(process)


def count_messages(database):
    """How often each change of each alert is told, whoever is told."""
    found = rows(
        database,
        "SELECT res_id, data ->> 'change' FROM kpi_delivery_line"
        " WHERE res_model = 'kpi.alert.event'",
    )
    return Counter(found)


def count_rows(database, table):
    return rows(database, f"SELECT count(*) FROM {table}")[0][0]


@pytest.mark.parametrize("command", ["step_evaluate", "step_open"])
def test_an_evaluation_that_is_killed(module_database, commit, rule, command):
    """When it had taken marks, and when it had opened their alerts."""
    commit(enter_values(rule))
    marked = "(SELECT DISTINCT report_id FROM kpi_alert_mark) AS marked"
    assert count_rows(module_database, marked) == KPIS
    kill_in_the_middle(module_database, command)
    assert count_rows(module_database, marked) == KPIS - AT_ONCE
    assert count_rows(module_database, "kpi_alert_event") == AT_ONCE
    run(module_database, "sweep")
    assert count_rows(module_database, "kpi_alert_mark") == 0
    events = rows(module_database, "SELECT id, report_id FROM kpi_alert_event")
    assert len({report_id for _event_id, report_id in events}) == len(events) == KPIS
    told = {(event_id, "fired"): 1 for event_id, _report_id in events}
    assert count_messages(module_database) == told


def test_steps_whose_process_is_killed(module_database, commit, rule):
    """When it had escalated and reminded, and was to end snoozes."""
    event_ids = commit(fire(rule))
    commit(make_steps_due(event_ids))
    kill_in_the_middle(module_database, "step_steps")
    assert len(count_messages(module_database)) == KPIS - AT_ONCE
    run(module_database, "sweep")
    told = {
        (event_id, CHANGES[STATES[number % 3]]): 1
        for number, event_id in enumerate(event_ids)
    }
    assert count_messages(module_database) == told
    taken = rows(
        module_database,
        "SELECT state, coalesce(reminder_count, 0), escalated_minutes, count(*)"
        "  FROM kpi_alert_event GROUP BY 1, 2, 3 ORDER BY 1, 2",
    )
    assert taken == [
        ("acknowledged", 1, -1, AT_ONCE),
        ("firing", 0, 10, AT_ONCE),
        ("firing", 1, -1, AT_ONCE),
    ]


def test_messages_whose_process_is_killed(module_database, commit, rule):
    """When it had queued them."""
    event_ids = commit(fire(rule))
    kill_in_the_middle(module_database, "step_notices")
    assert len(count_messages(module_database)) == KPIS - AT_ONCE
    run(module_database, "sweep")
    told = {(event_id, "fired"): 1 for event_id in event_ids}
    assert count_messages(module_database) == told
    states = rows(
        module_database, "SELECT state, count(*) FROM kpi_alert_notice GROUP BY 1"
    )
    assert states == [("told", KPIS)]
