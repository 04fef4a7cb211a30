from odoo import api, fields, models


class KpiTatLevel(models.Model):
    """Deciding on requests from the list of clocks; the approval checks who may."""

    _inherit = "kpi.tat.level"

    initiator_id = fields.Many2one(related="request_id.initiator_id")
    can_decide = fields.Boolean(compute="_compute_can_decide", exportable=False)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("request_id.can_decide", "request_id.status", "approver_id", "clock")
    def _compute_can_decide(self):
        for row in self:
            is_mine = row.approver_id == self.env.user and row.clock == "running"
            row.can_decide = is_mine and row.request_id.can_decide

    def action_approve(self):
        return self.request_id.action_approve()

    def action_reject(self):
        return self._ask_reason("reject")

    def action_return(self):
        return self._ask_reason("return")

    def action_reassign(self):
        return self._ask_reason("reassign")

    def _ask_reason(self, decision):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"kpi_workflow_tat.kpi_tat_decision_action_{decision}"
        )
        values = {
            "default_decision": decision,
            "default_request_ids": [(4, request.id) for request in self.request_id],
        }
        return {**action, "context": values}
