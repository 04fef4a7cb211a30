from odoo import api, models


class KpiAlertQuiet(models.Model):
    """Everybody sets their own quiet hours."""

    _inherit = "kpi.alert.quiet"

    @api.model
    def action_open_mine(self):
        """Open the quiet hours of the user, new ones if there are none yet."""
        own = self.search([("user_id", "=", self.env.uid)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Quiet Hours"),
            "res_model": self._name,
            "res_id": own.id,
            "views": [(False, "form")],
        }
