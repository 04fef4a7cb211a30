from odoo import models


class KpiGalleryKpi(models.Model):
    """Who turns on ready KPIs is offered the ready dashboard that shows them."""

    _inherit = "kpi.gallery.kpi"

    def _turn_on(self, scope_types=()):
        action = super()._turn_on(scope_types)
        if action.get("tag") == "kpi_base.job_progress":
            action["params"]["offer"] = {
                "model": "kpi.gallery.dashboard",
                "method": "find_offer",
                "args": [self.ids],
            }
        return action
