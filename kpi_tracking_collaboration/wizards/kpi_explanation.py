from odoo import models


class KpiExplanation(models.TransientModel):
    """From why a value is so to what to do about it."""

    _inherit = "kpi.explanation"

    def action_discuss(self):
        """Open a discussion of the value."""
        self.ensure_one()
        return self.report_id.action_discuss(self.grain, self.period_start)
