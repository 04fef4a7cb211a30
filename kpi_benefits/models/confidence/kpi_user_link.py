from odoo import api, models

from odoo.addons.kpi_base.user_link import STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Scores go on saying who gave them."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink("kpi.benefit.confidence", "user_id", STAY),
        ]
