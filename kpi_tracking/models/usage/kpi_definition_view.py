from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class KpiDefinition(models.Model):
    """When somebody last looked at a KPI, on its form or where it is shown."""

    _inherit = "kpi.definition"

    last_viewed_on = fields.Date(
        "Last Viewed",
        compute="_compute_last_viewed_on",
        search="_search_last_viewed_on",
        exportable=False,
        help="Day on which somebody last opened it, or what shows it.",
    )

    def init(self):
        result = super().init()
        # A table of its own: looking at a KPI changes nothing of it.
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_definition_view (
                definition_id integer PRIMARY KEY
                    REFERENCES kpi_definition ON DELETE CASCADE,
                day date NOT NULL
            )
            """
        )
        return result

    @api.model
    def _list_views_sql(self):
        """Statements of ``definition_id`` and ``day`` of looks; addons add theirs."""
        return [SQL("SELECT definition_id, day FROM kpi_definition_view")]

    @api.model
    def _last_views_sql(self):
        return SQL(
            "SELECT definition_id, max(day) AS day FROM (%s) AS look"
            " GROUP BY definition_id",
            SQL(" UNION ALL ").join(self._list_views_sql()),
        )

    def _compute_last_viewed_on(self):
        self.env.flush_all()
        days = dict(
            self.env.execute_query(
                SQL(
                    "SELECT definition_id, day FROM (%s) AS look"
                    " WHERE definition_id = ANY(%s)",
                    self._last_views_sql(),
                    self.ids,
                )
            )
        )
        for definition in self:
            definition.last_viewed_on = days.get(definition.id)

    def _search_last_viewed_on(self, operator, value):
        """Those that somebody looked at since a day, or that nobody did."""
        if operator not in ("<", ">=") or not value:
            return NotImplemented
        self.env.flush_all()
        viewed = SQL(
            "(SELECT definition_id FROM (%s) AS look WHERE day >= %s)",
            self._last_views_sql(),
            fields.Date.to_date(value),
        )
        return Domain("id", "not in" if operator == "<" else "in", viewed)


class KpiReport(models.Model):
    """KPIs that are looked at."""

    _inherit = "kpi.report"

    def count_view(self):
        """Note that somebody looks at these KPIs; once a day is enough."""
        self.check_access("read")
        # Which definition a KPI has is no secret to those who see it.
        definitions = self.sudo().definition_id
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_definition_view (definition_id, day)
                SELECT unnest(%(ids)s::int[]) AS definition_id, %(today)s
              ORDER BY definition_id
                    ON CONFLICT (definition_id) DO UPDATE
                   SET day = excluded.day
                 WHERE kpi_definition_view.day < excluded.day
                """,
                ids=definitions.ids,
                today=fields.Date.context_today(self),
            )
        )
        definitions.invalidate_recordset(["last_viewed_on"])
        return True
