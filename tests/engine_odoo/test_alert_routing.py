"""Alerts at their due time, by a real timer; and very many of them at once."""

import os
import time
from datetime import timedelta
from importlib import import_module
from resource import RUSAGE_SELF, getrusage

import pytest

from odoo import SUPERUSER_ID, api, fields

ALERTS = 60
MANY = 100_000 if "KPI_LONG" in os.environ else 8_000
KPIS = 100
MOST_BYTES = 512 * 2**20
MOST_STATEMENTS = 60


def run(registry, action):
    with registry.cursor() as cr:
        return action(api.Environment(cr, SUPERUSER_ID, {}))


@pytest.fixture
def rule(registry):
    """Id of a rule that escalates, of a KPI that the administrator looks after."""

    def make(env):
        definition = env["kpi.definition"].create({"name": "Alerted"})
        report = definition._track_for("company", env.company)
        report.owner_id = env.ref("base.user_admin")
        rule = env["kpi.smart.alert"].create(
            {
                "name": "Rule",
                "company_id": env.company.id,
                "report_ids": [(6, 0, report.ids)],
                "level_ids": [(0, 0, {"after_minutes": 10, "whom": "owner"})],
                "threshold": 0.9,
                "alert_cooldown_minutes": 0,
                "flapping_changes": 0,
            }
        )
        env["kpi.alert.event"].search([]).unlink()
        env["kpi.delivery"].search([]).unlink()
        return rule.id

    yield run(registry, make)
    run(registry, lambda env: env["kpi.alert.event"].search([]).unlink())


def test_due_times_are_met(registry, rule, monkeypatch):
    """Escalations due one after the other within seconds: all told, none early."""
    timer = import_module("odoo.addons.kpi_base.timer")

    def prepare(env):
        owner = env["kpi.smart.alert"].browse(rule)
        start = fields.Datetime.now() + timedelta(seconds=2)
        rows = []
        for number in range(ALERTS):
            copy = owner.copy()
            due = start + timedelta(seconds=number * 6 // ALERTS)
            rows.append(
                {
                    "alert_id": copy.id,
                    "rule_name": copy.name,
                    "report_id": copy.report_ids.id,
                    "alert_type": copy.alert_type,
                    "severity": "urgent",
                    "grain": "month",
                    "period_start": "2026-02-01",
                    "fired_at": due - timedelta(minutes=10),
                }
            )
        events = env["kpi.alert.event"]._fire(rows)
        env["kpi.alert.notice"]._sweep_due()
        env["kpi.delivery"].search([]).unlink()
        # As if they had been told when they fired.
        events.escalates_from = False
        env.flush_all()
        events._plan_next_step()
        events.invalidate_recordset()
        return {event.id: event.next_step_at for event in events}

    due = run(registry, prepare)
    seen = {}

    def look(env):
        # Told in the transaction that queues the message, which lists the worst only.
        env.cr.execute(
            "SELECT event_id FROM kpi_alert_notice"
            " WHERE state = 'told' AND change = 'escalated'"
        )
        now = time.time()
        for (event_id,) in env.cr.fetchall():
            seen.setdefault(event_id, now)

    thread = timer.Timer(registry.db_name)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while len(seen) < ALERTS and time.monotonic() < deadline:
            run(registry, look)
            time.sleep(0.02)
    finally:
        thread.end()
        run(registry, lambda env: env["kpi.timer"]._notify())
        thread.join(30)
    assert len(seen) == ALERTS
    assert all(seen[event_id] >= moment.timestamp() for event_id, moment in due.items())


def insert_many(env, rule_id):
    """``MANY`` alerts, of as many pairs of a rule and a KPI, written as one."""
    rule = env["kpi.smart.alert"].browse(rule_id)
    report = rule.report_ids
    users = env["res.users"].create(
        [{"name": f"Person {n}", "login": f"alerted{n}"} for n in range(KPIS)]
    )
    reports = report.definition_id._track_for("user", users)
    reports.owner_id = env.ref("base.user_admin")
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO kpi_smart_alert
        SELECT (jsonb_populate_record(rule, jsonb_build_object(
                  'id', nextval('kpi_smart_alert_id_seq')))).*
          FROM kpi_smart_alert AS rule, generate_series(1, %s)
         WHERE rule.id = %s
     RETURNING id
        """,
        (MANY // KPIS, rule.id),
    )
    rule_ids = [each for (each,) in env.cr.fetchall()]
    env.cr.execute(
        """
        INSERT INTO kpi_alert_event (alert_id, rule_name, report_id, company_id,
                    alert_type, severity, grain, period_start, state, fired_at,
                    escalated_minutes)
        SELECT rule.id, rule.name, report.id, report.company_id, rule.alert_type,
               rule.severity, 'month', '2026-02-01', 'firing', %s, -1
          FROM kpi_smart_alert AS rule, kpi_report AS report
         WHERE rule.id = ANY(%s) AND report.id = ANY(%s)
     RETURNING id
        """,
        (fields.Datetime.now(), rule_ids, reports.ids),
    )
    return [event_id for (event_id,) in env.cr.fetchall()]


def test_very_many_alerts_at_once(registry, rule):
    """A few statements and messages, and memory that their number does not fill."""
    ids = run(registry, lambda env: insert_many(env, rule))
    assert len(ids) == MANY
    used, before = {}, getrusage(RUSAGE_SELF).ru_maxrss

    def measure(name, action):
        def act(env):
            statements, started = env.cr.sql_log_count, time.monotonic()
            result = action(env)
            env.flush_all()
            seconds = round(time.monotonic() - started, 2)
            used.setdefault(name, []).append(
                (env.cr.sql_log_count - statements, seconds)
            )
            return result

        return run(registry, act)

    measure("fire", lambda env: env["kpi.alert.event"].browse(ids)._announce("fired"))
    while moment := measure("tell", lambda env: env["kpi.alert.notice"]._sweep_due()):
        assert moment <= fields.Datetime.now()  # none is held
    count = run(registry, lambda env: env["kpi.delivery"].search_count([]))
    grown = (getrusage(RUSAGE_SELF).ru_maxrss - before) * 1024
    print(f"{used}, {count} messages, {grown / 2**20:.0f} MB more")
    assert count <= len(used["tell"]) <= 10
    ((fired, _seconds),) = used["fire"]
    # Listeners read alerts by the ORM, a thousand at once.
    assert fired <= MOST_STATEMENTS + MANY // 1000
    assert all(told <= MOST_STATEMENTS for told, _seconds in used["tell"])
    assert grown <= MOST_BYTES
