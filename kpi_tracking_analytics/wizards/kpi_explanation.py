from odoo import models


class KpiExplanation(models.TransientModel):
    """From why a number is what it is to why it is another one than before."""

    _inherit = "kpi.explanation"

    def action_explain_change(self):
        """Open why the KPI moved to the value that is explained."""
        self.ensure_one()
        return self.report_id._open_change(
            self.period_start if self.grain == self.report_id.frequency else None
        )
