from odoo import models


class KpiAuditLog(models.Model):
    """Words for what happens to orders of rewards."""

    _inherit = "kpi.audit.log"

    def _event_labels(self):
        return {
            **super()._event_labels(),
            "reward_ordered": self.env._("Reward requested"),
            "reward_handed_over": self.env._("Reward delivered"),
            "reward_cancelled": self.env._("Reward request canceled"),
        }
