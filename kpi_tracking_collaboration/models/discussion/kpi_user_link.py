from odoo import api, models

from odoo.addons.kpi_base.user_link import STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Who opened and closed discussions."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink("kpi.discussion", "user_id", STAY),
            UserLink("kpi.discussion", "closed_by_id", STAY),
        ]
