from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kpi_report_levels import NESTED, WIDE


class KpiPredictiveAnalytics(models.Model):
    """What makes analyses stale: a row for each change, which a run takes away.

    Rows are only added by those who change something and only removed by the run that
    has read the change, so neither waits for the other nor misses it.
    """

    _inherit = "kpi.predictive.analytics"

    stale_from = fields.Date(
        "Changed Since",
        compute="_compute_stale_from",
        help="First day whose values have changed since.",
    )
    is_stale = fields.Boolean(
        "Being Updated", compute="_compute_stale_from", search="_search_is_stale"
    )

    def init(self):
        result = super().init()
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_predictive_mark (
                id bigserial PRIMARY KEY,
                report_id integer NOT NULL REFERENCES kpi_report ON DELETE CASCADE,
                first_day date NOT NULL
            );
            CREATE INDEX IF NOT EXISTS kpi_predictive_mark_report_idx
                ON kpi_predictive_mark (report_id, id)
            """
        )
        return result

    @api.depends("kpi_id", "due_on")
    def _compute_stale_from(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT report_id, min(first_day) FROM kpi_predictive_mark"
                " WHERE report_id = ANY(%s) GROUP BY report_id",
                self.kpi_id.ids,
            )
        )
        since, today = dict(rows), fields.Date.today()
        for row in self:
            row.stale_from = since.get(row.kpi_id.id, False)
            row.is_stale = bool(row.stale_from or not row.due_on or row.due_on <= today)

    def _search_is_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        marked = SQL("(SELECT report_id FROM kpi_predictive_mark)")
        stale = (
            Domain("kpi_id", "in", marked)
            | Domain("due_on", "=", False)
            | Domain("due_on", "<=", fields.Date.today())
        )
        wanted = set(value)
        if wanted == {True}:
            return stale
        return ~stale if wanted == {False} else Domain(len(wanted) == 2)

    @api.model
    def _mark_stale(self, report_ids, first_day):
        """Have KPIs analysed again, as something changed from a day on."""
        if not report_ids:
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO kpi_predictive_mark (report_id, first_day)"
                " SELECT unnest(%s), %s",
                list(report_ids),
                first_day,
            )
        )
        self.env["kpi.timer"]._notify()
        self.invalidate_model(["stale_from", "is_stale"])

    @api.model
    def _find_marks(self, report_ids):
        """Ids of the changes that a run which reads now will have seen."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM kpi_predictive_mark WHERE report_id = ANY(%s)",
                list(report_ids),
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _remove_marks(self, mark_ids):
        if mark_ids:
            self.env.cr.execute(
                SQL("DELETE FROM kpi_predictive_mark WHERE id = ANY(%s)", mark_ids)
            )
            self.invalidate_model(["stale_from", "is_stale"])

    @api.model
    def _find_due(self):
        """Ids of the KPIs whose analysis is missing, stale or of another day."""
        return [id_ for ids, _is_whole in self._list_due() for id_ in ids]

    @api.model
    def _list_due(self):
        """What is due, in groups of a definition and company.

        Of KPIs whose forecasts add up over departments and people all are due with one.

        :return: pairs (ids of KPIs, whether they have to be analysed together)
        """
        self.flush_model(["due_on"])
        return self.env.execute_query(
            SQL(
                """
                SELECT array_agg(id ORDER BY id) FILTER (WHERE is_whole OR is_due),
                       is_whole
                  FROM (
                    SELECT report.id, report.definition_id, report.company_id,
                           known.due_on IS NULL OR known.due_on <= %(today)s
                           OR EXISTS (
                             SELECT 1 FROM kpi_predictive_mark AS mark
                              WHERE mark.report_id = report.id) AS is_due,
                           definition.aggregation_scope = 'sum'
                           AND report.scope_type = ANY(%(nested)s)
                           AND bool_or(report.scope_type = ANY(%(wide)s)) OVER alike
                           AS is_whole
                      FROM kpi_report AS report
                      JOIN kpi_definition AS definition
                        ON definition.id = report.definition_id
                 LEFT JOIN kpi_predictive_analytics AS known ON known.kpi_id = report.id
                     WHERE report.active AND definition.active
                    WINDOW alike AS (
                             PARTITION BY report.definition_id, report.company_id)
                  ) AS tracked
              GROUP BY definition_id, company_id, is_whole
                HAVING bool_or(is_due)
              ORDER BY definition_id, company_id, is_whole
                """,
                today=fields.Date.today(),
                nested=list(NESTED),
                wide=list(WIDE),
            )
        )

    @api.autovacuum
    def _gc_marks(self):
        """Keep the latest change of each KPI: a run may have read earlier ones."""
        self.env.cr.execute(
            """
            DELETE FROM kpi_predictive_mark AS mark
             USING kpi_predictive_mark AS later
             WHERE later.report_id = mark.report_id
               AND later.id > mark.id
            """
        )
