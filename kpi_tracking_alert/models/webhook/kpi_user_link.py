from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, UserLink


class KpiUserLink(models.AbstractModel):
    """Channels and webhooks of somebody who leaves."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink("kpi.webhook", "owner_id", HAND_OVER),
        ]
