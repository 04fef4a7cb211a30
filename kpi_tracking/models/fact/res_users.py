from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    """Users who entered values stay in the database, as the values do."""

    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        # Whoever deletes users need not be allowed to read values.
        fact = (
            self.env["kpi.measurement"]
            .sudo()
            .search([("recorded_by_id", "in", self.ids)], limit=1)
        )
        if fact:
            raise UserError(
                self.env._(
                    "%s has entered values and cannot be deleted. Archive the user"
                    " instead.",
                    fact.recorded_by_id.display_name,
                )
            )
