from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what is logged of approvals."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "approval_requested": self.env._("Approval requested"),
            "approval_automatic": self.env._("Approved automatically"),
            "approval_approved": self.env._("Approved"),
            "approval_rejected": self.env._("Rejected"),
            "approval_returned": self.env._("Sent back"),
            "approval_forwarded": self.env._("Forwarded"),
            "approval_replaced": self.env._("Approver replaced"),
            "approval_escalated": self.env._("Escalated"),
            "approval_recalled": self.env._("Recalled"),
            "approval_seconded": self.env._("Proposed as well"),
            "approval_changed": self.env._("Changed while waiting for approval"),
        }
