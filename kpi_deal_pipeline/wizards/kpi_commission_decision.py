from odoo import fields, models


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
        default="rejected",
    )
    amount = fields.Monetary(
        "Adjustment",
        help=("Added to the commission. Use a negative amount to reduce it."),
    )
    reason = fields.Text(required=True)

    def action_decide(self):
        self.ensure_one()
        amount = self.amount if self.outcome == "upheld" else 0.0
        self.dispute_id._decide(self.outcome, self.reason, amount)
        return {"type": "ir.actions.act_window_close"}
