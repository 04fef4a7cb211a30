from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResUsers(models.Model):
    """People of a coaching stay in the database, without a word on why."""

    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_coached(self):
        people = ("coach_id", "employee_id", "erased_by_id")
        is_named = Domain.OR([Domain(name, "in", self.ids) for name in people])
        # Whoever deletes users is not to see coachings.
        found = self.env["kpi.performance.coaching"].sudo().search(is_named, limit=1)
        if found:
            raise UserError(
                self.env._(
                    "Some of these users appear in records that are kept and cannot be"
                    " deleted. Archive them instead."
                )
            )
