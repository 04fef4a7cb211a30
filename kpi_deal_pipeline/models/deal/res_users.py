from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    """Users who are named in the history of deals stay in the database."""

    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agents(self):
        # Whoever deletes users need not see all deals.
        events = self.env["kpi.deal.value.event"].sudo()
        event = events.search([("agent_id", "in", self.ids)], limit=1)
        if event:
            raise UserError(
                self.env._(
                    "%s is or was a deal agent and cannot be deleted. Archive the "
                    "user instead.",
                    event.agent_id.display_name,
                )
            )
