from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, UserLink


class KpiUserLink(models.AbstractModel):
    """Connectors of somebody who leaves."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        mine = UserLink("kpi.bi.connector", "owner_id", HAND_OVER)
        return [*super()._get_links(), mine]
