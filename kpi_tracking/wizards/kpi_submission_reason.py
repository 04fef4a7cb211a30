from odoo import fields, models


class KpiSubmissionReason(models.TransientModel):
    """Dialog for the reason why entries are rejected or withdrawn."""

    _name = "kpi.submission.reason"
    _description = "KPI Entry Decision Reason"

    submission_ids = fields.Many2many("kpi.submission", string="Entries", required=True)
    decision = fields.Selection(
        [("reject", "Reject"), ("return", "Send back"), ("withdraw", "Withdraw")],
        required=True,
    )
    reason = fields.Char(required=True)

    def action_decide(self):
        self.ensure_one()
        told = getattr(self.submission_ids, f"_{self.decision}")(self.reason)
        return told or {"type": "ir.actions.act_window_close"}
