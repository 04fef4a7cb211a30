from odoo import models


class KpiReport(models.Model):
    """The dialog that shows why a KPI moved."""

    _inherit = "kpi.report"

    def action_explain_change(self):
        """Open why the KPI moved between the last two closed periods."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "kpi_tracking_analytics.change",
            "name": self.env._("Why It Moved"),
            "target": "new",
            "params": {"report_id": self.id},
        }
