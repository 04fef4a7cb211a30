from odoo import models


class KpiDefinition(models.Model):
    """Rules by category or tag look at KPIs that get another one."""

    _inherit = "kpi.definition"

    def write(self, vals):
        result = super().write(vals)
        if not {"active", "category_id", "tag_ids"}.isdisjoint(vals):
            rules = self.env["kpi.smart.alert"]
            rules._mark(rules._find_reports([("definition_id", "in", self.ids)]))
        return result
