from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.actions import CLOSE


class KpiSubmissionReason(models.TransientModel):
    """Dialog for the reason of a decision on entries, or for who decides instead."""

    _name = "kpi.submission.reason"
    _description = "KPI Entry Decision Reason"
    _inherit = ["kpi.approval.subject.mixin"]

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

    @api.depends("submission_ids")
    def _compute_subjects(self):
        return super()._compute_subjects()

    def _list_subjects(self):
        entries = self.submission_ids._origin
        submitters = entries._get_approval_submitters()
        return [
            # The submitter is no secret to readers of the entry.
            (one.display_name, one._get_amount_text(), submitters[one].sudo().name)
            for one in entries
        ]

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
