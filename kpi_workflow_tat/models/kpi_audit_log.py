from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what is logged of requests."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "approval_held": self.env._("Put on hold"),
            "approval_claimed": self.env._("Claimed"),
            "approval_explained": self.env._("Delay reason added"),
            "approval_handed_back": self.env._("Released to group"),
            "approval_past_hold": self.env._("Retroactive hold added"),
            "approval_recomputed": self.env._("Clocks recalculated"),
            "approval_resumed": self.env._("Resumed"),
            "approval_skipped": self.env._("Overdue level skipped"),
        }
