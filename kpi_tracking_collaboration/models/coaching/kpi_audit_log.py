from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what happens to coachings."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "coaching_shared": self.env._("Coaching shared"),
            "coaching_changed": self.env._("Coaching changed"),
            "coaching_signed": self.env._("Coaching signed"),
            "coaching_erased": self.env._("Texts of a coaching erased"),
        }
