from odoo import models


class HrDepartment(models.Model):
    """Rules by department look at KPIs that come below another one."""

    _inherit = "hr.department"

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            rules = self.env["kpi.smart.alert"]
            rules._mark(self._find_reports_below())
        return result

    def unlink(self):
        report_ids = self._find_reports_below()
        result = super().unlink()
        self.env["kpi.smart.alert"]._mark(report_ids)
        return result

    def _find_reports_below(self):
        """Ids of the KPIs of these departments and those below them."""
        below = [("department_id", "child_of", self.ids)]
        return self.env["kpi.smart.alert"]._find_reports(below)
