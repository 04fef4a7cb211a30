from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

FLUSHED = (
    "kpi.dashboard",
    "kpi.dashboard.tile",
    "kpi.dashboard.card",
    "kpi.annotation",
    "kpi.report",
)


class KpiDashboard(models.Model):
    """A dashboard and its tiles as plain values, by one statement."""

    _inherit = "kpi.dashboard"

    def _layout(self):
        """The dashboard and its tiles, if the user may see it.

        :return: dict of its fields, ``tiles`` a list of dicts
        :raises AccessError: the user may not see it, or there is none
        """
        self.ensure_one()
        for model in FLUSHED:
            self.env[model].flush_model()
        query = self.with_context(active_test=False)._search(Domain("id", "=", self.id))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT row_to_json(layout)
                  FROM (
                    SELECT dashboard.id, %(name)s AS name,
                           %(description)s AS description, dashboard.revision,
                           dashboard.owner_id, dashboard.company_id,
                           dashboard.interval, dashboard.default_grain,
                           dashboard.comparison,
                           EXISTS (
                             SELECT 1
                               FROM kpi_dashboard_favorite_rel AS favorite
                              WHERE favorite.kpi_dashboard_id = dashboard.id
                                AND favorite.res_users_id = %(user)s
                           ) AS is_favorite,
                           (SELECT COALESCE(json_agg(row_to_json(tile)), '[]')
                              FROM (%(tiles)s) AS tile) AS tiles
                      FROM kpi_dashboard AS dashboard
                     WHERE dashboard.id IN %(visible)s
                  ) AS layout
                """,
                name=self._translated("dashboard", "name"),
                description=self._translated("dashboard", "description"),
                user=self.env.uid,
                tiles=self._tiles_select(),
                visible=query.subselect(),
            )
        )
        if not rows:
            raise AccessError(self.env._("This dashboard is not available."))
        return rows[0][0]

    def _tiles_select(self):
        """Tiles in their order, each with its card and the ids of its KPIs."""
        return SQL(
            """
            SELECT tile.id, tile.kind, COALESCE(%(name)s, '') AS name, tile.span,
                   tile.height, tile.scope_mode, tile.scope_type, tile.periods,
                   tile.breakdown, tile.gauge_widget_id, %(text)s AS text,
                   tile.view_model, tile.view_type, tile.view_domain, tile.view_context,
                   card.card_style, card.icon_type, card.show_previous,
                   card.show_last_year, card.show_target,
                   ARRAY(
                     SELECT link.kpi_definition_id
                       FROM kpi_dashboard_tile_definition_rel AS link
                      WHERE link.kpi_dashboard_tile_id = tile.id
                   ORDER BY array_position(
                              ARRAY(SELECT jsonb_array_elements_text(
                                      tile.definition_order)::int),
                              link.kpi_definition_id), link.kpi_definition_id
                   ) AS definition_ids,
                   ARRAY(
                     SELECT link.kpi_report_id
                       FROM kpi_dashboard_tile_report_rel AS link
                      WHERE link.kpi_dashboard_tile_id = tile.id
                   ORDER BY link.kpi_report_id
                   ) AS report_ids
              FROM kpi_dashboard_tile AS tile
         LEFT JOIN kpi_dashboard_card AS card ON card.id = tile.card_id
             WHERE tile.dashboard_id = dashboard.id
          ORDER BY tile.sequence, tile.id
            """,
            name=self._translated("tile", "name"),
            text=self._translated("tile", "text"),
        )

    def _translated(self, table, column):
        """A translated column in the reader's language."""
        path = SQL.identifier(table, column)
        lang = self.env.lang or "en_US"
        return SQL("COALESCE(%s ->> %s, %s ->> 'en_US')", path, lang, path)
