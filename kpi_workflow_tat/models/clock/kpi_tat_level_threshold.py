from odoo import api, fields, models

from ...engine.clock import BREACH
from ...engine.thresholds import parse_thresholds


class KpiTatLevel(models.Model):
    """Thresholds of a clock: those of the template as the request was submitted."""

    _inherit = "kpi.tat.level"

    reminder_percents = fields.Char("Remind At (%)", readonly=True, default="50, 75")
    # percent → instant, of thresholds without a column of their own
    more_due_at = fields.Json(readonly=True, exportable=False)

    @api.model
    def _prepare_row_values(self, step, former):
        values = super()._prepare_row_values(step, former)
        source = former or step.workflow_id
        return {**values, "reminder_percents": source.reminder_percents}

    def _list_thresholds(self):
        """Percentages at which this clock is announced, ascending."""
        return (*parse_thresholds(self.reminder_percents), BREACH)
