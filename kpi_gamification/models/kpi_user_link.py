from odoo import api, models

from odoo.addons.kpi_base.user_link import STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """What people earned stays theirs, as does who was to see it."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink("kpi.gamification.choice", "user_id", STAY),
            UserLink("kpi.performance.streak", "user_id", STAY),
            UserLink("kpi.user.achievement", "user_id", STAY),
        ]
