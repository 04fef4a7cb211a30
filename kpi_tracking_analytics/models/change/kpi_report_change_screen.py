from odoo import fields, models


class KpiReport(models.Model):
    """The dialog that shows why a KPI moved."""

    _inherit = "kpi.report"

    def action_explain_change(self):
        """Open why the KPI moved between the last two closed periods."""
        self.ensure_one()
        return self._open_change()

    def _open_change(self, period_to=None):
        """The dialog; with the change to a period of the KPI's own, if one is given."""
        return {
            "type": "ir.actions.client",
            "tag": "kpi_tracking_analytics.change",
            "name": self.env._("Why It Moved"),
            "target": "new",
            "params": {
                "report_id": self.id,
                "to": period_to and fields.Date.to_string(period_to),
            },
        }


class KpiExplanation(models.TransientModel):
    """From why a number is what it is to why it is another one than before."""

    _inherit = "kpi.explanation"

    def action_explain_change(self):
        """Open why the KPI moved to the value that is explained."""
        self.ensure_one()
        return self.report_id._open_change(
            self.period_start if self.grain == self.report_id.frequency else None
        )
