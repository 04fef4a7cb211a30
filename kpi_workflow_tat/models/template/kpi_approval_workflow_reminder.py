from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.thresholds import ThresholdError, parse_thresholds


class KpiApprovalWorkflow(models.Model):
    """When people are reminded of requests of a template."""

    _inherit = "kpi.approval.workflow"

    reminder_percents = fields.Char(
        "Remind At (%)",
        default="50, 75",
        help="Percentages of the time allowed, with commas between them. Who is asked "
        "is always told when a level is overdue.",
    )

    @api.constrains("reminder_percents")
    def _check_reminder_percents(self):
        for workflow in self:
            try:
                parse_thresholds(workflow.reminder_percents)
            except ThresholdError as error:
                raise ValidationError(
                    self.env._(
                        "%(workflow)s: %(reason)s",
                        workflow=workflow.display_name,
                        reason=error,
                    )
                ) from error
