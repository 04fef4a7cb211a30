from odoo import fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.actions import CLOSE


class KpiSubmissionReason(models.TransientModel):
    """Dialog for the reason of a decision on entries, or for who decides instead."""

    _name = "kpi.submission.reason"
    _description = "KPI Entry Decision Reason"

    submission_ids = fields.Many2many("kpi.submission", string="Entries", required=True)
    decision = fields.Selection(
        [
            ("reject", "Reject"),
            ("return", "Send Back"),
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
        entries = self.submission_ids
        if self.decision == "withdraw":
            return entries._withdraw(self.reason) or CLOSE
        if self.decision != "forward":
            return entries._decide_all(self.decision, self.reason) or CLOSE
        if not self.successor_id:
            raise ValidationError(self.env._("Choose a person to forward this to."))
        return entries.action_forward(self.successor_id.id, self.reason or "") or CLOSE
