from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Warehouses of somebody who leaves, and codes that mean them."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink("kpi.warehouse", "owner_id", HAND_OVER),
            UserLink("kpi.warehouse.code", "user_id", STAY),
        ]
