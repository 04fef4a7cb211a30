from odoo import models


class KpiReport(models.Model):
    """Rules look at KPIs that come into their scope, or leave it."""

    _inherit = "kpi.report"

    def write(self, vals):
        result = super().write(vals)
        if not {"active", "company_id", "department_id"}.isdisjoint(vals):
            self.env["kpi.smart.alert"]._mark(self.ids)
        return result
