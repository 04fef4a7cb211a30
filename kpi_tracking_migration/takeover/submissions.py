"""Submissions of the predecessor become accepted entries and facts.

It stored a row per person and day, whatever the period of the KPI: the last row of a
period is its value, those before it are earlier versions.
"""

from openupgradelib import openupgrade

from odoo.tools import SQL

PREPARED = """
    ALTER TABLE kpi_tracking_18_submission ADD COLUMN new_report_id integer;
    ALTER TABLE kpi_tracking_18_submission ADD COLUMN new_id integer;
    ALTER TABLE kpi_tracking_18_group_submission ADD COLUMN new_report_id integer;
    ALTER TABLE kpi_tracking_18_group_submission ADD COLUMN new_id integer;

    UPDATE kpi_tracking_18_submission AS old
       SET new_report_id = COALESCE(
             (SELECT new_report_id FROM kpi_tracking_18_report_user
               WHERE kpi_report_id = kpi.id AND res_users_id = old.user_id),
             kpi.new_report_id)
      FROM kpi_tracking_18_report AS kpi
     WHERE kpi.id = old.kpi_id;

    UPDATE kpi_tracking_18_group_submission AS old
       SET new_report_id = kpi_group.new_report_id
      FROM kpi_tracking_18_group AS kpi_group
     WHERE kpi_group.id = old.report_id;
"""
NUMBERED = """
    UPDATE %(table)s
       SET new_id = nextval(pg_get_serial_sequence('kpi_submission', 'id'))
     WHERE COALESCE(value, 0) > '-Infinity'
       AND COALESCE(value, 0) < 'Infinity'
"""
INSERTED = """
    INSERT INTO kpi_submission
           (id, report_id, definition_id, company_id, grain, period_start, value,
            weight, note, state, approval_state, is_current,
            entered_by_id, submitted_at, decided_by_id, decided_at,
            version, corrects_id, correction_reason,
            create_uid, write_uid, create_date, write_date)
    SELECT new_id, report_id, definition_id, company_id, grain, period_start, value, 1,
           note, 'approved', 'none', row_number() OVER newest = 1,
           author_id, date, author_id, date,
           row_number() OVER oldest, lag(new_id) OVER oldest,
           CASE WHEN row_number() OVER oldest > 1 THEN 'Entered again' END,
           author_id, author_id, date, date
      FROM (
        SELECT old.new_id, report.id AS report_id, definition.id AS definition_id,
               report.company_id, definition.frequency AS grain, day.period_start,
               CASE WHEN definition.unit = 'boolean'  -- whatever it was, but 0
                    THEN (COALESCE(old.value, 0) <> 0)::integer
                    ELSE COALESCE(old.value, 0) END AS value,
               old.note, moment.date,
               COALESCE(old.user_id, old.create_uid, 1) AS author_id
          FROM %(table)s AS old
          JOIN kpi_report AS report ON report.id = old.new_report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
          JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
    CROSS JOIN LATERAL (SELECT COALESCE(old.date, old.create_date) AS date) AS moment
          JOIN kpi_calendar_day AS day
            ON day.shape = calendar.shape
           AND day.grain = definition.frequency
           AND day.day = (moment.date AT TIME ZONE 'UTC' AT TIME ZONE calendar.tz)::date
         WHERE old.new_id IS NOT NULL
      ) AS entry
    WINDOW oldest AS (PARTITION BY report_id, period_start ORDER BY date, new_id),
           newest AS (PARTITION BY report_id, period_start
                          ORDER BY date DESC, new_id DESC)
"""
FACTS = """
    SELECT report_id, period_start, value, NULL::float8 AS weight,
           NULL::integer AS unpriced_count, NULL::integer AS parts_present,
           NULL::integer AS parts_expected
      FROM kpi_submission
     WHERE is_current AND grain = %(grain)s
"""
TABLES = ("kpi_tracking_18_submission", "kpi_tracking_18_group_submission")


def run(env):
    env.cr.execute(PREPARED)
    ensure_days(env)
    for table in TABLES:
        for statement in (NUMBERED, INSERTED):
            query = SQL(statement.replace("%(table)s", table))
            openupgrade.logged_query(env.cr, query.code)
    env.invalidate_all()
    for grain in ("day", "week", "month"):
        facts = SQL(FACTS, grain=grain)
        env["kpi.measurement"]._upsert(grain, facts, source="manual")


def ensure_days(env):
    """Days for all submissions; a time zone shifts none by more than a day."""
    env.cr.execute(
        """
        SELECT min(date)::date - 1, max(date)::date + 1
          FROM (SELECT COALESCE(date, create_date) AS date
                  FROM kpi_tracking_18_submission
             UNION ALL
                SELECT COALESCE(date, create_date)
                  FROM kpi_tracking_18_group_submission) AS submission
        """
    )
    first, last = env.cr.fetchone()
    if first:
        for calendar in env["kpi.definition"].search([]).calendar_id:
            calendar._ensure_days(first, last)
