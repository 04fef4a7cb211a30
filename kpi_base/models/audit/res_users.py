from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    """Users who are named in the audit log stay in the database."""

    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        # Whoever deletes users need not be allowed to read the log.
        entry = (
            self.env["kpi.audit.log"]
            .sudo()
            .search([("user_id", "in", self.ids)], limit=1)
        )
        if entry:
            raise UserError(
                self.env._(
                    "%s appears in the audit log and cannot be deleted. Archive "
                    "the user instead.",
                    entry.user_id.display_name,
                )
            )
