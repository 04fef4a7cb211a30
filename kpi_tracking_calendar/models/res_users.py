from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Appointments end with the coaching, when somebody leaves, and come back."""

    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            people = Domain("coach_id", "in", self.ids)
            people |= Domain("employee_id", "in", self.ids)
            to_come = Domain("next_review_date", ">=", "today")
            # Whoever archives people is not to see their coachings.
            coachings = self.env["kpi.performance.coaching"].sudo()
            coachings.search(people & to_come)._update_appointments(is_moved=True)
        return result
