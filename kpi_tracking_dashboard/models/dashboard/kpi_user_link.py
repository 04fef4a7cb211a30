from odoo import api, models

from odoo.addons.kpi_base.user_link import END, HAND_OVER, STAY, UserLink


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
