from odoo import api, models


class KpiAlertQuiet(models.Model):
    """Everybody sets their own quiet hours."""

    _inherit = "kpi.alert.quiet"

    @api.model
    def action_open_mine(self):
        """Open the quiet hours of the user, who has none until they choose some.

        A form of a new record would store what it proposes when it is left.
        """
        own = self.search([("user_id", "=", self.env.uid)], limit=1)
        own = own or self.create({"kind": "never"})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Quiet Hours"),
            "res_model": self._name,
            "res_id": own.id,
            "views": [(False, "form")],
        }
