from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Assumptions of somebody who leaves are checked by somebody else."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        model = "kpi.benefit.assumption"
        is_open = ("benefit_id.status", "not in", ("realized", "not_realized"))
        return [
            *super()._get_links(),
            UserLink(model, "owner_id", HAND_OVER, (is_open,)),
            UserLink(model, "checked_by", STAY),
        ]
