from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.roles import OFFICER

ASKED = ("kpi.dashboard", "kpi.dashboard.tile", "kpi.definition", "kpi.report")


class KpiDashboard(models.Model):
    """Which dashboards are worth naming to somebody: those that show them anything."""

    _inherit = "kpi.dashboard"

    is_listed = fields.Boolean(
        compute="_compute_is_listed",
        search="_search_is_listed",
        help="Shows the user a KPI or records, has neither, or is theirs to arrange.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("owner_id", "tile_ids")
    def _compute_is_listed(self):
        listed = self.filtered_domain(self._search_is_listed("in", [True]))
        for dashboard in self:
            dashboard.is_listed = dashboard in listed

    def _search_is_listed(self, operator, value):
        if operator != "in":
            return NotImplemented
        if self.env.user.has_group(OFFICER):
            return Domain(True in value)
        shown = Domain("id", "in", self._shown_dashboards_sql())
        domain = Domain("owner_id", "=", self.env.uid) | shown
        return domain if True in value else ~domain

    def _shown_dashboards_sql(self):
        """Ids of the dashboards that show the user anything, or have no KPI at all."""
        for model in ASKED:
            self.env[model].flush_model()
        # The visible queries of the user.
        reports = self.env["kpi.report"]._search([])
        definitions = self.env["kpi.definition"]._search(Domain("active", "=", True))
        return SQL(
            """
            WITH visible AS (
                SELECT report.id, report.definition_id, report.scope_type
                  FROM kpi_report AS report
                 WHERE report.id IN %(reports)s
                   AND report.definition_id IN %(definitions)s
            )
            SELECT dashboard.id
              FROM kpi_dashboard AS dashboard
             WHERE EXISTS (
                     SELECT 1
                       FROM kpi_dashboard_tile AS tile
                       JOIN kpi_dashboard_tile_definition_rel AS link
                         ON link.kpi_dashboard_tile_id = tile.id
                       JOIN visible ON visible.definition_id = link.kpi_definition_id
                      WHERE tile.dashboard_id = dashboard.id
                        AND (tile.scope_mode = 'filter'
                             OR tile.scope_mode = 'each'
                                AND tile.scope_type = visible.scope_type))
                OR EXISTS (
                     SELECT 1
                       FROM kpi_dashboard_tile AS tile
                       JOIN kpi_dashboard_tile_report_rel AS link
                         ON link.kpi_dashboard_tile_id = tile.id
                       JOIN visible ON visible.id = link.kpi_report_id
                      WHERE tile.dashboard_id = dashboard.id)
                OR EXISTS (
                     SELECT 1
                       FROM kpi_dashboard_tile AS tile
                      WHERE tile.dashboard_id = dashboard.id
                        AND tile.kind = 'view'
                        AND tile.view_model = ANY(%(models)s))
                OR NOT EXISTS (
                     SELECT 1
                       FROM kpi_dashboard_tile AS tile
                  LEFT JOIN kpi_dashboard_tile_definition_rel AS definition
                         ON definition.kpi_dashboard_tile_id = tile.id
                  LEFT JOIN kpi_dashboard_tile_report_rel AS report
                         ON report.kpi_dashboard_tile_id = tile.id
                      WHERE tile.dashboard_id = dashboard.id
                        AND (tile.kind = 'view'
                             OR definition.kpi_definition_id IS NOT NULL
                             OR report.kpi_report_id IS NOT NULL))
            """,
            reports=reports.subselect(),
            definitions=definitions.subselect(),
            models=self._find_readable_models(),
        )

    def _find_readable_models(self):
        """Names of the models of embedded views that the user may read."""
        # Which records a dashboard shows is no secret.
        tiles = self.env["kpi.dashboard.tile"].sudo()
        rows = tiles._read_group([("kind", "=", "view")], ["view_model"])
        names = [name for (name,) in rows if name in self.env]
        return [name for name in names if self.env[name].has_access("read")]
