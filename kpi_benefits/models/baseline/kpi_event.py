from odoo import api, models


class KpiEvent(models.AbstractModel):
    """Values that change move the benefits that are measured by them."""

    _inherit = "kpi.event"

    @api.model
    def _facts_changed(self, changes):
        self.env["kpi.baseline"]._update_measured(changes)
        return super()._facts_changed(changes)
