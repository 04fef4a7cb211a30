from odoo import api, models

from odoo.addons.kpi_base.user_link import STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Coachings end with whoever leaves: see ``is_over``.

    Handed over, they would show somebody what was written for another; and whoever
    hands over is not to learn how many there are.
    """

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        coaching = "kpi.performance.coaching"
        return [
            *super()._get_links(),
            UserLink(coaching, "coach_id", STAY),
            UserLink(coaching, "employee_id", STAY),
            UserLink(coaching, "erased_by_id", STAY),
            UserLink("kpi.performance.coaching.action", "assigned_to", STAY),
        ]
