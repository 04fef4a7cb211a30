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
            "discussion_opened": self.env._("Discussion opened"),
            "discussion_closed": self.env._("Discussion closed"),
            "discussion_reopened": self.env._("Discussion reopened"),
            "action_created": self.env._("Action created"),
            "action_started": self.env._("Action started"),
            "action_completed": self.env._("Action completed"),
            "action_cancelled": self.env._("Action cancelled"),
            "action_reopened": self.env._("Action reopened"),
            "meeting_planned": self.env._("Review planned"),
            "meeting_held": self.env._("Review held"),
            "meeting_cancelled": self.env._("Review cancelled"),
            "meeting_minutes": self.env._("Minutes sent"),
        }
