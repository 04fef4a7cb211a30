from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, UserLink


class KpiUserLink(models.AbstractModel):
    """Benefits of somebody who leaves are followed by somebody else."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        is_open = ("status", "not in", ("realized", "not_realized"))
        return [
            *super()._get_links(),
            UserLink("kpi.benefit.realization", "owner_id", HAND_OVER, (is_open,)),
        ]
