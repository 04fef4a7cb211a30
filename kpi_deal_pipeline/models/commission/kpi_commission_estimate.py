"""Estimates of what agents will earn, by the plans that pay them; nothing is stored."""

from datetime import date, timedelta

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from odoo.addons.kpi_base.engine.money import exact, exact_sum
from odoo.addons.kpi_base.formatting import format_day, format_percent, format_period
from odoo.addons.kpi_base.schemas.base import GivenDay, Id, Nothing, Number

from ...engine.commission import (
    DRAWS,
    ONE,
    ZERO,
    CommissionError,
    Line,
    Part,
    Prospect,
    commissions,
    estimate_range,
    find_next_step,
)
from .kpi_commission_plan_settlement import Win

MOST_DEALS = 50  # to choose from
FARTHEST = timedelta(days=730)
MOST_VALUE = 1e12  # as of a deal


def _get_share(line):
    """Part of a commission's amount that its agent gets."""
    return line.overlay * line.weights[line.own] / sum(line.weights, ZERO)


class KpiCommissionPlan(models.Model):
    """What a plan pays an agent, were open deals won."""

    _inherit = "kpi.commission.plan"

    @api.model
    def _find_for(self, agent, companies, day):
        """The plans that pay an agent for deals of these companies won on a day."""
        plans = self._find_paying(companies)
        return plans.filtered(lambda plan: plan._is_for(agent, day))

    def _name_period(self, period):
        """Name of a settlement period: “Q3 2026”."""
        return format_period(self.env, period[0], self.period)

    def _get_margin_rate(self, agent, today):
        """Margin of 1 invoiced for an agent's wins of twelve months; None: no base."""
        if self.base != "margin":
            return None
        ((margin, invoiced),) = self.env["kpi.deal.billing"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("deal_id.won_by_id", "=", agent.id),
                ("deal_id.currency_id", "=", self.currency_id.id),
                ("billing_type", "=", "invoice"),
                ("is_void", "=", False),
                ("date", ">=", today - relativedelta(years=1)),
            ],
            [],
            ["margin:sum", "amount_untaxed:sum"],
        )
        return exact(margin) / exact(invoiced) if invoiced else None

    def _explain_base(self, margin_rate):
        """Sentences on what is assumed of a deal that nothing is invoiced of yet."""
        if self.base == "invoiced":
            return [self.env._("Assumes that the full value is invoiced.")]
        if self.base != "margin":
            return []
        if margin_rate is None:
            return [
                self.env._(
                    "Counts the full value as margin: no invoices in the last 12 "
                    "months."
                )
            ]
        return [
            self.env._(
                "Assumes a margin of %s, as on the agent's invoices of the last 12 "
                "months.",
                format_percent(self.env, float(margin_rate)),
            )
        ]

    def _list_assumed_credits(self, agent, period, assumed, margin_rate):
        """Credits of an agent for what was won in a period and is assumed, in order.

        :param assumed: (deal, value, day) of open deals whose value is invoiced in full
        :param margin_rate: margin of 1 invoiced, see ``_get_margin_rate``
        """
        factor = ONE if margin_rate is None else margin_rate
        wins = self._wins(self._find_won_deals(*period, agent))
        for deal, value, day in assumed:
            parts = [(exact(value) * factor, deal.asset_type or "")]
            wins.append(Win(deal, deal.agent_id, day, parts))
        credits = [each for each in self._credits_for(wins) if each.agent == agent]
        return sorted(credits, key=lambda credit: (credit.day, credit.deal.id))

    def _find_booked(self, agent, period):
        """Commissions of an agent in a period as they are booked, with adjustments."""
        return self.env["kpi.commission"].search(
            [
                ("agent_id", "=", agent.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("earned_on", ">=", period[0]),
                ("earned_on", "<", period[1]),
            ]
        )

    def _sum_pay(self, credits):
        """Fill in what one agent is paid for ``credits`` of a period, and sum it up."""
        self._compute_period([credit for credit in credits if credit.line])
        return sum((credit.net_amount for credit in credits), ZERO)

    def _estimate_gains(self, credits, agent, period):
        """(what open deals add in 10, 50 and 90% of the draws, next step) of an agent.

        Refunds stay as they are; seeded by who and when, so that reloading shows the
        same again.
        """
        terms, won, prospects = self._terms(), [], []
        for credit in credits:
            if credit.line:
                is_open = credit.deal.status == "open"
                chance = credit.deal.win_probability if is_open else 1.0
                prospects.append(Prospect(credit.line, credit.deal.id, chance))
                won += [] if is_open else [credit.line]
        rng = np.random.default_rng([agent.id, self.id, period[0].toordinal()])
        found = estimate_range(terms, prospects, rng)
        held = sum((each.amount for each in commissions(terms, won)), ZERO)
        gains = [found.p10 - held, found.p50 - held, found.p90 - held]
        return gains, self._find_next_step(won)

    def _find_next_step(self, lines):
        """The step that one more deal reaches, which nobody shares."""
        grown = [*lines, Line("next", (Part(ZERO),))]
        return find_next_step(self._terms(), grown, len(lines))

    def _explain_shared_step(self, step, credits):
        """Sentences on shared deals on the way to the next step."""
        if not step or all(_get_share(each.line) == 1 for each in credits if each.line):
            return []
        return [
            self.env._(
                "Shared deals count in full towards the next step. The amount for "
                "reaching it is for deals that are not shared."
            )
        ]

    def _prepare_step(self, step):
        """A ``NextStep`` in the plan's currency as clients get it: a dict, or False."""
        numbers = ("limit", "missing", "before", "after", "gain")
        return bool(step) and {
            "kind": step.kind,
            "plan": self.name,
            **{name: float(getattr(step, name)) for name in numbers},
        }


class KpiDeal(models.Model):
    """Earnings of agents with an open deal."""

    _inherit = "kpi.deal"

    @api.readonly
    def get_earnings_estimate(
        self,
        agent_id: Id | Nothing = None,
        value: Number | Nothing = None,
        day: GivenDay | Nothing = None,
    ):
        """Estimate what an agent would earn, were the deal won on a day at a value.

        Commissions of the period with the deal, less those without it; ``before`` has
        what is booked in the period, with adjustments. It stores nothing.

        :param agent_id: default: the user or the deal's agent
        :param value: in the deal's currency; default: the estimated value
        :param day: from today on; default: the expected closing
        :return: dict of ``value``, ``day``, ``first_day``, ``last_day``,
            ``deal_currency_id``, ``agent_id``, ``agents`` (``id``, ``name``), and in
            the plan's currency ``currency_id``: ``gain`` = ``own`` + ``others``,
            ``before``; ``next_step`` (see ``_prepare_step``) or False; ``period`` and
            ``assumptions`` in words
        :raises AccessError: the user cannot see these commissions
        :raises UserError: the deal is not open, or cannot be computed with so
        """
        self.ensure_one()
        self.check_access("read")
        today = fields.Date.context_today(self)
        day = self._get_assumed_day(day, today)
        # A plan computes on what not all may read; who may see the result is asked.
        deal = self.sudo()
        if deal.status != "open":
            raise UserError(
                self.env._("%s is closed. Only open deals have estimates.", deal.title)
            )
        if value is None or value is False:
            value = deal.estimated_value_amount
        elif not 0 <= value < MOST_VALUE:
            raise UserError(
                self.env._("The value must be 0 or more and below 1,000,000,000,000.")
            )
        agents, agent = self._choose_estimated_agent(day, agent_id)
        return {
            "value": value,
            "day": fields.Date.to_string(day),
            "first_day": fields.Date.to_string(today),
            "last_day": fields.Date.to_string(today + FARTHEST),
            "deal_currency_id": deal.currency_id.id,
            "agent_id": agent.id,
            "agents": [{"id": each.id, "name": each.name} for each in agents],
            **deal._estimate_earnings(agent, value, day, today),
        }

    def _get_assumed_day(self, day, today):
        """The given day, in reach of an estimate, or the expected closing, or today."""
        if not day:
            return min(max(self.expected_close_date or today, today), today + FARTHEST)
        day = date.fromisoformat(day) if isinstance(day, str) else day
        if not today <= day <= today + FARTHEST:
            raise UserError(
                self.env._(
                    "%(day)s is out of range. Choose a day from today to %(last)s.",
                    last=format_day(self.env, today + FARTHEST),
                    day=format_day(self.env, day),
                )
            )
        return day

    def _choose_estimated_agent(self, day, agent_id):
        """Agents who would be paid whose commissions the user may see; the asked one.

        :raises AccessError: the user cannot see commissions of that agent here
        """
        # Shares of others are computed with, and not shown.
        deal = self.sudo()
        credits = deal._credits_on(day, deal.agent_id)
        agents = deal.agent_id.browse(dict.fromkeys(each[0].id for each in credits))

        def is_shown(agent):
            return self.env["kpi.commission"]._is_shown_for(agent, deal)

        agents = agents.filtered(is_shown)
        if agent_id:
            chosen = deal.agent_id.browse(agent_id).filtered(is_shown)
        else:
            wanted = [self.env.uid, deal.agent_id.id]
            chosen = agents.filtered(lambda agent: agent.id in wanted)
            chosen = chosen.sorted(lambda agent: wanted.index(agent.id)) or agents
        if not chosen:
            raise AccessError(
                self.env._("You are not allowed to see commissions on this deal.")
            )
        return agents, chosen[0]

    def _estimate_earnings(self, agent, value, day, today):
        """Earnings of an agent with the deal, as ``get_earnings_estimate`` has them."""
        plan = self.env["kpi.commission.plan"]._find_for(agent, self.company_id, day)
        if not plan:
            raise UserError(
                self.env._(
                    "%(agent)s has no active commission plan on %(day)s.",
                    agent=agent.name,
                    day=format_day(self.env, day),
                )
            )
        rate, period = plan._get_margin_rate(agent, today), plan._period_of(day)
        assumed = [(self, value, day)]
        credits = plan._list_assumed_credits(agent, period, assumed, rate)
        booked = plan._find_booked(agent, period)
        booked = booked.filtered(lambda commission: commission.deal_id != self)
        deals = booked.deal_id.union(*(credit.deal for credit in credits))
        self.env["kpi.commission"].sudo(False)._check_shown_for(agent, deals)
        mine = [credit for credit in credits if credit.deal == self]
        self._check_countable(mine, plan, agent, day)
        others = [credit for credit in credits if credit.deal != self]
        lines = [credit.line for credit in credits if credit.line]
        try:
            step = plan._find_next_step(lines)
            before, total = plan._sum_pay(others), plan._sum_pay(credits)
        except CommissionError as error:
            raise UserError(str(error)) from error
        own = sum((credit.net_amount for credit in mine), ZERO)
        return {
            "currency_id": plan.currency_id.id,
            "period": plan._name_period(period),
            "gain": float(total - before),
            "own": float(own),
            "others": float(total - own - before),
            "before": float(exact_sum(booked.mapped("net_amount"))),
            "next_step": plan._prepare_step(step),
            "assumptions": [
                *plan._explain_base(rate),
                *self._explain_gain(plan, plan._name_period(period), mine, others),
                *plan._explain_shared_step(step, credits),
            ],
        }

    def _check_countable(self, credits, plan, agent, day):
        """
        :raises UserError: the agent has no share in the deal, or its currency no rate
        """
        if not credits:
            raise UserError(
                self.env._(
                    "%(agent)s has no share in this deal on %(day)s.",
                    agent=agent.name,
                    day=format_day(self.env, day),
                )
            )
        if not credits[0].line:
            raise UserError(
                self.env._(
                    "No exchange rate from %(deal)s to the plan's currency "
                    "%(plan)s. Ask an administrator to add one.",
                    deal=self.currency_id.name,
                    plan=plan.currency_id.name,
                )
            )

    def _explain_gain(self, plan, period, mine, others):
        """Sentences on what the estimate counts, and what it leaves out."""
        share, own = _get_share(mine[0].line), self.currency_id
        percent = format_percent(self.env, float(share))
        has_share = len(mine) == 1 and share != 1  # else an overlay adds to it
        unpriced_count = sum(not credit.line for credit in others)
        sentences = {
            self.env._("Computed by the plan %s.", plan.name): True,
            self.env._(
                "Includes deals won so far in %s, with refunds and adjustments, but "
                "no other open deals.",
                period,
            ): True,
            self.env._("Agent's share in the deal: %s.", percent): has_share,
            self.env._("%s is converted at the latest exchange rate.", own.name): (
                own != plan.currency_id
            ),
            self.env._(
                "Excluded won deals without an exchange rate: %s.", unpriced_count
            ): unpriced_count,
        }
        return [text for text, holds in sentences.items() if holds]


class KpiCommission(models.Model):
    """Earnings of agents in the running periods."""

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
        :raises AccessError: the user cannot see these commissions
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
        still_open = (
            Domain("company_id", "=", plan.company_id.id)
            & Domain("status", "=", "open")
            & Domain("win_probability", "!=", False)
            & (
                Domain("agent_id", "=", agent.id)
                | Domain("split_ids.agent_id", "=", agent.id)
            )
        )
        due = plan.env["kpi.deal"].search(
            still_open & Domain("expected_close_date", "<", period[1]),
            order="expected_close_date, id",
        )
        assumed = [
            (deal, deal.estimated_value_amount, max(deal.expected_close_date, today))
            for deal in due
        ]
        credits = plan._list_assumed_credits(agent, period, assumed, rate)
        counted = due & due.union(*(credit.deal for credit in credits if credit.line))
        booked = plan._find_booked(agent, period)
        deals = booked.deal_id.union(due, *(credit.deal for credit in credits))
        self._check_shown_for(agent, deals, plan.company_id)
        try:
            gains, step = plan._estimate_gains(credits, agent, period)
        except CommissionError as error:
            raise UserError(str(error)) from error
        earned = exact_sum(booked.mapped("net_amount"))
        amounts = zip(("p10", "p50", "p90"), gains, strict=True)
        return {
            "agent_id": agent.id,
            "plan": plan.name,
            "currency_id": plan.currency_id.id,
            "period": plan._name_period(period),
            "earned": float(earned),
            **{name: float(earned + gain) for name, gain in amounts},
            "deal_count": len(counted),
            "deals": [
                {"id": deal.id, "title": deal.title} for deal in counted[:MOST_DEALS]
            ],
            "next_step": plan._prepare_step(step),
            "assumptions": [
                *(self._explain_draws() if counted else []),
                *plan._explain_base(rate),
                *plan._explain_shared_step(step, credits),
                *self._explain_left_out(still_open, credits, due, today),
            ],
        }

    def _explain_draws(self):
        return [
            self.env._(
                "In %(count)s simulations, deals are won independently on their "
                "expected closing day, by win probability. Earnings do not exceed "
                "P10, P50 and P90 in %(low)s, %(middle)s and %(high)s of them.",
                count=formatLang(self.env, DRAWS, digits=0),
                low=format_percent(self.env, 0.1, 0),
                middle=format_percent(self.env, 0.5, 0),
                high=format_percent(self.env, 0.9, 0),
            ),
            self.env._("Includes refunds and adjustments booked so far."),
        ]

    def _explain_left_out(self, still_open, credits, due, today):
        """Sentences on deals that are late, or that are not counted."""
        late_count = sum(deal.expected_close_date < today for deal in due)
        undated_count = due.search_count(
            still_open & Domain("expected_close_date", "=", False)
        )
        unpriced_count = sum(not credit.line for credit in credits)
        counts = {
            self.env._(
                "Deals past expected close, counted as closing today: %s.",
                late_count,
            ): late_count,
            self.env._(
                "Excluded open deals without an expected close: %s.", undated_count
            ): undated_count,
            self.env._(
                "Excluded deals without an exchange rate: %s.", unpriced_count
            ): unpriced_count,
        }
        return [text for text, count in counts.items() if count]

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
        :raises AccessError: the user cannot see all of these commissions
        """
        if not agent or not self._is_shown_for(agent, deals, company):
            raise AccessError(
                self.env._(
                    "You are not allowed to see the commissions used in this estimate."
                )
            )
