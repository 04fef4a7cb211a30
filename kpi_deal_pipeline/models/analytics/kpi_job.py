from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.repeat import repeat_late

from ... import roles


class KpiJob(models.Model):
    """Learning from the deals of each company, and changes of commission plans."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[
            ("deal_learning", "Learning from Deals"),
            ("commission_plan", "Commission Plan Changes"),
        ],
        ondelete={"deal_learning": "cascade", "commission_plan": "cascade"},
    )
    commission_plan_ids = fields.Many2many(
        "kpi.commission.plan",
        string="Commission Plans",
        context={"active_test": False},
        copy=False,
        exportable=False,
        groups=roles.ADMIN,
    )
    commission_agent_ids = fields.Many2many(
        "res.users",
        "kpi_job_commission_agent_rel",
        string="Agents to Correct",
        context={"active_test": False},
        copy=False,
        exportable=False,
        groups=roles.ADMIN,
    )

    @api.model
    def _enqueue_deal_learning(self):
        return self._enqueue(self.env._("Learning from deals"), "deal_learning")

    @api.model
    def _cron_learn_from_deals(self):
        """Each night: learn, and say of all open deals what follows."""
        repeat_late(self.env, self._enqueue_deal_learning)

    @api.model
    def _enqueue_commission_plan(self, plans, since, agents):
        """Queue a change of plans; settled commissions of ``agents`` are corrected."""
        return self._enqueue(
            self.env._("Commission plans: %s", ", ".join(plans.mapped("name"))),
            "commission_plan",
            commission_plan_ids=plans.ids,
            commission_agent_ids=agents.ids,
            date_from=since,
        )

    def _run_commission_plan(self):
        """Apply the change in one step: half of it would be neither old nor new."""
        # In the name of whoever accepted it; a plan computes for everybody.
        plans = self.commission_plan_ids.with_user(self.requested_by_id).sudo()
        return self._run_steps(plans._apply_changes, [(self,)])

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
