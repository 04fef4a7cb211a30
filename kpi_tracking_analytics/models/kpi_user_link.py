from odoo import api, models

from odoo.addons.kpi_base.user_link import STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Who decided about an unusual value stays named."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [*super()._get_links(), UserLink("kpi.anomaly", "decided_by_id", STAY)]
