from odoo import fields, models


class KpiReport(models.Model):
    """The scorecards that a KPI is on."""

    _inherit = "kpi.report"

    group_line_ids = fields.One2many(
        "kpi.report.group.line", "report_id", "On Scorecards", copy=False
    )

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self.env["kpi.report.group"]._refresh_with(self)
        return result

    def _refresh_current(self):
        result = super()._refresh_current()
        self.env["kpi.report.group"]._refresh_with(self)
        return result
