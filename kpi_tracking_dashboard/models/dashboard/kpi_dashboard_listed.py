from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.roles import OFFICER

ASKED = ("kpi.dashboard", "kpi.dashboard.tile", "kpi.definition", "kpi.report")


class KpiDashboard(models.Model):
    """Which dashboards show somebody anything, and how many of their tiles do."""

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
        domain = Domain("draft_of_id", "=", False)
        if not self.env.user.has_group(OFFICER):
            shown = Domain("id", "in", self._shown_dashboards_sql())
            domain &= Domain("owner_id", "=", self.env.uid) | shown
        return domain if True in value else ~domain

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("tile_ids")
    def _compute_tile_count(self):
        """Count the tiles that the dashboard shows to the user."""
        counts = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT tile.dashboard_id, count(*)
                      FROM (%s) AS tile
                     WHERE tile.dashboard_id = ANY(%s)
                       AND (tile.is_shown OR NOT tile.is_asking)
                  GROUP BY tile.dashboard_id
                    """,
                    self._tiles_sql(),
                    self.ids,
                )
            )
        )
        for dashboard in self:
            dashboard.tile_count = counts.get(dashboard._origin.id, 0)

    def _shown_dashboards_sql(self):
        """Ids of the dashboards that show the user anything, or have no KPI at all."""
        return SQL(
            """
            SELECT dashboard.id
              FROM kpi_dashboard AS dashboard
         LEFT JOIN (%s) AS tile ON tile.dashboard_id = dashboard.id
          GROUP BY dashboard.id
            HAVING bool_or(tile.is_asking AND tile.is_shown)
                OR NOT COALESCE(bool_or(tile.is_asking), FALSE)
            """,
            self._tiles_sql(),
        )

    def _tiles_sql(self):
        """All tiles: whether they show KPIs or records at all, and any to the user.

        A scatter plot shows two KPIs or nothing.
        """
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
            ),
            asked AS (
                SELECT tile_id, count(*) AS count
                  FROM (
                    SELECT kpi_dashboard_tile_id AS tile_id
                      FROM kpi_dashboard_tile_definition_rel
                 UNION ALL
                    SELECT kpi_dashboard_tile_id
                      FROM kpi_dashboard_tile_report_rel
                  ) AS link
              GROUP BY tile_id
            ),
            shown AS (
                SELECT tile_id, count(DISTINCT definition_id) AS count
                  FROM (
                    SELECT tile.id AS tile_id, visible.definition_id
                      FROM kpi_dashboard_tile AS tile
                      JOIN kpi_dashboard_tile_definition_rel AS link
                        ON link.kpi_dashboard_tile_id = tile.id
                      JOIN visible ON visible.definition_id = link.kpi_definition_id
                     WHERE tile.scope_mode = 'filter'
                        OR tile.scope_mode = 'each'
                           AND tile.scope_type = visible.scope_type
                 UNION ALL
                    SELECT link.kpi_dashboard_tile_id, visible.definition_id
                      FROM kpi_dashboard_tile_report_rel AS link
                      JOIN visible ON visible.id = link.kpi_report_id
                  ) AS link
              GROUP BY tile_id
            )
            SELECT tile.id, tile.dashboard_id,
                   tile.kind = 'view' OR asked.count IS NOT NULL AS is_asking,
                   CASE WHEN tile.kind = 'view'
                        THEN COALESCE(tile.view_model = ANY(%(models)s), FALSE)
                        ELSE COALESCE(shown.count, 0) >=
                             CASE tile.kind WHEN 'scatter' THEN LEAST(asked.count, 2)
                             ELSE 1 END
                   END AS is_shown
              FROM kpi_dashboard_tile AS tile
         LEFT JOIN asked ON asked.tile_id = tile.id
         LEFT JOIN shown ON shown.tile_id = tile.id
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
