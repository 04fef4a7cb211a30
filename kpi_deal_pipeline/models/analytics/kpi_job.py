from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.repeat import repeat_late


class KpiJob(models.Model):
    """Learning from the deals of each company how likely open ones are won."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[("deal_learning", "Learning from deals")],
        ondelete={"deal_learning": "cascade"},
    )

    @api.model
    def _enqueue_deal_learning(self):
        return self._enqueue(self.env._("Learning from deals"), "deal_learning")

    @api.model
    def _cron_learn_from_deals(self):
        """Each night: learn, and say of all open deals what follows."""
        repeat_late(self.env, self._enqueue_deal_learning)

    def _run_deal_learning(self):
        """Learn company by company; KPIs on it are computed by what comes next."""
        # Those that nothing was learned for since the job was asked for.
        asked_at = self.create_date.replace(microsecond=0)
        models = self.env["kpi.deal.win.model"]
        companies = self.env["res.company"].search(Domain.TRUE, order="id")
        companies -= models.search([("learned_at", ">=", asked_at)]).company_id
        left = self._run_steps(self._learn_company, [(one,) for one in companies])
        self._trigger()
        return left

    def _learn_company(self, company):
        """Learn for one company, and say of its open deals what follows."""
        self.env["kpi.deal.win.model"]._learn(company)
        self.env["kpi.deal"]._keep_win_probabilities(company)
