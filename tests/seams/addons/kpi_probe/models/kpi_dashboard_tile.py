from odoo import api, fields, models


class KpiDashboardTile(models.Model):
    """A tile without a KPI."""

    _inherit = "kpi.dashboard.tile"

    kind = fields.Selection(
        selection_add=[("visits", "Visits")], ondelete={"visits": "cascade"}
    )

    @api.model
    def _body_visits(self, tile, reading):
        return {"visits": self.env["kpi.probe.visit"].search_count([])}
