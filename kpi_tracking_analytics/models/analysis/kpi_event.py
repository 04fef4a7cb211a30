from odoo import api, models


class KpiEvent(models.AbstractModel):
    """Values that change make the analyses of their KPIs stale."""

    _inherit = "kpi.event"

    @api.model
    def _facts_changed(self, changes):
        self.env["kpi.predictive.analytics"]._mark_stale(
            changes.report_ids, changes.first_period
        )
        return super()._facts_changed(changes)
