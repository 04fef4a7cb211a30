from odoo import api, models


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
