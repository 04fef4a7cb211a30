from odoo import api, models
from odoo.fields import Command, Domain
from odoo.tools import SQL


class KpiDefinition(models.Model):
    """Dashboards show KPIs: who looks at one looks at these."""

    _inherit = "kpi.definition"

    @api.model
    def _list_views_sql(self):
        return [
            *super()._list_views_sql(),
            SQL(
                """
                SELECT shown.definition_id, visit.day
                  FROM kpi_dashboard_visit AS visit
                  JOIN kpi_dashboard_tile AS tile
                    ON tile.dashboard_id = visit.dashboard_id
                  JOIN (
                    SELECT kpi_dashboard_tile_id AS tile_id,
                           kpi_definition_id AS definition_id
                      FROM kpi_dashboard_tile_definition_rel
                     UNION
                    SELECT link.kpi_dashboard_tile_id, report.definition_id
                      FROM kpi_dashboard_tile_report_rel AS link
                      JOIN kpi_report AS report ON report.id = link.kpi_report_id
                  ) AS shown ON shown.tile_id = tile.id
                """
            ),
        ]

    def _move_uses(self, other, twins):
        shown = Domain("definition_ids", "in", self.ids)
        shown |= Domain("report_ids", "in", [report.id for report in twins])
        tiles = self.env["kpi.dashboard.tile"].search(shown)._filtered_access("write")
        for tile in tiles:
            kpis = [
                other.id if id_ == self.id else id_
                for id_ in tile.definition_order or tile.definition_ids.ids
            ]
            tile.definition_ids = [Command.set(kpis)]
            tile.definition_order = kpis
        self._exchange_kpis(tiles.filtered("report_ids"), twins)
        moved = super()._move_uses(other, twins)
        return {self.env._("Dashboards"): tiles.dashboard_id, **moved}
