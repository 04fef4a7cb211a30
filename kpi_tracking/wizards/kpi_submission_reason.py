from odoo import fields, models
from odoo.exceptions import ValidationError


class KpiSubmissionReason(models.TransientModel):
    """Dialog for the reason of a decision on entries, or for who decides instead."""

    _name = "kpi.submission.reason"
    _description = "KPI Entry Decision Reason"

    submission_ids = fields.Many2many("kpi.submission", string="Entries", required=True)
    decision = fields.Selection(
        [
            ("reject", "Reject"),
            ("return", "Send back"),
            ("forward", "Forward"),
            ("withdraw", "Withdraw"),
        ],
        required=True,
    )
    successor_id = fields.Many2one(
        "res.users", "Forward To", domain="[('share', '=', False), ('id', '!=', uid)]"
    )
    reason = fields.Char()

    def action_decide(self):
        self.ensure_one()
        told = getattr(self, f"_{self.decision}")()
        return told or {"type": "ir.actions.act_window_close"}

    def _reject(self):
        return self.submission_ids._reject(self.reason)

    def _return(self):
        return self.submission_ids._return(self.reason)

    def _withdraw(self):
        return self.submission_ids._withdraw(self.reason)

    def _forward(self):
        if not self.successor_id:
            raise ValidationError(self.env._("Choose who decides instead."))
        return self.submission_ids.action_forward(
            self.successor_id.id, self.reason or ""
        )
