from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.fields import OptionalMonetary


class KpiCommissionDecision(models.TransientModel):
    """Deciding a dispute."""

    _name = "kpi.commission.decision"
    _description = "Decide Dispute"

    dispute_id = fields.Many2one(
        "kpi.commission.dispute", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    net_amount = fields.Monetary("Current Amount", related="dispute_id.net_amount")
    outcome = fields.Selection(
        [
            ("upheld", "Uphold (Change Amount)"),
            ("rejected", "Reject (No Change)"),
            ("written_off", "Write Off Commission"),
        ],
        required=True,
    )
    dispute_reason = fields.Text("Agent's Reason", related="dispute_id.reason")
    new_amount = OptionalMonetary()
    amount = fields.Monetary(
        "Change",
        compute="_compute_amount",
        help="Adjustment amount; negative reduces the commission.",
    )
    reason = fields.Text(required=True)

    @api.depends("new_amount", "net_amount")
    def _compute_amount(self):
        for dialog in self:
            dialog.amount = 0.0
            if dialog.dispute_id and dialog.new_amount is not False:
                change = dialog.new_amount - dialog.net_amount
                dialog.amount = dialog.currency_id.round(change)

    def action_decide(self):
        self.ensure_one()
        if self.outcome == "upheld" and self.new_amount is False:
            raise ValidationError(self.env._("Enter the new amount."))
        amount = self.amount if self.outcome == "upheld" else 0.0
        self.dispute_id._decide(self.outcome, self.reason, amount)
        return {"type": "ir.actions.act_window_close"}
