from odoo import api, models
from odoo.fields import Domain

MOST = 20
DAYS = 7


class KpiHome(models.AbstractModel):
    """Coachings to sign and reviews to come, among what waits for the user."""

    _inherit = "kpi.home"

    @api.model
    def _get_needs(self):
        return [*super()._get_needs(), *self._list_coachings()]

    @api.model
    def _list_coachings(self):
        coachings = self.env["kpi.performance.coaching"]
        is_mine = Domain("is_waiting_for_me", "=", True)
        found = coachings.search(is_mine | coachings._find_reviews(DAYS), limit=MOST)
        return [
            self._prepare_need(
                "coaching",
                coaching,
                f"{coaching.display_name} · {coaching.next_step}",
                None if coaching.is_waiting_for_me else coaching.next_review_date,
                urgency=1 if coaching.is_waiting_for_me else 2,
            )
            for coaching in found
        ]
