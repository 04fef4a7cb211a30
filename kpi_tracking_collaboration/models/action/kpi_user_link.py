from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, UserLink

from .kpi_action_item_status import OPEN


class KpiUserLink(models.AbstractModel):
    """Actions of somebody who leaves are done by somebody else."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        is_open = ("status", "in", OPEN)
        return [
            *super()._get_links(),
            UserLink("kpi.action.item", "assigned_to", HAND_OVER, (is_open,)),
        ]
