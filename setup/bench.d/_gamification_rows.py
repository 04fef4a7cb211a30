"""Fills a database with people, twenty KPIs each, and their judgements of a year.

A twentieth of ``count`` is people. One of them and one KPI go through the ORM; the
others are copied from these.
"""

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from _rows import SILENT, copied, insert

KPIS, MONTHS, TEAM = 20, 12, 10


def fill(env: Any, count: int) -> None:
    """Makes everything, in a database with kpi_gamification and no KPI of people."""
    env = env(context={**env.context, **SILENT})
    group = env.ref("kpi_base.kpi_base_group_user")
    values = {"name": "Person 0", "login": "person_0", "group_ids": [(4, group.id)]}
    person = env["res.users"].create(values)
    definitions = env["kpi.definition"].create(
        [{"name": f"Own {n}", "company_id": env.company.id} for n in range(KPIS)]
    )
    report = definitions[0]._track_for("user", person, env.company.id)
    env.flush_all()
    values = {
        "company": env.company.id,
        "definitions": definitions.ids,
        "group": group.id,
        "partner": person.partner_id.id,
        "people": count // KPIS,
        "report": report.id,
        "team": TEAM,
        "user": person.id,
    }
    for table, query in _TABLES.items():
        insert(env, table, query, **values)
    judge(env, MONTHS)
    env.invalidate_all()


def judge(env: Any, months: int, before: int = 0) -> None:
    """Judgements of so many closed months, the last of them ``before`` months ago."""
    last = date.today().replace(day=1) - relativedelta(months=1 + before)
    first = last - relativedelta(months=months - 1)
    insert(env, "kpi_target_value", _JUDGEMENTS, first=first, last=last)


_PEOPLE = "generate_series(1, %(people)s) AS number"
_NAMED = "'id', original.id + number, 'name', 'Person ' || number"
_TABLES = {
    "res_partner": copied("res_partner", "partner", _PEOPLE, _NAMED),
    "res_users": copied(
        "res_users",
        "user",
        _PEOPLE,
        "'id', original.id + number, 'partner_id', %(partner)s + number,"
        " 'login', 'person_' || number",
    ),
    "res_company_users_rel": f"""
        SELECT %(company)s AS cid, %(user)s + number AS user_id FROM {_PEOPLE}
    """,
    "res_groups_users_rel": f"""
        SELECT %(group)s AS gid, %(user)s + number AS uid FROM {_PEOPLE}
    """,
    "kpi_membership": f"""
        SELECT %(user)s + number AS user_id, %(company)s AS company_id,
               'team' AS scope_type, 1 + number / %(team)s AS scope_id,
               date '1900-01-01' AS date_from, date '9999-12-31' AS date_to
          FROM {_PEOPLE}
    """,
    "kpi_report": copied(
        "kpi_report",
        "report",
        f"{_PEOPLE} CROSS JOIN unnest(%(definitions)s::int[])"
        " WITH ORDINALITY AS kpi (id, place)",
        f"'id', original.id + (number - 1) * {KPIS} + place, 'definition_id', kpi.id,"
        " 'user_id', %(user)s + number, 'scope_id', %(user)s + number",
    ),
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
           100 AS target, value AS rated_value, value AS achievement,
           CASE WHEN value >= 95 THEN 'on_target'
                WHEN value >= 80 THEN 'at_risk' ELSE 'off_target' END AS status,
           month + interval '1 month 1 day' AS rated_at
      FROM generate_series(%(first)s::date, %(last)s::date, '1 month') AS month
CROSS JOIN kpi_report AS report
CROSS JOIN LATERAL (
        SELECT (85 + (hashint8(report.id * 10007
                               + extract(epoch FROM month)::bigint / 86400)::bigint
                      + 2147483648) %% 41)::float8 AS value) AS made
     WHERE report.scope_type = 'user'
  ORDER BY month, report.id
"""
