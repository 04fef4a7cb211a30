"""Fills a database with requests of a year, three levels each, their reminders and
notes.

60 people decide, by 20 frozen calendars; one request of 16 is open. People and the
template go through the ORM.
"""

from datetime import datetime
from typing import Any

from odoo import Command
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.worktime import Attendance, WorkCalendar

from _rows import SILENT, insert

PEOPLE, DEPARTMENTS, CALENDARS, LEVELS = 60, 12, 20, 3


def fill(env: Any, count: int) -> None:
    """Makes everything, in a database with kpi_workflow_tat and no request."""
    env = env(context={**env.context, **SILENT})
    departments = env["hr.department"].create(
        [{"name": f"Department {number}"} for number in range(DEPARTMENTS)]
    )
    group = [Command.link(env.ref("kpi_base.kpi_base_group_user").id)]
    people = env["res.users"].create(
        [
            {"name": f"Approver {n}", "login": f"approver_{n}", "group_ids": group}
            for n in range(PEOPLE)
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
    hours = [_make_hours(env, number) for number in range(CALENDARS)]
    template = _make_template(env, people[:LEVELS])
    env.flush_all()
    values = {
        "calendars": [row.id for row in hours],
        "company": env.company.id,
        "departments": departments.ids,
        "note": env.ref("mail.mt_note").id,
        "now": datetime.now(),
        "people": people.ids,
        "requests": count,
        "template": template.id,
    }
    env.cr.execute(SQL(_PLAN, **values))
    for table, query in _TABLES.items():
        insert(env, table, query, **values)
    env.invalidate_all()


def _make_hours(env: Any, number: int) -> Any:
    """A frozen calendar: office hours with leaves of their own."""
    week = tuple(
        Attendance(day, hour, hour + 4) for day in range(5) for hour in (8, 13)
    )
    first = datetime(2020, 1, 1 + number)
    leaves = tuple(
        (first.replace(year=year), first.replace(year=year, hour=12))
        for year in range(2020, 2030)
    )
    calendar = WorkCalendar("Europe/Brussels", week, leaves)
    return env["kpi.tat.calendar"]._get_stored(calendar, f"Hours {number}")


def _make_template(env: Any, people: Any) -> Any:
    """A template by which these people decide one after the other."""
    deciders = [Command.create({"whom": "user", "user_id": one.id}) for one in people]
    levels = [
        Command.create({"sequence": number, "approver_ids": [one]})
        for number, one in enumerate(deciders)
    ]
    return env["kpi.approval.workflow"].create(
        {
            "name": "Purchase",
            "model": "kpi.tat.request",
            "workflow_type": "request_template",
            "level_ids": levels,
        }
    )


# Of each request what follows from its number; ``reached`` is its last level.
_PLAN = """
    CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
    SELECT number AS id, number %% 16 = 0 AS is_open, number %% 5 = 0 AS is_express,
           CASE WHEN number %% 16 = 0 OR number %% 9 = 0
                THEN 1 + number / 16 %% 3 ELSE 3 END AS reached,
           date_trunc('second', %(now)s::timestamp - CASE WHEN number %% 16 = 0
               THEN interval '2 days' + number %% 1000 * interval '6 minutes'
               ELSE interval '6 days' + number * 7919::bigint %% 31000000
                    * interval '1 second' END) AS opened_at,
           (%(people)s::int[])[1 + number %% cardinality(%(people)s)] AS person_id
      FROM generate_series(1, %(requests)s) AS number;
    CREATE TEMPORARY TABLE level_plan ON COMMIT DROP AS
    SELECT plan.id AS request_id, is_open, opened_at, person_id, level, hours,
           3 * (plan.id - 1) + level AS id, opened_at AS create_date, approver_id,
           state, state IN ('approved', 'rejected') AS is_done,
           hours * 2160 AS worked, begun,
           start_at + hours * interval '1 hour' AS stop_at,
           1 + (plan.id + level * 7) %% cardinality(%(people)s) AS place
      FROM plan
CROSS JOIN generate_series(1, 3) AS level
CROSS JOIN LATERAL (
           SELECT 2 + (plan.id * 31 + level * 17) %% 40 AS hours,
                  opened_at + (level - 1) * interval '42 hours' AS start_at,
                  (%(people)s::int[])[
                      1 + (plan.id + level * 7) %% cardinality(%(people)s)
                  ] AS approver_id,
                  CASE WHEN level > reached THEN 'later'
                       WHEN level = reached AND is_open THEN 'asked'
                       WHEN level = reached AND plan.id %% 9 = 0 THEN 'rejected'
                       ELSE 'approved' END AS state
           ) AS course
CROSS JOIN LATERAL (
           SELECT CASE WHEN state <> 'later' THEN start_at END AS begun
           ) AS started;
    ANALYZE plan;
    ANALYZE level_plan
"""
# What waits falls due later than any measurement.
_TABLES = {
    "workflow_requests": """
        SELECT plan.id, 'BENCH/' || plan.id AS number, 'Request ' || plan.id AS subject,
               %(template)s AS template_id, %(template)s AS approval_workflow_id,
               CASE WHEN is_express THEN 'express' ELSE 'standard' END AS priority,
               plan.person_id AS initiator_id, %(company)s AS company_id,
               (%(departments)s::int[])[1 + plan.id %% cardinality(%(departments)s)]
                   AS department_id,
               CASE WHEN status = 'approved' AND plan.id %% 7 = 0 THEN 'closed'
                    ELSE status END AS status,
               status AS approval_state, reached AS approval_level,
               1 AS approval_round, reached AS approval_turn,
               'bench' AS approval_version, plan.id %% 977 * 10 AS amount,
               plan.opened_at AS approval_asked_at, plan.opened_at AS submitted_at,
               decided_at,
               round(EXTRACT(epoch FROM decided_at - plan.opened_at) / 3600, 4)
                   AS cycle_hours,
               FALSE AS is_test, plan.opened_at AS create_date
          FROM plan
          JOIN level_plan AS last ON last.request_id = plan.id AND last.level = reached
    CROSS JOIN LATERAL (
               SELECT CASE WHEN is_done THEN state ELSE 'pending' END AS status,
                      CASE WHEN is_done THEN stop_at END AS decided_at
               ) AS standing
    """,
    "kpi_approval_step": """
        SELECT id, 'kpi.tat.request' AS res_model, request_id AS res_id,
               %(company)s AS company_id, %(template)s AS workflow_id,
               person_id AS submitter_id, 1 AS round, level, 0 AS seat,
               1 AS needed_count, approver_id AS user_id, 'named' AS reason, state,
               'bench' AS content_version, begun AS asked_at,
               CASE WHEN is_done THEN stop_at END AS decided_at, create_date
          FROM level_plan
    """,
    "approval_levels": """
        SELECT id, request_id, id AS step_id, level AS level_number, 1 AS attempt,
               approver_id, %(company)s AS company_id,
               CASE WHEN state <> 'later' THEN
                    (%(calendars)s::int[])[1 + place %% cardinality(%(calendars)s)]
               END AS calendar_id,
               CASE WHEN state <> 'later' THEN 86400 END AS allowed_seconds,
               0 AS elapsed_before, is_done::int * worked AS elapsed_seconds,
               is_done::int * hours * 3600 AS wall_seconds,
               round(is_done::int * worked / 3600.0, 4) AS elapsed_hours,
               0 AS reminded_percent,
               CASE state WHEN 'later' THEN 'waiting' WHEN 'asked' THEN 'running'
                    ELSE 'stopped' END AS clock,
               'remind' AS timeout_action, is_done AND worked >= 43200
                   AS tat50_alert_sent,
               is_done AND worked >= 64800 AS tat75_alert_sent,
               is_done AND worked > 86400 AS tat_breached, FALSE AS is_passed_on,
               CASE WHEN is_done THEN stop_at END AS decided_at,
               begun AS level_start_time, begun AS tat_start_time,
               CASE WHEN is_done THEN stop_at END AS stopped_at,
               begun + interval '9 days' AS tat50_due_at,
               begun + interval '10 days' AS tat75_due_at,
               begun + interval '11 days' AS due_at,
               begun + interval '11 days 1 second' AS overdue_at,
               CASE WHEN state = 'asked' THEN begun + interval '9 days' END
                   AS next_due_at,
               24 AS tat_hours_standard, 8 AS tat_hours_express, create_date
          FROM level_plan
    """,
    "tat_alerts": """
        SELECT request_id, id AS level_id, approver_id, percent AS threshold_percentage,
               'TAT_' || percent AS alert_type, percent || ' %%' AS alert_message,
               '{"superseded": [], "is_test": false}'::jsonb AS metadata,
               24 AS tat_hours_allocated, percent * 0.24 AS tat_hours_elapsed,
               24 - percent * 0.24 AS tat_hours_remaining, TRUE AS notification_sent,
               '{email}'::varchar[] AS notification_channels,
               percent = 100 AS is_breached, NOT tat_breached AS was_completed_on_time,
               level_start_time, sent_at AS due_at, sent_at AS alert_sent_at,
               due_at AS expected_completion_time, decided_at AS completion_time
          FROM approval_levels
    CROSS JOIN (VALUES (50), (75), (100)) AS threshold (percent)
    CROSS JOIN LATERAL (
               SELECT level_start_time + percent * interval '24 minutes' AS sent_at
               ) AS alert
         WHERE clock = 'stopped'
           AND CASE percent WHEN 50 THEN tat50_alert_sent WHEN 75 THEN tat75_alert_sent
                    ELSE tat_breached END
    """,
    "mail_message": """
        SELECT 'kpi.tat.request' AS model, plan.id AS res_id, kind AS message_type,
               %(note)s AS subtype_id, partner_id AS author_id, '<p>Why?</p>' AS body,
               TRUE AS is_internal, opened_at AS date,
               '<bench-' || plan.id || '@example.com>' AS message_id
          FROM plan
          JOIN res_users ON res_users.id = person_id
    CROSS JOIN (VALUES ('comment'), ('notification')) AS message (kind)
    """,
    "mail_followers": """
        SELECT DISTINCT 'kpi.tat.request' AS res_model, plan.id AS res_id, partner_id
          FROM plan
          JOIN res_users
            ON res_users.id IN (
                   person_id,
                   (%(people)s::int[])[1 + plan.id * 13 %% cardinality(%(people)s)])
    """,
    "ir_attachment": """
        SELECT 'offer.txt' AS name, 'binary' AS type, 'kpi.tat.request' AS res_model,
               id AS res_id, %(company)s AS company_id
          FROM plan
         WHERE id %% 10 = 0
    """,
}
