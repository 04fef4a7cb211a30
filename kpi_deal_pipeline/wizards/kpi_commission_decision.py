from odoo import api, fields, models


class KpiCommissionDecision(models.TransientModel):
    """Deciding a dispute."""

    _name = "kpi.commission.decision"
    _description = "Decide a Dispute"

    dispute_id = fields.Many2one(
        "kpi.commission.dispute", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    net_amount = fields.Monetary("Current Amount", related="dispute_id.net_amount")
    outcome = fields.Selection(
        [
            ("upheld", "Uphold: the amount changes"),
            ("rejected", "Reject: everything stays as it was"),
            ("written_off", "Write the commission off"),
        ],
        required=True,
    )
    dispute_reason = fields.Text("Agent's Reason", related="dispute_id.reason")
    amount = fields.Monetary(
        "Change", help="Booked beside the commission; negative if it is reduced."
    )
    new_amount = fields.Monetary(
        compute="_compute_new_amount", inverse="_inverse_new_amount"
    )
    reason = fields.Text(required=True)

    @api.depends("amount", "net_amount")
    def _compute_new_amount(self):
        for dialog in self:
            dialog.new_amount = dialog.net_amount + dialog.amount

    @api.onchange("new_amount")
    def _inverse_new_amount(self):
        for dialog in self.filtered("dispute_id"):
            change = dialog.new_amount - dialog.net_amount
            dialog.amount = dialog.currency_id.round(change)

    def action_decide(self):
        self.ensure_one()
        amount = self.amount if self.outcome == "upheld" else 0.0
        self.dispute_id._decide(self.outcome, self.reason, amount)
        return {"type": "ir.actions.act_window_close"}
