from odoo import fields, models


class KpiAlertResolve(models.TransientModel):
    """Dialog that asks why alerts are over."""

    _name = "kpi.alert.resolve"
    _description = "Resolve KPI Alerts"
    _inherit = ["kpi.input.mixin"]

    event_ids = fields.Many2many(
        "kpi.alert.event",
        string="Alerts",
        required=True,
        default=lambda self: self.env["kpi.alert.snooze"]._get_chosen(),
    )
    reason_id = fields.Many2one(
        "kpi.alert.reason",
        required=True,
        default=lambda self: self.env["kpi.alert.reason"].search([], limit=1),
    )
    note = fields.Char()

    def action_resolve(self):
        self.ensure_one()
        answer = self.event_ids.action_resolve(self.reason_id.id, self.note)
        return {"type": "ir.actions.act_window_close"} if answer is True else answer
