from odoo import api, fields, models


class KpiWebhook(models.Model):
    """Other systems can be told of discussions, actions and review meetings."""

    _inherit = "kpi.webhook"

    sends_discussion = fields.Boolean("Discussions")
    sends_action = fields.Boolean("Actions")
    sends_meeting = fields.Boolean("Review Meetings")

    @api.model
    def _get_content_fields(self):
        return {
            **super()._get_content_fields(),
            "kpi.discussion": (
                "discussion",
                (
                    "name",
                    "discussion_type",
                    "state",
                    "grain",
                    "period_start",
                    "value",
                    "decision",
                    "outcome",
                ),
            ),
            "kpi.action.item": (
                "action",
                (
                    "description",
                    "status",
                    "due_date",
                    "expected_effect",
                    "expected_by",
                    "effective_date",
                ),
            ),
            "kpi.review.meeting": (
                "meeting",
                ("name", "state", "starts_at", "minutes", "minutes_sent_at"),
            ),
        }

    @api.model
    def _get_reports_of(self, records):
        """A review is about all KPIs of its scorecard."""
        if records._name == "kpi.review.meeting":
            return {meeting: meeting.group_id.line_ids.report_id for meeting in records}
        return super()._get_reports_of(records)
