from odoo import api, models

from odoo.addons.kpi_base.use_link import UseLink
from odoo.addons.kpi_base.user_link import END, HAND_OVER, STAY, UserLink

KPI = "kpi.definition"
OF_TILES = ("definition_ids", "report_ids.definition_id")


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
            UserLink("kpi.dashboard.schedule", "user_ids", END),
            UserLink(
                "kpi.dashboard.share",
                "user_id",
                END,
                (("revoked_at", "=", False),),
                ending="action_revoke",
            ),
            UserLink("kpi.dashboard.visit", "user_id", END),
            UserLink("kpi.annotation", "user_id", STAY),
        ]
