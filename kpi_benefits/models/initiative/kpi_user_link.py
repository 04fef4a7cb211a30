from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Initiatives of somebody who leaves need another owner: benefits come later."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        is_open = ("status", "!=", "closed")
        return [
            *super()._get_links(),
            UserLink("kpi.initiative", "owner_id", HAND_OVER, (is_open,)),
            UserLink("kpi.initiative", "sponsor_id", HAND_OVER, (is_open,)),
            UserLink("kpi.initiative", "approved_by", STAY),
            UserLink("kpi.initiative", "former_owner_ids", STAY),
        ]
