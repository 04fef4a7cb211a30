"""KPIs that people enter, with values and targets; and their facts as tables."""

from typing import Any

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

MONTHS, TARGET = 36, 500.0


def track(
    env: Any,
    count: int,
    name: str,
    scopes: Any = None,
    *,
    first: int = 0,
    months: int = 0,
    target: float = 0.0,
    **values: Any,
) -> Any:
    """So many KPIs of the company, or of each of ``scopes``, in order of their ids.

    :param scopes: departments, teams or users
    :param first: number of the first, by which it is named
    :param months: of values, up to the running one
    :param target: of the company's, from 2020 on; 0 = none
    :param values: of the definitions
    """
    env = env(context={**env.context, "tracking_disable": True})
    scopes = env.company if scopes is None else scopes.with_env(env)
    kind = {"res.company": "company", "res.users": "user", "kpi.team": "team"}
    values = {"computation": "manual", "history_start": "2020-01-01", **values}
    code = name.lower().replace(" ", "_")
    definitions = env["kpi.definition"].create(
        [
            {"name": f"{name} {number}", "code": f"{code}_{number}", **values}
            for number in range(first, first + count)
        ]
    )
    scope_type = kind.get(scopes._name, "department")
    definitions._track_for(scope_type, scopes, company_id=env.company.id)
    reports = definitions.report_ids.sorted("id")
    if target:
        env["kpi.target"].create(
            [
                {"report_id": kpi.id, "date_from": "2020-01-01", "value": target}
                for kpi in reports
            ]
        )
    env.flush_all()
    if months:
        fill_months(env, definitions, months)
        env.cr.execute("ANALYZE")
    return reports


def fill_months(env: Any, definitions: Any, months: int) -> None:
    """Values of all that is tracked of some definitions, up to the running month."""
    first = env.cr.now().date().replace(day=1) - relativedelta(months=months - 1)
    facts = SQL(
        """
        SELECT report.id AS report_id, month::date AS period_start,
               (100 + (report.id * 7919 + extract(month FROM month)::int * 104729)
                %% 900)::float8 AS value,
               NULL::float8 AS weight, NULL::int AS unpriced_count,
               NULL::int AS parts_present, NULL::int AS parts_expected
          FROM kpi_report AS report
    CROSS JOIN generate_series(%s::date, now(), '1 month') AS month
         WHERE report.definition_id = ANY(%s)
        """,
        first,
        definitions.ids,
    )
    env["kpi.measurement"]._upsert("month", facts, source="manual")


def stored_facts(env: Any) -> list[tuple]:
    """(KPI, day, value) of all that is committed, in this order."""
    env.cr.execute(
        "SELECT report_id, period_start, value FROM kpi_measurement"
        " ORDER BY report_id, period_start"
    )
    return env.cr.fetchall()


def forget(env: Any) -> None:
    """An empty fact table and no memory of what was computed, as on the first day."""
    table = "ALTER TABLE kpi_measurement_revision"
    env.cr.execute(f"{table} DISABLE TRIGGER USER")
    env.cr.execute(
        "TRUNCATE kpi_measurement, kpi_measurement_revision, kpi_source_fingerprint"
    )
    for trigger in ("kpi_append_only", "kpi_append_only_truncate"):
        env.cr.execute(f"{table} ENABLE ALWAYS TRIGGER {trigger}")
    env.invalidate_all()
    env.cr.commit()


def vacuum(env: Any, tables: str = "") -> None:
    """Commit, and do what autovacuum does sooner or later."""
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute(f"VACUUM ANALYZE {tables}")
    env.cr._cnx.autocommit = False
