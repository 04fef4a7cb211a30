from odoo import fields, models


class KpiTatDecision(models.TransientModel):
    """Asks for the reason of a decision, and for whom to ask instead."""

    _name = "kpi.tat.decision"
    _description = "Decision on Requests"

    request_ids = fields.Many2many("kpi.tat.request", required=True)
    decision = fields.Selection(
        [
            ("reject", "Reject"),
            ("return", "Send back"),
            ("reassign", "Reassign"),
            ("hold", "Put on hold"),
        ],
        required=True,
        default="reject",
    )
    comment = fields.Text("Reason", required=True)
    user_id = fields.Many2one(
        "res.users", "Ask Instead", domain="[('share', '=', False)]"
    )
    limit_at = fields.Datetime("Until at the Latest")

    def action_confirm(self):
        """Do it, as the user."""
        self.ensure_one()
        requests = self.request_ids
        if self.decision == "reassign":
            return requests.action_forward(self.user_id.id, self.comment)
        if self.decision == "hold":
            return requests.action_hold(self.comment, self.limit_at)
        decide = (
            requests.action_reject
            if self.decision == "reject"
            else (requests.action_return)
        )
        return decide(self.comment)
