"""What rules watch KPIs by: they look again at those of which it changes."""

from odoo import api, models


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


class KpiDefinition(models.Model):
    """Rules by category or tag look at KPIs that get another one."""

    _inherit = "kpi.definition"

    def write(self, vals):
        result = super().write(vals)
        if not {"active", "category_id", "tag_ids"}.isdisjoint(vals):
            rules = self.env["kpi.smart.alert"]
            rules._mark(rules._find_reports([("definition_id", "in", self.ids)]))
        return result


class KpiPredictiveAnalytics(models.Model):
    """Rules look at trends, unusual values and chances once they are worked out."""

    _inherit = "kpi.predictive.analytics"

    def _store(self, series, found, grain):
        written = super()._store(series, found, grain)
        if written:
            self.env["kpi.smart.alert"]._mark(series.report_ids)
        return written


class KpiReportGroupLine(models.Model):
    """Rules by scorecard look at KPIs that are put on one, or taken away."""

    _inherit = "kpi.report.group.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["kpi.smart.alert"]._mark(lines.report_id.ids)
        return lines

    def write(self, vals):
        before = self.report_id
        result = super().write(vals)
        if not {"group_id", "report_id"}.isdisjoint(vals):
            self.env["kpi.smart.alert"]._mark((before | self.report_id).ids)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_mark(self):
        self.env["kpi.smart.alert"]._mark(self.report_id.ids)
