from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.repeat import repeat_late


class KpiJob(models.Model):
    """Purchases and analyses of each company, brought up to date."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[("bi", "Executive Analyses")], ondelete={"bi": "cascade"}
    )
    bi_company_id = fields.Many2one(
        "res.company",
        string="BI Company",
        help="Leave empty to update all companies and check document lines.",
        ondelete="cascade",
        exportable=False,
    )

    @api.model
    def _enqueue_bi(self, company=None):
        """Queue the analyses of a company, or the nightly ones of all."""
        name = self.env._("Executive analyses")
        return self._enqueue(name, "bi", bi_company_id=(company or self.browse()).id)

    @api.model
    def _cron_bi(self):
        repeat_late(self.env, self._enqueue_bi)

    def _run_bi(self):
        companies = self.bi_company_id or self.env["res.company"].search(
            Domain.TRUE, order="id"
        )
        steps = [
            (company, name)
            for company in companies
            for name in self.env["kpi.bi.analysis"]._list_analyses()
        ]
        left = self._run_steps(self._run_bi_analysis, steps[self.step_done_count :])
        self._trigger()  # KPIs on it are computed by what comes next
        return left

    def _run_bi_analysis(self, company, name):
        analyses = self.env["kpi.bi.analysis"].with_company(company)
        analyses._run_analysis(name, company, is_nightly=not self.bi_company_id)
