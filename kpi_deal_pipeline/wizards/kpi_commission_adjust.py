from odoo import api, fields, models

from ..models.commission.kpi_commission_adjustment import ADJUSTMENT_TYPES


class KpiCommissionAdjust(models.TransientModel):
    """Booking a signed amount beside a settled commission."""

    _name = "kpi.commission.adjust"
    _description = "Adjust Commission"

    commission_id = fields.Many2one("kpi.commission", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="commission_id.currency_id")
    net_amount = fields.Monetary("Current Amount", related="commission_id.net_amount")
    adjustment_type = fields.Selection(
        ADJUSTMENT_TYPES, "Type", required=True, default="correction"
    )
    amount = fields.Monetary(
        "Adjustment", help="Negative amounts reduce the commission."
    )
    new_amount = fields.Monetary(compute="_compute_new_amount")
    note = fields.Text("Reason", required=True)

    @api.depends("amount", "net_amount")
    def _compute_new_amount(self):
        for dialog in self:
            dialog.new_amount = dialog.net_amount + dialog.amount

    def action_adjust(self):
        self.ensure_one()
        self.commission_id._adjust(self.adjustment_type, self.amount, self.note)
        return {"type": "ir.actions.act_window_close"}
