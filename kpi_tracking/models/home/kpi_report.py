from odoo import api, fields, models


class KpiReport(models.Model):
    """KPIs that the overview counts, as a filter of lists that it opens."""

    _inherit = "kpi.report"

    is_on_overview = fields.Boolean(
        "On My Overview",
        compute="_compute_is_on_overview",
        search="_search_is_on_overview",
        exportable=False,
        help="Counted by the overview of whoever looks.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_on_overview(self):
        counted = self.filtered_domain(self.env["kpi.home"]._get_summary_domain())
        for report in self:
            report.is_on_overview = report in counted

    @api.model
    def _search_is_on_overview(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self.env["kpi.home"]._get_summary_domain()
        return domain if True in value else ~domain
