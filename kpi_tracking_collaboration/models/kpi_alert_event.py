from odoo import fields, models
from odoo.exceptions import ValidationError


class KpiAlertEvent(models.Model):
    """An alert, and what was said about it."""

    _inherit = "kpi.alert.event"

    discussion_ids = fields.One2many(
        "kpi.discussion", "alert_event_id", "Discussions", readonly=True
    )

    def action_discuss(self):
        """Open the discussion of the alert, or a new one."""
        self.ensure_one()
        found = self.discussion_ids.filtered(lambda each: each.state == "open")[:1]
        action = self.report_id.action_discuss(self.grain, self.period_start)
        if found:
            return {**action, "res_id": found.id}
        more = {"default_discussion_type": "escalation"}
        if not self.personal_user_id:  # others do not see one's own alerts
            more["default_alert_event_id"] = self.id
        return {**action, "context": {**action["context"], **more}}

    def _check_discussable(self, report):
        """Refuse alerts of other KPIs, and those that only one person sees.

        :raises ValidationError: what to choose
        """
        # Whoever opens it names the alert; what is asked is what it is about.
        for event in self.sudo():
            if event.report_id != report or event.personal_user_id:
                raise ValidationError(
                    self.env._("Choose an alert of this KPI that others can see, too.")
                )

    def action_add_action(self):
        """Open a new action about the KPI."""
        self.ensure_one()
        action = self.report_id.action_add_action()
        if not self.personal_user_id:  # others do not see one's own alerts
            action["context"]["default_alert_event_id"] = self.id
        return action
