"""Fills a database with requests of a year, three levels each, their reminders and
notes.

60 people decide, by 20 frozen calendars; one request of 16 is open. People and the
template go through the ORM, the many rows through one INSERT for each table.
"""

from datetime import datetime
from typing import Any

from odoo import Command
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.worktime import Attendance, WorkCalendar

from rows import SILENT, drop_foreign_keys

PEOPLE, DEPARTMENTS, CALENDARS, LEVELS = 60, 12, 20, 3
USER = "kpi_base.kpi_base_group_user"
FILLED = (
    "workflow_requests",
    "kpi_approval_step",
    "approval_levels",
    "tat_alerts",
    "mail_message",
    "mail_followers",
    "ir_attachment",
)


def fill(env: Any, count: int, now: datetime) -> None:
    """Makes everything, in a database with kpi_workflow_tat and no request."""
    env = env(context={**env.context, **SILENT})
    people = make_people(env)
    hours = [env["kpi.tat.calendar"]._get_stored(*each) for each in _list_hours()]
    template = make_template(env, people[:LEVELS])
    env.flush_all()
    keys = drop_foreign_keys(env, FILLED)
    arguments = {
        "calendars": [row.id for row in hours],
        "company": env.company.id,
        "departments": people.employee_ids.department_id.ids,
        "note": env.ref("mail.mt_note").id,
        "now": now,
        "people": people.ids,
        "requests": count,
        "template": template.id,
    }
    for statement in (_PLAN, _REQUESTS, _STEPS, _ROWS, _ALERTS, _TALK):
        env.cr.execute(SQL(statement, **arguments))
    for statement in keys:
        env.cr.execute(statement)
    env.invalidate_all()


def make_people(env: Any) -> Any:
    """People who may decide, each an employee of one of the departments."""
    departments = env["hr.department"].create(
        [{"name": f"Department {number}"} for number in range(DEPARTMENTS)]
    )
    people = env["res.users"].create(
        [
            {
                "name": f"Approver {number}",
                "login": f"approver_{number}",
                "group_ids": [Command.link(env.ref(USER).id)],
            }
            for number in range(PEOPLE)
        ]
    )
    env["hr.employee"].create(
        [
            {
                "name": person.name,
                "user_id": person.id,
                "department_id": departments[number % DEPARTMENTS].id,
            }
            for number, person in enumerate(people)
        ]
    )
    return people


def make_template(env: Any, people: Any) -> Any:
    """A template by which these people decide one after the other."""
    return env["kpi.approval.workflow"].create(
        {
            "name": "Purchase",
            "model": "kpi.tat.request",
            "workflow_type": "request_template",
            "level_ids": [
                Command.create(
                    {
                        "sequence": number,
                        "approver_ids": [
                            Command.create({"whom": "user", "user_id": person.id})
                        ],
                    }
                )
                for number, person in enumerate(people)
            ],
        }
    )


def _list_hours():
    """Frozen calendars and their names: office hours, each with leaves of its own."""
    week = tuple(
        Attendance(day, hour, hour + 4) for day in range(5) for hour in (8, 13)
    )
    for number in range(CALENDARS):
        first = datetime(2020, 1, 1 + number)
        leaves = tuple(
            (first.replace(year=year), first.replace(year=year, hour=12))
            for year in range(2020, 2030)
        )
        yield WorkCalendar("Europe/Brussels", week, leaves), f"Hours {number}"


# Of each request what follows from its number; ``reached`` is its last level.
_PLAN = """
    CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
    SELECT nextval('workflow_requests_id_seq')::int AS id, number,
           number %% 16 = 0 AS is_open, number %% 5 = 0 AS is_express,
           CASE WHEN number %% 16 = 0 OR number %% 9 = 0
                THEN 1 + number / 16 %% 3 ELSE 3 END AS reached,
           date_trunc('second', %(now)s::timestamp - CASE WHEN number %% 16 = 0
               THEN interval '2 days' + number %% 1000 * interval '6 minutes'
               ELSE interval '6 days' + number * 7919::bigint %% 31000000
                    * interval '1 second' END) AS opened_at,
           (%(people)s::int[])[1 + number %% cardinality(%(people)s)] AS person_id
      FROM generate_series(1, %(requests)s) AS number;
    CREATE TEMPORARY TABLE level_plan ON COMMIT DROP AS
    SELECT plan.*, level, 2 + (number * 31 + level * 17) %% 40 AS hours,
           CASE WHEN level > reached THEN 'later'
                WHEN level = reached AND is_open THEN 'asked'
                WHEN level = reached AND number %% 9 = 0 THEN 'rejected'
                ELSE 'approved' END AS state,
           opened_at + (level - 1) * interval '42 hours' AS start_at,
           1 + (number + level * 7) %% cardinality(%(people)s) AS place,
           nextval('kpi_approval_step_id_seq')::int AS step_id,
           nextval('approval_levels_id_seq')::int AS level_id
      FROM plan CROSS JOIN generate_series(1, 3) AS level;
    ANALYZE plan;
    ANALYZE level_plan
"""
_REQUESTS = """
    INSERT INTO workflow_requests
           (id, number, subject, template_id, approval_workflow_id, priority,
            initiator_id, company_id, department_id, status, approval_state,
            approval_level, approval_round, approval_turn, approval_version, amount,
            approval_asked_at, submitted_at, decided_at, cycle_hours, is_test,
            create_uid, write_uid, create_date, write_date)
    SELECT id, 'BENCH/' || id, 'Request ' || number, %(template)s, %(template)s,
           CASE WHEN is_express THEN 'express' ELSE 'standard' END, person_id,
           %(company)s,
           (%(departments)s::int[])[1 + number %% cardinality(%(departments)s)],
           state.status, CASE state.status WHEN 'closed' THEN 'approved'
                              ELSE state.status END,
           reached, 1, reached, 'bench', number %% 977 * 10, opened_at, opened_at,
           state.decided_at,
           round(EXTRACT(epoch FROM state.decided_at - opened_at) / 3600, 4), FALSE,
           1, 1, opened_at, opened_at
      FROM plan
     CROSS JOIN LATERAL (
            SELECT CASE WHEN is_open THEN 'pending' WHEN number %% 9 = 0 THEN 'rejected'
                        WHEN number %% 7 = 0 THEN 'closed' ELSE 'approved'
                   END AS status,
                   CASE WHEN NOT is_open
                        THEN opened_at + (reached - 1) * interval '42 hours'
                             + (2 + (number * 31 + reached * 17) %% 40)
                             * interval '1 hour'
                   END AS decided_at
          ) AS state
"""
_STEPS = """
    INSERT INTO kpi_approval_step
           (id, res_model, res_id, company_id, workflow_id, submitter_id, round, level,
            seat, needed_count, user_id, reason, state, content_version, asked_at,
            decided_at, create_uid, write_uid, create_date, write_date)
    SELECT step_id, 'kpi.tat.request', id, %(company)s, %(template)s, person_id, 1,
           level, 0, 1, (%(people)s::int[])[place], 'named', state, 'bench',
           CASE WHEN state <> 'later' THEN start_at END,
           CASE WHEN state IN ('approved', 'rejected')
                THEN start_at + hours * interval '1 hour' END, 1, 1, opened_at,
           opened_at
      FROM level_plan
"""
# What waits falls due later than any measurement.
_ROWS = """
    INSERT INTO approval_levels
           (id, request_id, step_id, level_number, attempt, approver_id, company_id,
            calendar_id, allowed_seconds, elapsed_before, elapsed_seconds, wall_seconds,
            elapsed_hours, reminded_percent, clock, timeout_action, tat50_alert_sent,
            tat75_alert_sent, tat_breached, is_passed_on, decided_at, level_start_time,
            tat_start_time, stopped_at, tat50_due_at, tat75_due_at, due_at, overdue_at,
            next_due_at, tat_hours_standard, tat_hours_express, create_uid, write_uid,
            create_date, write_date)
    SELECT level_id, id, step_id, level, 1, (%(people)s::int[])[place], %(company)s,
           CASE WHEN state <> 'later' THEN
                (%(calendars)s::int[])[1 + place %% cardinality(%(calendars)s)] END,
           CASE WHEN state <> 'later' THEN 86400 END, 0,
           is_done::int * worked, is_done::int * hours * 3600,
           round(is_done::int * worked / 3600.0, 4), 0,
           CASE state WHEN 'later' THEN 'waiting' WHEN 'asked' THEN 'running'
                ELSE 'stopped' END,
           'remind', is_done AND worked >= 43200, is_done AND worked >= 64800,
           is_done AND worked > 86400, FALSE, CASE WHEN is_done THEN stop_at END, begun,
           begun, CASE WHEN is_done THEN stop_at END, begun + interval '9 days',
           begun + interval '10 days', begun + interval '11 days',
           begun + interval '11 days 1 second',
           CASE WHEN state = 'asked' THEN begun + interval '9 days' END, 24, 8, 1, 1,
           opened_at, opened_at
      FROM level_plan
     CROSS JOIN LATERAL (
            SELECT state IN ('approved', 'rejected') AS is_done, hours * 2160 AS worked,
                   start_at + hours * interval '1 hour' AS stop_at,
                   CASE WHEN state <> 'later' THEN start_at END AS begun
          ) AS clock
"""
_ALERTS = """
    INSERT INTO tat_alerts
           (request_id, level_id, approver_id, threshold_percentage, alert_type,
            alert_message, metadata, tat_hours_allocated, tat_hours_elapsed,
            tat_hours_remaining, notification_sent, notification_channels, is_breached,
            was_completed_on_time, level_start_time, due_at, alert_sent_at,
            expected_completion_time, completion_time, create_uid, write_uid,
            create_date, write_date)
    SELECT request_id, id, approver_id, percent, 'TAT_' || percent, percent || ' %%',
           '{"superseded": [], "is_test": false}', 24, percent * 0.24,
           24 - percent * 0.24, TRUE, '{email}', percent = 100, NOT tat_breached,
           level_start_time, sent_at, sent_at, due_at, decided_at, 1, 1, sent_at,
           sent_at
      FROM approval_levels
     CROSS JOIN (VALUES (50), (75), (100)) AS threshold (percent)
     CROSS JOIN LATERAL (
            SELECT level_start_time + percent * interval '24 minutes' AS sent_at
          ) AS alert
     WHERE clock = 'stopped'
       AND CASE percent WHEN 50 THEN tat50_alert_sent WHEN 75 THEN tat75_alert_sent
                ELSE tat_breached END
"""
_TALK = """
    INSERT INTO mail_message
           (model, res_id, message_type, subtype_id, author_id, body, is_internal, date,
            message_id, create_uid, write_uid, create_date, write_date)
    SELECT 'kpi.tat.request', plan.id, kind, %(note)s, partner_id, '<p>Why?</p>', TRUE,
           opened_at, '<bench-' || plan.id || '@example.com>', 1, 1, opened_at,
           opened_at
      FROM plan
      JOIN res_users ON res_users.id = person_id
     CROSS JOIN (VALUES ('comment'), ('notification')) AS message (kind);
    INSERT INTO mail_followers (res_model, res_id, partner_id)
    SELECT DISTINCT 'kpi.tat.request', plan.id, partner_id
      FROM plan
      JOIN res_users
        ON res_users.id IN (
               person_id,
               (%(people)s::int[])[1 + number * 13 %% cardinality(%(people)s)]);
    INSERT INTO ir_attachment
           (name, type, res_model, res_id, company_id, create_uid, write_uid,
            create_date, write_date)
    SELECT 'offer.txt', 'binary', 'kpi.tat.request', id, %(company)s, 1, 1, opened_at,
           opened_at
      FROM plan
     WHERE number %% 10 = 0
"""
