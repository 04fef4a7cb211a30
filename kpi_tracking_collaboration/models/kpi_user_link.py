from odoo import api, models

from odoo.addons.kpi_base.user_link import END, HAND_OVER, STAY, UserLink

from .kpi_action_item import OPEN


class KpiUserLink(models.AbstractModel):
    """Discussions, actions, meetings and coachings of somebody who leaves.

    Coachings end with them (see ``is_over``): handed over, they would show somebody
    what was written for another; and whoever hands over is not to learn how many there
    are.
    """

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        is_open = ("status", "in", OPEN)
        model, is_planned = ("kpi.review.meeting", (("state", "=", "planned"),))
        coaching = "kpi.performance.coaching"
        return [
            *super()._get_links(),
            UserLink("kpi.discussion", "user_id", STAY),
            UserLink("kpi.discussion", "closed_by_id", STAY),
            UserLink("kpi.action.item", "assigned_to", HAND_OVER, (is_open,)),
            UserLink(model, "user_id", HAND_OVER, is_planned),
            UserLink(model, "participant_ids", END, is_planned),
            UserLink(coaching, "coach_id", STAY),
            UserLink(coaching, "employee_id", STAY),
            UserLink(coaching, "erased_by_id", STAY),
            UserLink("kpi.performance.coaching.action", "assigned_to", STAY),
        ]
