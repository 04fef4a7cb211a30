from odoo import api, models


class KpiEvent(models.AbstractModel):
    """Scorecards follow the KPIs on them."""

    _inherit = "kpi.event"

    @api.model
    def _current_changed(self, reports):
        self.env["kpi.report.group"]._refresh_with(reports)
        return super()._current_changed(reports)
