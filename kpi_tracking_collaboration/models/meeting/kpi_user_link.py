from odoo import api, models

from odoo.addons.kpi_base.user_link import END, HAND_OVER, UserLink


class KpiUserLink(models.AbstractModel):
    """Meetings of somebody who leaves are organised by somebody else."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        model, is_planned = "kpi.review.meeting", (("state", "=", "planned"),)
        return [
            *super()._get_links(),
            UserLink(model, "user_id", HAND_OVER, is_planned),
            UserLink(model, "participant_ids", END, is_planned),
        ]
