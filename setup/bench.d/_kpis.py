"""What cases make: KPIs that people enter, their facts as a table, and plain models."""

from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo.fields import Command
from odoo.tools import SQL

from _rows import SILENT

MONTHS, TARGET = 36, 500.0


def track(
    env: Any,
    count: int,
    name: str,
    *,
    first: int = 0,
    target: float = 0.0,
    **values: Any,
) -> Any:
    """So many KPIs of the company, in order of their ids.

    :param first: number of the first, by which it is named
    :param target: from 2020 on; 0 = none
    :param values: of the definitions
    """
    env = env(context={**env.context, "tracking_disable": True})
    values = {"computation": "manual", "history_start": "2020-01-01", **values}
    definitions = env["kpi.definition"].create(
        [
            {"name": f"{name} {n}", "code": f"{name.lower()}_{n}", **values}
            for n in range(first, first + count)
        ]
    )
    definitions._track_for("company", env.company, company_id=env.company.id)
    reports = definitions.report_ids.sorted("id")
    if target:
        values = {"date_from": "2020-01-01", "value": target}
        env["kpi.target"].create([{"report_id": kpi.id, **values} for kpi in reports])
    env.flush_all()
    return reports


def make_people(env: Any, count: int, **values: Any) -> Any:
    """So many users, who get no invitation."""
    people = [
        {"name": f"P {n}", "login": f"p{n}", "email": f"p{n}@example.com", **values}
        for n in range(count)
    ]
    return env["res.users"].with_context(**SILENT).create(people).with_env(env)


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
    env.cr.execute("ANALYZE")


def stored_facts(env: Any) -> list[tuple]:
    """(KPI, day, value, weight) of all that is committed, in this order."""
    env.cr.execute(
        "SELECT report_id, period_start, value, weight FROM kpi_measurement"
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


def undo(env: Any) -> None:
    """Begin with the database as it was, and nothing in Odoo's memory."""
    env.cr.rollback()
    env.cr.cache.clear()
    env.invalidate_all(flush=False)


def as_admin(records: Any) -> Any:
    """As the administrator's web client sees them."""
    env = records.env
    context = {"allowed_company_ids": env.company.ids, "lang": "en_US", "tz": "UTC"}
    return records.with_user(env.ref("base.user_admin")).with_context(**context)


def make_key(env: Any) -> str:
    """A key of the administrator for everything, as often as it likes; committed."""
    env["ir.config_parameter"].set_param("kpi_base.api_per_minute", 10**9)
    scopes = env["kpi.api.scope"].search([])
    keys = env["kpi.api.key"].with_user(env.ref("base.user_admin"))
    values = {"name": "Client", "scope_ids": [(6, 0, scopes.ids)]}
    text, _key = keys._generate(values, datetime.now() + timedelta(days=1))
    env.cr.commit()
    return text


def make_model(env: Any, model: str, *, is_thread: bool = False, **fields: str) -> None:
    """A plain model, made by hand in Odoo, that all users may write.

    :param is_thread: keeps a discussion, in which its changes are tracked
    :param fields: name → type, and what a many2one leads to
    """
    columns = []
    for name, text in fields.items():
        kind, _space, relation = text.partition(" ")
        values = {"name": name, "field_description": name, "ttype": kind}
        if is_thread:
            values["tracking"] = 1
        columns.append(Command.create({**values, "relation": relation or False}))
    rights = ("perm_read", "perm_write", "perm_create", "perm_unlink")
    group = {"name": model, "group_id": env.ref("base.group_user").id}
    env["ir.model"].create(
        {
            "name": model,
            "model": model,
            "is_mail_thread": is_thread,
            "field_id": columns,
            "access_ids": [Command.create({**group, **dict.fromkeys(rights, True)})],
        }
    )
    env.cr.commit()
