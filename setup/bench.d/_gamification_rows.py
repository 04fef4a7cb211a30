"""Fills a database with people, twenty KPIs each, and their judgements of a year.

The definitions go through the ORM, all else by SQL. A twentieth of ``count`` is people.
"""

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from _rows import SILENT, insert

KPIS, MONTHS, DEPARTMENT = 20, 12, 10


def fill(env: Any, count: int) -> None:
    """Makes everything, in a database with kpi_gamification and no KPI of people."""
    env = env(context={**env.context, **SILENT})
    definitions = env["kpi.definition"].create(
        [
            {"name": f"Own {number}", "company_id": env.company.id}
            for number in range(KPIS)
        ]
    )
    env.flush_all()
    env.cr.execute("SELECT max(id) FROM res_users")
    (last_user,) = env.cr.fetchone()
    env.cr.execute("SELECT max(id) FROM res_partner")
    (last_partner,) = env.cr.fetchone()
    values = {
        "company": env.company.id,
        "definitions": definitions.ids,
        "group": env.ref("kpi_base.kpi_base_group_user").id,
        "last_partner": last_partner,
        "last_user": last_user,
        "people": count // KPIS,
        "size": DEPARTMENT,
    }
    for table, query in _TABLES.items():
        insert(env, table, query, **values)
    judge(env, MONTHS)
    env.invalidate_all()


def judge(env: Any, months: int, before: int = 0) -> None:
    """Judgements of so many closed months, the last of them ``before`` months ago."""
    last = date.today().replace(day=1) - relativedelta(months=1 + before)
    insert(
        env,
        "kpi_target_value",
        _JUDGEMENTS,
        first=last - relativedelta(months=months - 1),
        last=last,
        low=0 if before else -1,
    )


_TABLES = {
    "res_partner": """
        SELECT %(last_partner)s + n AS id, 'Person ' || n AS name, TRUE AS active,
               'contact' AS type, 'Person ' || n AS complete_name
          FROM generate_series(1, %(people)s) AS n
    """,
    "res_users": """
        SELECT %(last_user)s + n AS id, %(last_partner)s + n AS partner_id,
               %(company)s AS company_id, 'person_' || n AS login, TRUE AS active,
               FALSE AS share, 'email' AS notification_type
          FROM generate_series(1, %(people)s) AS n
    """,
    "res_company_users_rel": """
        SELECT %(company)s AS cid, %(last_user)s + n AS user_id
          FROM generate_series(1, %(people)s) AS n
    """,
    "res_groups_users_rel": """
        SELECT %(group)s AS gid, %(last_user)s + n AS uid
          FROM generate_series(1, %(people)s) AS n
    """,
    "kpi_membership": """
        SELECT %(last_user)s + n AS user_id, %(company)s AS company_id,
               'team' AS scope_type, 1 + n / %(size)s AS scope_id,
               date '1900-01-01' AS date_from, date '9999-12-31' AS date_to
          FROM generate_series(1, %(people)s) AS n
    """,
    "kpi_report": """
        SELECT kpi AS definition_id, 'user' AS scope_type,
               %(last_user)s + n AS user_id, %(last_user)s + n AS scope_id,
               %(company)s AS company_id, TRUE AS active, 'month' AS frequency,
               'manual' AS computation, 'no_data' AS status,
               'Own ' || kpi || ' of ' || n AS name
          FROM generate_series(1, %(people)s) AS n
    CROSS JOIN unnest(%(definitions)s) AS kpi
    """,
    "kpi_target": """
        SELECT id AS report_id, 'number' AS rule, date '2015-01-01' AS date_from,
               100 AS value, timestamp '2015-01-01' AS create_date,
               timestamp '2015-01-01' AS write_date
          FROM kpi_report
         WHERE scope_type = 'user'
    """,
}
# three of four are on target, by a hash that no two periods of a KPI share
_JUDGEMENTS = """
    SELECT report.id AS report_id, 'month' AS grain, month::date AS period_start,
           (month + interval '1 month')::date AS period_stop,
           100 AS target, value AS judged_value, value AS achievement,
           CASE WHEN value >= 95 THEN 'on_target'
                WHEN value >= 80 THEN 'at_risk' ELSE 'off_target' END AS status,
           month + interval '1 month 1 day' AS judged_at
      FROM generate_series(%(first)s::date, %(last)s::date, '1 month') AS month
CROSS JOIN kpi_report AS report
CROSS JOIN LATERAL (
        SELECT (85 + (hashint8(report.id * 10007
                               + extract(epoch FROM month)::bigint / 86400)::bigint
                      + 2147483648) %% 41)::float8 AS value) AS made
     WHERE report.scope_type = 'user'
       AND report.id > %(low)s
  ORDER BY month, report.id
"""
