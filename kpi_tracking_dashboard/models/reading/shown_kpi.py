"""KPIs of a dashboard as plain values, which are read faster than records."""

from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_tracking.engine.kpi_text import unit_description


class ShownKpi(NamedTuple):
    """What a dashboard has to know of a KPI, with what it is made of.

    Without descriptions, filters and all else that reports and definitions hold. Has
    the names of the fields of both: of the report, and from ``definition_id`` on of the
    definition.

    :param kpi_name: of the definition; ``name`` says also whom the KPI is tracked for
    :param has_notes: whether people have said something about it
    """

    id: int
    name: str
    scope_type: str
    scope_id: int
    company_id: int
    frequency: str
    current_period_start: object
    current_period_stop: object
    last_measured_at: object
    computation_error: str | None
    definition_id: int
    kpi_name: str
    aggregation_scope: str
    aggregation_time: str
    calendar_id: int
    change_days: list | None
    coarsest_grain: str | None
    computation: str
    currency_id: int | None
    decimals: int
    direction: str
    duration_unit: str | None
    gauge_widget_id: int | None
    measure: str
    model_name: str | None
    unit: str
    unit_symbol: str | None
    certification: str | None
    has_notes: bool

    @property
    def scope(self):
        return self.scope_type, self.scope_id

    def unit_description(self):
        return unit_description(self, self.currency_id)


def read_visible_kpis(env, domain):
    """The KPIs of ``domain`` that the user sees, by id; none whose definition they do
    not see, or that is archived.

    :return: list of ``ShownKpi``
    """
    env["kpi.definition"].flush_model()
    # The visible queries of the user.
    reports = env["kpi.report"]._search(domain)
    definitions = env["kpi.definition"]._search(Domain("active", "=", True))
    if reports.is_empty() or definitions.is_empty():
        return []
    # What a KPI is made of is no secret to those who see it.
    report, definition = env["kpi.report"].sudo(), env["kpi.definition"].sudo()
    own = {
        "name": SQL("COALESCE(kpi_report.name, '')"),
        "definition_id": SQL("kpi_definition.id"),
        "kpi_name": definition._field_to_sql("kpi_definition", "name"),
        "decimals": SQL("COALESCE(kpi_definition.decimals, 0)"),
        "certification": env["kpi.definition"]._certification_sql("kpi_definition"),
        "has_notes": SQL(
            "EXISTS (SELECT 1 FROM kpi_annotation AS note"
            " WHERE note.report_id = kpi_report.id)"
        ),
    }
    names = ShownKpi._fields
    of_report = names[: names.index("definition_id")]
    models = [report if name in of_report else definition for name in names]
    columns = [
        own.get(name) or model._field_to_sql(model._table, name)
        for name, model in zip(names, models, strict=True)
    ]
    rows = env.execute_query(
        SQL(
            """
            SELECT %(columns)s
              FROM %(reports)s, %(definitions)s
             WHERE kpi_definition.id = kpi_report.definition_id
               AND (%(shown)s)
               AND (%(active)s)
          ORDER BY kpi_report.id
            """,
            columns=SQL(", ").join(columns),
            reports=reports.from_clause,
            definitions=definitions.from_clause,
            shown=reports.where_clause or SQL("TRUE"),
            active=definitions.where_clause,
        )
    )
    return [ShownKpi._make(row) for row in rows]
