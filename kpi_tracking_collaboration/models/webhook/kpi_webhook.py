from odoo import api, fields, models


class KpiWebhook(models.Model):
    """Other systems can be told of discussions and actions."""

    _inherit = "kpi.webhook"

    sends_discussion = fields.Boolean("Discussions")
    sends_action = fields.Boolean("Actions")

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
        }
