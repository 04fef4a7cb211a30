from odoo import models
from odoo.fields import Domain


class KpiDefinition(models.Model):
    """Dashboards that change with the values of a KPI."""

    _inherit = "kpi.definition"

    def _find_followers(self):
        shown = Domain("definition_ids", "in", self.ids)
        shown |= Domain("report_ids.definition_id", "in", self.ids)
        tiles = self.env["kpi.dashboard.tile"].search(shown)
        found = super()._find_followers()
        return {**found, self.env._("Dashboards"): tiles.dashboard_id}
