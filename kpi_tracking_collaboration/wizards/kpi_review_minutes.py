from odoo import api, fields, models


class KpiReviewMinutes(models.TransientModel):
    """Who receives the minutes of a meeting, before they are sent."""

    _name = "kpi.review.minutes"
    _description = "Send Minutes"

    meeting_id = fields.Many2one(
        "kpi.review.meeting", required=True, ondelete="cascade"
    )
    receivers = fields.Text(compute="_compute_receivers")
    minutes_sent_at = fields.Datetime(related="meeting_id.minutes_sent_at")

    @api.depends("meeting_id")
    def _compute_receivers(self):
        for dialog in self:
            people = dialog.meeting_id._find_receivers()
            dialog.receivers = "\n".join(people.mapped("display_name"))

    def action_send(self):
        """Send them; the meeting asks for the right."""
        self.ensure_one()
        return self.meeting_id.action_send_minutes()
