from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.allowance import AllowanceError, count_allowed_seconds

TIMEOUT_ACTIONS = [
    ("remind", "Remind"),
    ("escalate", "Ask the manager too"),
    ("skip", "Go on to the next level"),
]


class KpiApprovalLevel(models.Model):
    """Time that the people of a level have, by the priority of the request."""

    _inherit = "kpi.approval.level"

    tat_hours_standard = fields.Float(
        "Working Hours", default=24.0, help="Of standard requests."
    )
    tat_hours_express = fields.Float(
        "Express Hours", default=8.0, help="Hours of the clock, of express requests."
    )
    timeout_action = fields.Selection(
        TIMEOUT_ACTIONS, "When Overdue", required=True, default="remind"
    )

    @api.constrains(
        "tat_hours_standard",
        "tat_hours_express",
        "timeout_action",
        "sequence",
        "workflow_id",
    )
    def _check_time(self):
        """:raises ValidationError: time that nobody can be given, a last level skipped

        Silence never approves: after the last level nobody is left to decide.
        """
        for level in self:
            for hours in (level.tat_hours_standard, level.tat_hours_express):
                try:
                    count_allowed_seconds(hours)
                except AllowanceError as error:
                    raise ValidationError(
                        self.env._(
                            "%(level)s: %(reason)s",
                            level=level.display_name,
                            reason=error,
                        )
                    ) from error
        for workflow in self.workflow_id:
            last = workflow.level_ids.sorted()[-1:]
            if last.timeout_action == "skip":
                raise ValidationError(
                    self.env._(
                        "%s: the last level cannot be skipped, as nobody would decide.",
                        workflow.display_name,
                    )
                )
