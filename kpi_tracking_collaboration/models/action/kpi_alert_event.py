from odoo import models


class KpiAlertEvent(models.Model):
    """From an alert to what is done about it."""

    _inherit = "kpi.alert.event"

    def action_add_action(self):
        """Open a new action about the KPI."""
        self.ensure_one()
        action = self.report_id.action_add_action()
        if not self.personal_user_id:  # others do not see one's own alerts
            action["context"]["default_alert_event_id"] = self.id
        return action
