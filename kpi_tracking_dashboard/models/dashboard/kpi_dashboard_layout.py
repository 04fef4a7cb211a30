from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..reading.shown_kpi import translated_column_sql
from ..tile.kpi_dashboard_tile import in_order

FLUSHED = (
    "kpi.dashboard",
    "kpi.dashboard.tile",
    "kpi.dashboard.card",
    "kpi.dashboard.schedule",
    "kpi.dashboard.share",
    "kpi.annotation",
    "kpi.report",
)


HEAD = ("name", "description", "revision", "owner_id", "company_id", "interval")
HEAD += ("default_grain", "comparison", "is_favorite", "is_seen", "draft_of_id")
HEAD += (
    "base_revision",
    "has_versions",
    "last_view",
    "draft_id",
    "draft_on",
    "draft_by",
)
TILE = ("id", "kind", "name", "span", "height", "scope_mode", "scope_type", "periods")
TILE += ("breakdown", "gauge_widget_id", "text", "view_model", "view_type")
TILE += ("view_domain", "view_context", "card_style", "icon_type", "show_previous")
TILE += ("show_last_year", "show_target", "definition_ids", "report_ids")


class KpiDashboard(models.Model):
    """A dashboard and its tiles as plain values, by one statement.

    A draft shows the head of the published dashboard, whose settings are its own.
    """

    _inherit = "kpi.dashboard"

    def _layout(self):
        """The dashboard and its tiles, if the user may see it.

        :return: dict of its fields, ``tiles`` a list of dicts
        :raises AccessError: the user may not see it, or there is none
        """
        self.ensure_one()
        for model in FLUSHED:
            self.env[model].flush_model()
        options = self.env["kpi.dashboard.tile"]._list_options()
        rows = self._layout_rows(options)
        if not rows:
            refusal = self._get_draft_refusal()
            raise AccessError(refusal or self.env._("This dashboard is not available."))
        head = dict(zip(HEAD, rows[0], strict=False))
        return {**head, "id": self.id, "tiles": _list_tiles(rows, options)}

    def _layout_rows(self, options):
        """The dashboard beside each of its tiles, in their order, with their cards.

        :param options: fields of tiles that addons have added
        :return: values of ``HEAD``, ``TILE`` and ``options``, then the order of the
            KPIs and the id of the tile, which is empty where there is none
        """
        query = self.with_context(active_test=False)._search(Domain("id", "=", self.id))
        return self.env.execute_query(
            SQL(
                """
                SELECT %(name)s, %(description)s, kpi_dashboard.revision,
                       kpi_dashboard.owner_id, kpi_dashboard.company_id,
                       head.interval, head.default_grain, head.comparison,
                       EXISTS (
                         SELECT 1
                           FROM kpi_dashboard_favorite_rel AS favorite
                          WHERE favorite.kpi_dashboard_id = %(id)s
                            AND favorite.res_users_id = %(user)s),
                       %(is_seen)s, kpi_dashboard.draft_of_id,
                       kpi_dashboard.base_revision,
                       EXISTS (
                         SELECT 1
                           FROM kpi_dashboard_version AS version
                          WHERE version.dashboard_id = head.id),
                       (SELECT max(visit.last_at)
                          FROM kpi_dashboard_visit AS visit
                         WHERE visit.dashboard_id = kpi_dashboard.id
                           AND visit.user_id = %(user)s),
                       draft.id, draft.write_date,
                       drafter.name,
                       tile.id, tile.kind, COALESCE(%(title)s, ''), tile.span,
                       tile.height, tile.scope_mode, tile.scope_type, tile.periods,
                       tile.breakdown, tile.gauge_widget_id, %(text)s, tile.view_model,
                       tile.view_type, tile.view_domain, tile.view_context,
                       card.card_style, card.icon_type, card.show_previous,
                       card.show_last_year, card.show_target,
                       ARRAY(
                         SELECT link.kpi_definition_id
                           FROM kpi_dashboard_tile_definition_rel AS link
                          WHERE link.kpi_dashboard_tile_id = tile.id),
                       ARRAY(
                         SELECT link.kpi_report_id
                           FROM kpi_dashboard_tile_report_rel AS link
                          WHERE link.kpi_dashboard_tile_id = tile.id
                       ORDER BY link.kpi_report_id),
                       %(options)s tile.definition_order, tile.id
                  FROM %(visible)s
                  JOIN kpi_dashboard AS head
                    ON head.id = COALESCE(kpi_dashboard.draft_of_id, kpi_dashboard.id)
             LEFT JOIN kpi_dashboard AS draft
                    ON draft.draft_of_id = kpi_dashboard.id
                   AND draft.revision <> draft.base_revision
             LEFT JOIN res_users AS changer ON changer.id = draft.write_uid
             LEFT JOIN res_partner AS drafter ON drafter.id = changer.partner_id
             LEFT JOIN kpi_dashboard_tile AS tile
                    ON tile.dashboard_id = kpi_dashboard.id
             LEFT JOIN kpi_dashboard_card AS card ON card.id = tile.card_id
                 WHERE %(is_visible)s
              ORDER BY tile.sequence, tile.id
                """,
                name=translated_column_sql(self.env, "head", "name"),
                description=translated_column_sql(self.env, "head", "description"),
                is_seen=self._is_seen_sql("kpi_dashboard"),
                id=self.id,
                user=self.env.uid,
                title=translated_column_sql(self.env, "tile", "name"),
                text=translated_column_sql(self.env, "tile", "text"),
                options=SQL("").join(
                    SQL("%s,", SQL.identifier("tile", name)) for name in options
                ),
                visible=query.from_clause,
                is_visible=query.where_clause,
            )
        )


def _list_tiles(rows, options):
    return [_tile(row, (*TILE, *options)) for row in rows if row[-1]]


def _tile(row, names):
    *values, order, _id = row[len(HEAD) :]
    tile = dict(zip(names, values, strict=True))
    tile["definition_ids"] = in_order(tile["definition_ids"], order or ())
    return tile
