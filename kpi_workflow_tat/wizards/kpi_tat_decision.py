from odoo import api, fields, models


class KpiTatDecision(models.TransientModel):
    """Asks for the reason of a decision, and for whom to ask instead."""

    _name = "kpi.tat.decision"
    _description = "Request Decision"
    _inherit = ["kpi.approval.delay.mixin"]

    request_ids = fields.Many2many("kpi.tat.request", required=True)
    decision = fields.Selection(
        [
            ("reject", "Reject"),
            ("return", "Send Back"),
            ("reassign", "Reassign"),
            ("hold", "Put on Hold"),
            ("past_hold", "Add Past Hold"),
        ],
        required=True,
        default="reject",
    )
    comment = fields.Text("Reason", required=True)
    user_id = fields.Many2one(
        "res.users", "New Approver", domain="[('share', '=', False)]"
    )
    limit_at = fields.Datetime("Auto-Resume On")
    held_from = fields.Datetime("On Hold From")
    held_to = fields.Datetime("On Hold Until")

    @api.depends("request_ids")
    def _compute_subjects(self):
        return super()._compute_subjects()

    def _list_subjects(self):
        return self.request_ids._origin._list_decision_subjects()

    def _find_late_steps(self):
        steps = self.request_ids._find_own_steps()
        if self.decision not in ("reject", "return"):
            return steps.browse()
        return self.request_ids._filter_late(steps)

    def action_confirm(self):
        """Do it, as the user."""
        self.ensure_one()
        self._check_delay()
        requests = self._explain_delay(self.request_ids)
        if self.decision == "reassign":
            return requests.action_forward(self.user_id.id, self.comment)
        if self.decision == "hold":
            return requests.action_hold(self.comment, self.limit_at)
        if self.decision == "past_hold":
            return requests.action_add_past_hold(
                self.comment, self.held_from, self.held_to
            )
        if self.decision == "reject":
            return requests.action_reject(self.comment)
        return requests.action_return(self.comment)
