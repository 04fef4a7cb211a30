from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.schemas.base import Id, Nothing

from ...engine.commission import DRAWS, ZERO, CommissionError

MOST_DEALS = 50  # to choose from


class KpiCommission(models.Model):
    """What an agent may earn until a period ends, and who may see that."""

    _inherit = "kpi.commission"

    @api.model
    @api.readonly
    def get_expected_earnings(self, agent_id: Id | Nothing = None):
        """Estimate the earnings of an agent in the running periods.

        :param agent_id: default: the user
        :return: for each plan that pays the agent now, a dict of ``agent_id``,
            ``plan``, ``currency_id``, ``period``, ``earned`` (booked so far), ``p10``,
            ``p50``, ``p90``, ``deal_count``, ``deals`` (``id``, ``title``),
            ``next_step`` (see ``_prepare_step``) or False, ``assumptions`` in words
        :raises AccessError: the user may not see these commissions
        """
        self.check_access("read")
        # A plan computes on what not all may read; who may see the result is asked.
        everything = self.sudo()
        agent = everything.env["res.users"].browse(agent_id or self.env.uid).exists()
        today = fields.Date.context_today(self)
        plans = everything.env["kpi.commission.plan"]
        if agent:
            plans = plans._find_for(agent, self.env.companies, today)
        if not plans:
            self._check_shown_for(agent, self.env["kpi.deal"])
        return [self._expect(plan, agent, today) for plan in plans]

    def _expect(self, plan, agent, today):
        """Earnings of an agent by one plan, as ``get_expected_earnings`` has them."""
        period, rate = plan._period_of(today), plan._get_margin_rate(agent, today)
        due = plan._find_due_deals(agent, period[1])
        wins = [
            plan._assume_win(
                deal,
                deal.estimated_value_amount,
                max(deal.expected_close_date, today),
                rate,
            )
            for deal in due
        ]
        credits = plan._list_assumed_credits(agent, period, wins)
        counted = due & due.union(*(credit.deal for credit in credits if credit.line))
        booked = self._find_booked(plan, agent, period)
        deals = booked.deal_id.union(due, *(credit.deal for credit in credits))
        self._check_shown_for(agent, deals, plan.company_id)
        try:
            gains, step = plan._estimate_gains(credits, agent, period)
        except CommissionError as error:
            raise UserError(str(error)) from error
        earned = sum((exact(each.net_amount) for each in booked), ZERO)
        return {
            "agent_id": agent.id,
            "plan": plan.name,
            "currency_id": plan.currency_id.id,
            "period": plan._name_period(period),
            "earned": float(earned),
            **{
                name: float(earned + gain)
                for name, gain in zip(("p10", "p50", "p90"), gains, strict=True)
            },
            "deal_count": len(counted),
            "deals": [
                {"id": deal.id, "title": deal.title} for deal in counted[:MOST_DEALS]
            ],
            "next_step": plan._prepare_step(step),
            "assumptions": [
                *(self._explain_draws() if counted else []),
                *plan._explain_base(rate),
                *self._explain_left_out(plan, agent, credits, due, today),
            ],
        }

    def _find_booked(self, plan, agent, period):
        """Commissions of an agent in a period that count in the plan's currency."""
        # Who may see their sum is asked by the caller.
        return self.sudo().search(
            [
                ("agent_id", "=", agent.id),
                ("company_id", "=", plan.company_id.id),
                ("currency_id", "=", plan.currency_id.id),
                ("earned_on", ">=", period[0]),
                ("earned_on", "<", period[1]),
            ]
        )

    def _explain_draws(self):
        return [
            self.env._(
                "In each of %s simulated outcomes an open deal is won on its expected "
                "closing day with its win probability, or not at all, independently of "
                "the others. P10, P50 and P90 are not exceeded in 10, 50 and 90 %% of "
                "them.",
                formatLang(self.env, DRAWS, digits=0),
            ),
            self.env._("Refunds and adjustments count as booked so far."),
        ]

    def _explain_left_out(self, plan, agent, credits, due, today):
        """Sentences on deals that are late, or that are not counted."""
        late = due.filtered(lambda deal: deal.expected_close_date < today)
        undated_count = plan._count_undated_deals(agent)
        unpriced_count = sum(not credit.line for credit in credits)
        told = []
        if late:
            told.append(
                self.env._(
                    "Deals past their expected close count as closing today: %s.",
                    len(late),
                )
            )
        if undated_count:
            told.append(
                self.env._(
                    "Open deals without an expected close are left out: %s.",
                    undated_count,
                )
            )
        if unpriced_count:
            told.append(
                self.env._(
                    "Deals without an exchange rate are left out: %s.", unpriced_count
                )
            )
        return told

    @api.model
    def _is_shown_for(self, agent, deals, company=None):
        """Check whether the user may read commissions of an agent on these deals.

        By the rules for commissions, also of those that are not booked: what they
        would be is as private as what they are. Without deals: any in the company.
        """
        if not self.has_access("read"):
            return False
        if self.env.su:
            return True
        domain = self.env["ir.rule"]._compute_domain(self._name, "read")
        # Rules are asked of records as superuser, as Odoo does it.
        everything = self.sudo()
        values = [
            {"deal_id": deal.id, "company_id": deal.company_id.id} for deal in deals
        ] or [{"company_id": (company or self.env.company).id}]
        drafts = everything.concat(
            *(everything.new({"agent_id": agent.id, **each}) for each in values)
        )
        return drafts.filtered_domain(domain) == drafts

    @api.model
    def _check_shown_for(self, agent, deals, company=None):
        """
        :raises AccessError: the user may not see all of these commissions
        """
        if not agent or not self._is_shown_for(agent, deals, company):
            raise AccessError(
                self.env._(
                    "This estimate would be computed with commissions that you may not "
                    "see."
                )
            )
