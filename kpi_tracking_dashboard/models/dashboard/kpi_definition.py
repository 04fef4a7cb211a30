from odoo import api, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.use_link import UseLink
from odoo.addons.kpi_base.user_link import END, HAND_OVER, STAY, Connection, UserLink

KPI = "kpi.definition"
OF_TILES = ("definition_ids", "report_ids.definition_id")


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


class KpiUseLink(models.AbstractModel):
    """Dashboards, their mails and links use KPIs."""

    _inherit = "kpi.use.link"

    @api.model
    def _get_links(self):
        tiles = "dashboard_id.tile_ids."
        by_tiles = [
            ("kpi.dashboard.tile", "", self.env._("Dashboards"), "dashboard_id"),
            ("kpi.dashboard.schedule", tiles, self.env._("Emails"), ""),
            ("kpi.dashboard.share", tiles, self.env._("Links"), ""),
        ]
        return [
            *super()._get_links(),
            *(
                UseLink(KPI, model, f"{path}{field}", label, shown_as)
                for model, path, label, shown_as in by_tiles
                for field in OF_TILES
            ),
        ]


class KpiUserLink(models.AbstractModel):
    """Dashboards, and what people made of them for themselves and others."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink(  # drafts follow their dashboards
                "kpi.dashboard", "owner_id", HAND_OVER, (("draft_of_id", "=", False),)
            ),
            UserLink("kpi.dashboard", "user_ids", END),
            UserLink("kpi.dashboard", "deleted_by_id", STAY),
            UserLink("kpi.dashboard.version", "user_id", STAY),
            UserLink("kpi.dashboard", "favorite_user_ids", END),
            UserLink("kpi.dashboard.filter", "user_id", END),
            UserLink(
                "kpi.dashboard.schedule",
                "user_ids",
                END,
                ending="_leave",
                connection=Connection(
                    self.env._("Dashboard Email"),
                    since="active_since",
                    last_used="told_on",
                    domain=(("active", "=", True),),
                ),
            ),
            UserLink(
                "kpi.dashboard.share",
                "user_id",
                END,
                (("revoked_at", "=", False),),
                ending="action_revoke",
                connection=Connection(
                    self.env._("Dashboard Link"),
                    shown_as="dashboard_id.name",
                    last_used="last_used_at",
                    domain=(("expires_on", ">=", "today"),),
                ),
            ),
            UserLink("kpi.dashboard.visit", "user_id", END),
            UserLink("kpi.annotation", "user_id", STAY),
        ]
