from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..actions import CLOSE, open_form, show_notification, ticked

ASKED = "kpi.approval.step"


class KpiApprovalDecision(models.TransientModel):
    """Decide on several documents at once; those it was not possible for are named."""

    _name = "kpi.approval.decision"
    _description = "Decision on Approvals"

    decision = fields.Selection(
        [
            ("approve", "Approve"),
            ("reject", "Reject"),
            ("return", "Send back"),
            ("forward", "Forward"),
        ],
        required=True,
        default="approve",
    )
    step_ids = fields.Many2many(ASKED, string="Approvals", default=ticked(ASKED))
    step_count = fields.Integer("Documents", compute="_compute_step_count")
    comment = fields.Text()
    successor_id = fields.Many2one(
        "res.users", "Forward To", domain="[('share', '=', False), ('id', '!=', uid)]"
    )
    refusal_ids = fields.One2many(
        "kpi.approval.refusal", "decision_id", readonly=True, string="Not Decided"
    )
    result = fields.Char(readonly=True)

    @api.depends("step_ids")
    def _compute_step_count(self):
        for decision in self:
            decision.step_count = len(decision.step_ids)

    def action_decide(self):
        """Decide where it is possible; a window names the others, and why.

        :raises ValidationError: something that the decision needs is missing
        """
        self.ensure_one()
        steps, comment = self.step_ids, self.comment or ""
        if not steps:
            raise ValidationError(self.env._("Choose what to decide on."))
        if self.decision != "forward":
            refused = steps._decide(self.decision, comment)
        elif self.successor_id:
            refused = steps._forward(self.successor_id, comment)
        else:
            raise ValidationError(self.env._("Choose who decides instead."))
        count = len(steps) - len(refused)
        texts = {
            "approve": self.env._("Approved: %s", count),
            "reject": self.env._("Rejected: %s", count),
            "return": self.env._("Sent back: %s", count),
            "forward": self.env._("Forwarded: %s", count),
        }
        self.result = texts[self.decision]
        if not refused:
            return show_notification(self.result, next=CLOSE)
        self.refusal_ids = [
            fields.Command.create(
                {"name": step.document_name or step.kind, "reason": reason}
            )
            for step, reason in refused.items()
        ]
        view = self.env.ref("kpi_base.kpi_approval_decision_view_form_result")
        return open_form(
            self,
            name=self.env._("Not Possible for All"),
            views=[(view.id, "form")],
            target="new",
        )


class KpiApprovalRefusal(models.TransientModel):
    """A document that a decision was not possible for, and why."""

    _name = "kpi.approval.refusal"
    _description = "Document Not Decided"

    decision_id = fields.Many2one(
        "kpi.approval.decision", required=True, ondelete="cascade", index=True
    )
    name = fields.Char("Document", readonly=True)
    reason = fields.Char(readonly=True)
