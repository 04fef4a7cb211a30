from odoo import models


class KpiDashboardTile(models.Model):
    """Tiles belong to their dashboard: each change of one is a change of it."""

    _inherit = "kpi.dashboard.tile"

    def write(self, vals):
        result = super().write(vals)
        if "dashboard_id" in vals:
            # Odoo looks at the record before the change only.
            self.check_access("write")
        return result
