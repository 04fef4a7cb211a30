from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what is logged of requests."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "approval_held": self.env._("Put on hold"),
            "approval_resumed": self.env._("Resumed"),
            "approval_skipped": self.env._("Level skipped, overdue"),
        }
