from odoo import api, fields, models


class KpiEvent(models.AbstractModel):
    """Values that change make the analyses of their KPIs stale."""

    _inherit = "kpi.event"

    @api.model
    def _facts_changed(self, changes):
        self.env["kpi.predictive.analytics"]._mark_stale(
            changes.report_ids, changes.first_period
        )
        return super()._facts_changed(changes)

    @api.model
    def _current_changed(self, reports):
        """Targets, calendars and the way of adding up change what is expected."""
        today = fields.Date.today()
        self.env["kpi.predictive.analytics"]._mark_stale(reports.ids, today)
        return super()._current_changed(reports)
