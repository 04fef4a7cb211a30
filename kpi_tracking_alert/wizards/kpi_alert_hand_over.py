from odoo import api, fields, models


class KpiAlertHandOver(models.TransientModel):
    """Dialog that asks who takes over the shift at hand."""

    _name = "kpi.alert.hand.over"
    _description = "Hand Over On Call"

    rota_id = fields.Many2one("kpi.alert.rota", required=True)
    user_id = fields.Many2one(
        "res.users", "To", required=True, domain=[("share", "=", False)]
    )

    @api.constrains("rota_id")
    def _check_readable(self):
        # Constraints run as superuser: the rights of whoever opens the dialog count.
        self.rota_id.with_user(self.env.user).check_access("read")

    def action_hand_over(self):
        self.ensure_one()
        self.rota_id.action_hand_over(self.user_id.id)
        return {"type": "ir.actions.act_window_close"}
