from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from odoo.addons.kpi_base.percent import format_percent
from odoo.addons.kpi_base.schemas.base import GivenDay, Id, Nothing, Number

FARTHEST = timedelta(days=730)
MOST_VALUE = 1e12  # as of a deal


class KpiDeal(models.Model):
    """What an open deal would bring its agents, for those who may see commissions."""

    _inherit = "kpi.deal"

    @api.readonly
    def get_earnings_estimate(
        self,
        agent_id: Id | Nothing = None,
        value: Number | Nothing = None,
        day: GivenDay | Nothing = None,
    ):
        """Estimate what an agent would earn, were the deal won on a day at a value.

        Commissions of the period with the deal, less those without it. Nothing is
        stored.

        :param agent_id: default: the user, else the deal's agent
        :param value: in the deal's currency; default: the estimated value
        :param day: from today on; default: the expected closing
        :return: dict of ``value``, ``day``, ``first_day``, ``last_day``,
            ``deal_currency_id``, ``agent_id``, ``agents`` (``id``, ``name``), and in
            the plan's currency ``currency_id``: ``gain`` = ``own`` + ``others``,
            ``before``; ``next_step`` (see ``_prepare_step``) or False; ``period`` and
            ``assumptions`` in words
        :raises AccessError: the user may not see these commissions
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
                self.env._("%s is closed: its commissions are settled.", deal.title)
            )
        value = deal._get_assumed_value(value)
        agents = self._find_estimated_agents(day)
        agent = self._choose_estimated_agent(agents, agent_id)
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
        """The given day, or the expected closing; today where that has passed.

        :raises UserError: before today, or too far away to say anything
        """
        if not day:
            return min(max(self.expected_close_date or today, today), today + FARTHEST)
        day = date.fromisoformat(day) if isinstance(day, str) else day
        if not today <= day <= today + FARTHEST:
            raise UserError(
                self.env._(
                    "Choose a day from today to %(last)s: %(day)s is not.",
                    last=format_date(self.env, today + FARTHEST),
                    day=format_date(self.env, day),
                )
            )
        return day

    def _get_assumed_value(self, value):
        """
        :raises UserError: the value is none that a deal can have
        """
        if value is None or value is False:
            return self.estimated_value_amount
        if not 0 <= value < MOST_VALUE:
            raise UserError(
                self.env._(
                    "The value must be 0 or more and less than 1,000,000,000,000."
                )
            )
        return value

    def _find_estimated_agents(self, day):
        """Agents who would be paid, as far as the user may see their commissions."""
        # Shares of others are computed with, and not shown.
        deal = self.sudo()
        agents = deal.agent_id.browse(
            dict.fromkeys(
                agent.id for agent, *_credit in deal._credits_on(day, deal.agent_id)
            )
        )
        commissions = self.env["kpi.commission"]
        return agents.filtered(lambda agent: commissions._is_shown_for(agent, deal))

    def _choose_estimated_agent(self, agents, agent_id):
        """
        :raises AccessError: the user may not see commissions of that agent here
        """
        # As in the caller.
        deal = self.sudo()
        if agent_id:
            chosen = deal.agent_id.browse(agent_id)
            if not self.env["kpi.commission"]._is_shown_for(chosen, deal):
                chosen = chosen.browse()
        else:
            wanted = [self.env.uid, deal.agent_id.id]
            chosen = agents.filtered(lambda agent: agent.id in wanted)
            chosen = chosen.sorted(lambda agent: wanted.index(agent.id)) or agents
        if not chosen:
            raise AccessError(
                self.env._("You have no access to commissions on this deal.")
            )
        return chosen[0]

    def _estimate_earnings(self, agent, value, day, today):
        """Earnings of an agent with the deal, as ``get_earnings_estimate`` has them.

        :raises UserError: no plan pays for it, or it cannot be computed
        """
        plan = self.env["kpi.commission.plan"]._find_for(agent, self.company_id, day)
        if not plan:
            raise UserError(
                self.env._(
                    "No active commission plan pays %(agent)s for deals won on "
                    "%(day)s.",
                    agent=agent.name,
                    day=format_date(self.env, day),
                )
            )
        rate, period = plan._get_margin_rate(agent, today), plan._period_of(day)
        win = plan._assume_win(self, value, day, rate)
        credits = plan._list_assumed_credits(agent, period, [win])
        deals = self.concat(*(credit.deal for credit in credits))
        self.env["kpi.commission"].sudo(False)._check_shown_for(agent, deals)
        gain = plan._estimate_gain(win, agent, credits)
        return {
            "currency_id": plan.currency_id.id,
            "period": plan._name_period(period),
            "gain": float(gain.own + gain.others),
            "own": float(gain.own),
            "others": float(gain.others),
            "before": float(gain.before),
            "next_step": plan._prepare_step(gain.step),
            "assumptions": [
                *plan._explain_base(rate),
                *self._explain_gain(gain, plan, period),
            ],
        }

    def _explain_gain(self, gain, plan, period):
        """Sentences on what the estimate counts, and what it leaves out."""
        name = plan._name_period(period)
        told = [
            self.env._(
                "Counted with the deals won so far in %s, without other open deals.",
                name,
            ),
        ]
        if gain.share is not None and gain.share != 1:
            told.append(
                self.env._(
                    "The agent's share in the deal is %s.",
                    format_percent(self.env, float(gain.share)),
                )
            )
        if self.currency_id != plan.currency_id:
            told.append(
                self.env._(
                    "%s are converted at the latest exchange rate.",
                    self.currency_id.name,
                )
            )
        if gain.unpriced_count:
            told.append(
                self.env._(
                    "Won deals without an exchange rate are left out: %s.",
                    gain.unpriced_count,
                )
            )
        return told
