from odoo import fields, models

from ..clock.kpi_tat_level_clock import DUE_FIELDS


class KpiTatLevel(models.Model):
    """The alert of a threshold of this clock, in the words of the reminder."""

    _inherit = "kpi.tat.level"

    def _prepare_alert_values(self, reminder, now):
        reading = self._read_now(now)
        moments = {percent: self[name] for percent, name in DUE_FIELDS.items()}
        return {
            "request_id": self.request_id.id,
            "level_id": self.id,
            "approver_id": self.approver_id.id,
            "alert_type": f"TAT_{reminder.percent}",
            "threshold_percentage": reminder.percent,
            "tat_hours_allocated": reading.allowed / 3600,
            "tat_hours_elapsed": reading.elapsed / 3600,
            "tat_hours_remaining": reading.remaining / 3600,
            "level_start_time": self.level_start_time,
            "due_at": moments[reminder.percent],
            "alert_sent_at": now,
            "expected_completion_time": self.due_at,
            "alert_message": _MESSAGES[reminder.percent],
            "notification_channels": "email",
            "is_breached": reading.is_breached,
            "metadata": {
                "superseded": [
                    {
                        "threshold_percentage": percent,
                        "due_at": fields.Datetime.to_string(moments[percent]),
                    }
                    for percent in reminder.superseded
                ],
                "is_test": self.request_id.is_test,
            },
        }


# The words of the document that asked for them, which queries compare.
_MESSAGES = {
    50: "⏳ 50% of SLA breach reminder have been sent",
    75: "⚠️ 75% of SLA breach reminder have been sent",
    100: "⏰ TAT breached - Immediate action required",
}
