from odoo import api, models


class KpiEvent(models.AbstractModel):
    """Rules look at KPIs whose values, judgements or targets changed."""

    _inherit = "kpi.event"

    @api.model
    def _facts_changed(self, changes):
        self.env["kpi.smart.alert"]._mark(changes.report_ids)
        return super()._facts_changed(changes)

    @api.model
    def _current_changed(self, reports):
        """Once periods have closed, were judged, or have another target."""
        self.env["kpi.smart.alert"]._mark(reports.ids)
        return super()._current_changed(reports)
