from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.percent import format_percent
from odoo.addons.kpi_base.repeat import repeat_late

from ...engine.commission import (
    ONE,
    ZERO,
    CommissionError,
    Line,
    NextStep,
    Part,
    PeriodRefund,
    Prospect,
    Refund,
    clawbacks,
    commissions,
    decay_factor,
    estimate_range,
    find_next_step,
    full_months,
    original_rate,
    override,
    override_clawbacks,
    round_amount,
    true_up,
)
from .entitlement import Credit, Entitlement, Win
from .kpi_commission_statement import PATTERNS


class KpiCommissionPlan(models.Model):
    """Amounts that a plan pays its agents for the deals of a period.

    Computed anew each time from what is known; the ledger books the difference to what
    it holds. So it does not matter in which order deals, billings and refunds come in,
    nor how often it runs.
    """

    _inherit = "kpi.commission.plan"

    @api.model
    def _settle_deals(self, deals):
        """Settle the periods in which these deals count, for who is paid for them."""
        plans = self.search(
            [("state", "!=", "draft"), ("company_id", "in", deals.company_id.ids)]
        )
        for plan in plans:
            for period, agents in plan._find_touched(deals).items():
                plan._settle(period, agents)

    def _find_touched(self, deals):
        """Period → agents whose commissions these deals change."""
        touched = {}
        for deal in deals.filtered(lambda deal: deal.company_id == self.company_id):
            known = deal.commission_ids.filtered(lambda each: each.plan_id == self)
            pairs = {(each.earned_on, each.agent_id) for each in known}
            if deal.status == "closed_won":
                day = deal.actual_close_date
                pairs |= {(day, agent) for agent, *_credit in deal._credits()}
            for day, agent in pairs:
                if day and self._is_for(agent, day):
                    period = self._period_of(day)
                    touched[period] = touched.get(period, agent) | agent
        return touched

    @api.model
    def _cron_settle(self):
        """Settle this period and the one before: what came late, such as rates.

        Also what two people closed at the same moment.
        """
        plans = self.search([("state", "!=", "draft")])
        self.env["ir.cron"]._commit_progress(remaining=len(plans))
        for plan in plans:
            repeat_late(self.env, plan._settle_since, plan._last_period()[0])
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _settle_since(self, since=None):
        """Settle all periods of these plans, or those from ``since``, up to today."""
        # Plans compute for everybody, whoever switches them on.
        for plan in self.sudo():
            tomorrow = fields.Date.context_today(plan) + timedelta(days=1)
            start = max(plan.date_from, since or plan.date_from)
            deals = plan._find_won_deals(start, plan.date_to or tomorrow)
            for period, agents in plan._find_touched(deals).items():
                plan._settle(period, agents)

    def _simulate(self, start, stop):
        """Compute the pay for deals won in [start, stop), booking nothing.

        The plan's own days do not matter. Periods count in full: a span that begins
        inside of one begins with tiers and quota unused.

        :return: list of ``Entitlement``
        """
        deals = self._find_won_deals(start, stop)
        credits, found = self._credits_for(self._wins(deals), is_simulated=True), {}
        by_period = {}
        for credit in credits:
            period = self._period_of(credit.day)
            by_period.setdefault(period, []).append(credit)
        for some in by_period.values():
            agents = self.env["res.users"].concat(*{credit.agent for credit in some})
            entitlements = self._entitlements(some, agents)
            self._add_overrides(entitlements, is_simulated=True)
            found |= entitlements
        return list(found.values())

    def _find_won_deals(self, start, stop, agents=None):
        """Deals won in [start, stop) that count for ``agents``, in their order."""
        domain = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("status", "=", "closed_won"),
                ("actual_close_date", ">=", start),
                ("actual_close_date", "<", stop),
            ]
        )
        if agents is not None:
            domain &= Domain.OR(
                Domain(name, "in", agents.ids)
                for name in ("won_by_id", "agent_id", "split_ids.agent_id")
            )
        return self.env["kpi.deal"].search(domain, order="actual_close_date, id")

    def _settle(self, period, agents):
        """Bring the ledger in line with what the plan pays for a period.

        :param period: first day and the day after the last
        """
        self._claim()
        credits = self._credits_of(period, agents)
        entitlements = self._entitlements(credits, agents)
        self._add_overrides(entitlements)
        self.env["kpi.commission"]._post(self, period, agents, entitlements)

    def _claim(self):
        """Make one of two transactions that settle this plan at once run again."""
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE kpi_commission_plan SET settled_at = %s WHERE id = %s",
            (fields.Datetime.now(), self.id),
        )
        self.invalidate_recordset(["settled_at"])

    def _credits_of(self, period, agents):
        """``Credit`` of these agents for the deals won in the period."""
        credits = self._credits_for(self._wins(self._find_won_deals(*period, agents)))
        return [credit for credit in credits if credit.agent in agents]

    def _wins(self, deals):
        """``Win`` of each of these deals, as it was won."""
        return [
            Win(
                deal,
                deal.won_by_id or deal.agent_id,
                deal.actual_close_date,
                self._base_of(deal),
            )
            for deal in deals
        ]

    def _credits_for(self, wins, *, is_simulated=False):
        """``Credit`` of all whom the plan pays for these deals.

        :param is_simulated: as if the plan had been in use on all days
        """
        prices = self._prices(wins)
        return [
            Credit(
                win.deal,
                agent,
                rule,
                win.day,
                self._line(win, agent, rule, prices[win.deal], weights, own, overlay),
            )
            for win in wins
            for agent, rule, weights, own, overlay in win.deal._credits_on(
                win.day, win.agent
            )
            if (
                not self.agent_ids or agent in self.agent_ids
                if is_simulated
                else self._is_for(agent, win.day)
            )
        ]

    def _line(self, win, agent, rule, price, weights, own, overlay):
        if price is None:
            return None
        unit = self.currency_id._commission_unit()
        parts = tuple(
            Part(round_amount(amount * price, unit), product)
            for amount, product in win.parts
        )
        key = (win.deal.id, agent.id, rule)
        return Line(key, parts, weights, own, overlay)

    def _base_of(self, deal):
        """(amount in the deal's currency, product) of what the plan is computed on."""
        asset = deal.asset_type or ""
        if self.base == "value":
            return [(exact(deal.estimated_value_amount), asset)]
        column = {"invoiced": "amount_untaxed", "margin": "margin"}[self.base]
        return [
            (exact(bill[column]), bill.product or asset)
            for bill in deal.billing_ids._in_force()
            if bill.billing_type == "invoice"
        ]

    def _prices(self, wins):
        """Deal → units of the plan's currency for one of its own, on its day.

        None where one of the rates is not known on that day: no later one is taken.
        """
        company, own = self.company_id.id, self.currency_id
        keys = {
            win.deal: [
                (company, currency.id, win.day)
                for currency in (win.deal.currency_id, own)
            ]
            for win in wins
            if win.deal.currency_id != own
        }
        rates = self.env["kpi.deal"]._company_rates(
            [key for pair in keys.values() for key in pair]
        )
        found = dict.fromkeys((win.deal for win in wins), ONE)
        for deal, pair in keys.items():
            given, wanted = (rates[key] for key in pair)
            found[deal] = given / wanted if given and wanted else None
        return found

    def _entitlements(self, credits, agents):
        """Key → ``Entitlement`` of these credits, those without a price too."""
        found = {
            credit.key: Entitlement(credit.deal, credit.agent, credit.rule, credit.day)
            for credit in credits
        }
        for agent in agents:
            own = [each for each in credits if each.agent == agent and each.line]
            self._compute_period(own, found)
        return found

    def _compute_period(self, credits, found):
        """Fill what one agent is paid for these deals of a period."""
        terms = self._terms()
        for each in commissions(terms, [credit.line for credit in credits]):
            entitlement = found[each.key]
            entitlement.base, entitlement.amount = each.base, each.amount
            entitlement.steps = each.steps
        if self.clawback == "true_up":
            refunds = self._refunds_of(credits)
            taken = true_up(
                terms,
                [credit.line for credit in credits],
                [
                    PeriodRefund(
                        [credit.key for credit in credits if credit.deal == deal],
                        share,
                        self._factor(bill, day),
                    )
                    for bill, deal, day, share in refunds
                ],
            )
            for (bill, *_refund), amounts in zip(refunds, taken, strict=True):
                for key, amount in amounts.items():
                    found[key].clawbacks[bill] = amount
        elif self.clawback != "none":
            for credit in credits:
                self._claw_back(found[credit.key])

    def _claw_back(self, entitlement):
        """Compute what the refunds of a deal take back of one commission."""
        shares = self._list_refund_shares(entitlement.deal)
        if not shares or not entitlement.amount:
            return
        taken = clawbacks(
            entitlement.amount,
            entitlement.base,
            [
                Refund(share * entitlement.base, self._factor(bill, entitlement.day))
                for bill, share in shares
            ],
            self.currency_id._commission_unit(),
            original_rate(entitlement.base, entitlement.steps)
            if self.clawback == "rate"
            else None,
        )
        for (bill, _share), amount in zip(shares, taken, strict=True):
            entitlement.clawbacks[bill] = amount

    def _refunds_of(self, credits):
        """(refund, deal, day it was won, share) of these deals, in their order."""
        found = {
            bill: (bill, credit.deal, credit.day, share)
            for credit in credits
            for bill, share in self._list_refund_shares(credit.deal)
        }
        return sorted(found.values(), key=lambda each: (each[0].date, each[0].id))

    def _list_refund_shares(self, deal):
        """(refund, its share of the deal) in their order; together at most 1."""
        full_amount = self._get_refundable(deal)
        left, found = ONE, []
        bills = deal.billing_ids._in_force()
        for bill in bills.filtered(lambda bill: bill.billing_type == "refund"):
            share = (
                min(exact(bill.amount_untaxed) / full_amount, left)
                if full_amount
                else ZERO
            )
            if share:
                found.append((bill, share))
                left -= share
        return found

    def _get_refundable(self, deal):
        """Amount of the deal whose refund takes back all of a commission.

        A share of the commission is one of what was billed where all of it fell due at
        once. Where it falls due with billings, each refund takes back what fell due
        with as much.
        """
        total = deal._sum_billings_by_type()
        billed = total.get("invoice", ZERO)
        if self.base != "value":
            return billed
        if self.clawback == "share" and self.accrual == "won":
            billed = billed or total.get("payment", ZERO)
            return billed or exact(deal.estimated_value_amount)
        return exact(deal.estimated_value_amount)

    def _factor(self, refund, day):
        """Share of a commission that a refund takes back, by its age."""
        window = Decimal(self.clawback_months) if self.clawback_months else None
        months = Decimal(full_months(day, refund.date))
        return decay_factor(months, window, self.clawback_is_linear)

    def _add_overrides(self, entitlements, *, is_simulated=False):
        """Add what managers get on top of their agents' commissions, deal by deal.

        :param is_simulated: without what the ledger holds of other agents
        """
        if not self.override_ids:
            return
        by_deal = {}
        for each in entitlements.values():
            if each.is_priced:
                by_deal.setdefault(each.deal, []).append(each)
        for deal, team in by_deal.items():
            for term in self.override_ids:
                shares = [(each, exact(term.rate, 4)) for each in team]
                if not is_simulated:
                    shares += self._find_booked_shares(deal, term.user_id, entitlements)
                # A manager gets no share of the own commissions.
                shares = [each for each in shares if each[0].agent != term.user_id]
                if shares:
                    found = self._override(term.user_id, deal, shares)
                    entitlements[found.key] = found

    def _find_booked_shares(self, deal, manager, entitlements):
        """(entitlement, rate) of agents who are not computed this time."""
        shares = []
        for commission in deal.commission_ids:
            key = (deal.id, commission.agent_id.id, commission.rule)
            plan = commission.plan_id
            rate = plan.override_ids.filtered(lambda each: each.user_id == manager)
            if (
                key not in entitlements
                and rate
                and commission.rule != "override"
                and commission.status != "written_off"
                and commission.commission_amount is not False
                and plan.currency_id == self.currency_id
            ):
                shares.append((_make_entitlement(commission), exact(rate.rate, 4)))
        return shares

    def _override(self, manager, deal, shares):
        unit = self.currency_id._commission_unit()
        paid = override(
            (deal.id, manager.id, "override"),
            [(each.amount, rate) for each, rate in shares],
            unit,
        )
        bills = {bill for each, _rate in shares for bill in each.clawbacks}
        return Entitlement(
            deal,
            manager,
            "override",
            deal.actual_close_date,
            base=paid.base,
            amount=paid.amount,
            steps=paid.steps,
            clawbacks=override_clawbacks(
                [(each.clawbacks, rate) for each, rate in shares],
                sorted(bills, key=lambda bill: (bill.date, bill.id)),
                unit,
            ),
        )

    def action_make_statements(self):
        """Draft the statements of the last period that has ended, and show them."""
        self.check_access("write")
        made = self.env["kpi.commission.statement"]
        for plan in self:
            made |= plan._make_statements(*plan._last_period())
        if not made:
            raise UserError(
                self.env._("Nobody earned anything with this plan in the last period.")
            )
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "kpi_deal_pipeline.kpi_commission_statement_action"
            ),
            "domain": [("id", "in", made.ids)],
        }

    def _last_period(self):
        start, _stop = self._period_of(fields.Date.context_today(self))
        return self._period_of(start - timedelta(days=1))

    def _make_statements(self, start, stop):
        """Statements of the period, drafted where there are none of its days yet."""
        agents = self.commission_ids.filtered(
            lambda each: each.earned_on and each.earned_on < stop
        ).agent_id
        key = [
            ("company_id", "=", self.company_id.id),
            ("currency_id", "=", self.currency_id.id),
            ("date_from", "<", stop),
            ("date_to", ">", start),
        ]
        statements = self.env["kpi.commission.statement"]
        known = statements.search([*key, ("agent_id", "in", agents.ids)])
        return known | statements.create(
            [
                {
                    "agent_id": agent.id,
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "date_from": start,
                    "date_to": stop,
                }
                for agent in agents - known.agent_id
            ]
        )

    @api.model
    def _find_for(self, agent, companies, day):
        """The plans that pay an agent for deals of these companies won on a day."""
        plans = self.search(
            [("state", "!=", "draft"), ("company_id", "in", companies.ids)]
        )
        return plans.filtered(lambda plan: plan._is_for(agent, day))

    def _name_period(self, period):
        """Name of a settlement period: “Q3 2026”."""
        return format_date(self.env, period[0], date_format=PATTERNS[self.period])

    def _assume_win(self, deal, value, day, margin_rate):
        """``Win`` of an open deal, of which the full ``value`` is invoiced.

        :param margin_rate: margin of 1 invoiced, see ``_get_margin_rate``
        """
        amount = exact(value)
        if self.base == "margin":
            amount *= ONE if margin_rate is None else margin_rate
        return Win(deal, deal.agent_id, day, [(amount, deal.asset_type or "")])

    def _get_margin_rate(self, agent, today):
        """Margin of 1 invoiced for the deals that an agent won, over twelve months.

        None where the plan does not pay on margins, or nothing was invoiced.
        """
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

    def _list_assumed_credits(self, agent, period, wins):
        """Credits of an agent for the deals won in a period and ``wins``, in order."""
        won = self._wins(self._find_won_deals(*period, agent))
        credits = [
            credit
            for credit in self._credits_for([*won, *wins])
            if credit.agent == agent
        ]
        return sorted(credits, key=lambda credit: (credit.day, credit.deal.id))

    def _estimate_gain(self, win, agent, credits):
        """``Gain`` of an agent by a deal.

        :param credits: of its period, the deal's among them
        :raises UserError: the agent has no share in it, or its currency no rate
        """
        mine = [credit for credit in credits if credit.deal == win.deal]
        self._check_countable(mine, win, agent)
        others = [credit for credit in credits if credit.deal != win.deal]
        try:
            after = self._entitlements(credits, agent)
            before = sum(
                (
                    each.net_amount
                    for each in self._entitlements(others, agent).values()
                ),
                ZERO,
            )
            lines = [credit.line for credit in credits if credit.line]
            step = find_next_step(self._terms(), lines, lines.index(mine[0].line))
        except CommissionError as error:
            raise UserError(str(error)) from error
        own = sum((after[credit.key].net_amount for credit in mine), ZERO)
        total = sum((each.net_amount for each in after.values()), ZERO)
        return Gain(
            own=own,
            others=total - own - before,
            before=before,
            share=_share_of(mine[0].line) if len(mine) == 1 else None,
            unpriced_count=sum(not credit.line for credit in others),
            step=step,
        )

    def _check_countable(self, credits, win, agent):
        if not credits:
            raise UserError(
                self.env._(
                    "%(agent)s has no share in this deal on %(day)s.",
                    agent=agent.name,
                    day=format_date(self.env, win.day),
                )
            )
        if not credits[0].line:
            raise UserError(
                self.env._(
                    "There is no exchange rate from %(deal)s to %(plan)s, which the "
                    "plan pays in. Ask an administrator to add one.",
                    deal=win.deal.currency_id.name,
                    plan=self.currency_id.name,
                )
            )

    def _find_due_deals(self, agent, stop):
        """Open deals of an agent that are expected to close before ``stop``."""
        return self.env["kpi.deal"].search(
            self._get_open_domain(agent) & Domain("expected_close_date", "<", stop),
            order="expected_close_date, id",
        )

    def _count_undated_deals(self, agent):
        """Open deals of an agent that nobody says a closing day of."""
        return self.env["kpi.deal"].search_count(
            self._get_open_domain(agent) & Domain("expected_close_date", "=", False)
        )

    def _get_open_domain(self, agent):
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("status", "=", "open") & Domain("win_probability", "!=", False)
        return domain & (
            Domain("agent_id", "=", agent.id)
            | Domain("split_ids.agent_id", "=", agent.id)
        )

    def _estimate_gains(self, credits, agent, period):
        """(what open deals add in 10, 50 and 90 % of the draws, next step) of an agent.

        Refunds stay as they are; seeded by who and when, so that reloading shows the
        same again.
        """
        priced = [credit for credit in credits if credit.line]
        won = [credit.line for credit in priced if credit.deal.status != "open"]
        prospects = [
            Prospect(
                credit.line,
                credit.deal.id,
                credit.deal.win_probability if credit.deal.status == "open" else 1.0,
            )
            for credit in priced
        ]
        terms = self._terms()
        rng = np.random.default_rng([agent.id, self.id, period[0].toordinal()])
        found = estimate_range(terms, prospects, rng)
        held = sum((each.amount for each in commissions(terms, won)), ZERO)
        step = find_next_step(terms, [*won, Line("next", (Part(ZERO),))], len(won))
        return (found.p10 - held, found.p50 - held, found.p90 - held), step

    def _prepare_step(self, step):
        """A ``NextStep`` as clients get it: a dict of what it has; or False.

        Amounts are in the plan's currency.
        """
        if not step:
            return False
        return {
            name: value if name == "kind" else float(value)
            for name, value in vars(step).items()
        }

    def _explain_base(self, margin_rate):
        """Sentences on what is assumed of a deal that nothing is invoiced of yet."""
        if self.base == "invoiced":
            return [
                self.env._("The plan pays on invoices: the whole value is invoiced.")
            ]
        if self.base == "margin" and margin_rate is None:
            return [
                self.env._(
                    "The plan pays on margin: the whole value counts as margin, since "
                    "nothing was invoiced in the last 12 months."
                )
            ]
        if self.base == "margin":
            return [
                self.env._(
                    "The plan pays on margin: %s of the value, as on the agent's "
                    "invoices of the last 12 months.",
                    format_percent(self.env, float(margin_rate)),
                )
            ]
        return []


def _make_entitlement(commission):
    """Build an entitlement from what the ledger holds of a commission."""
    booked = commission._sum_plan_adjustments()
    nothing = commission.env["kpi.deal.billing"]
    return Entitlement(
        commission.deal_id,
        commission.agent_id,
        commission.rule,
        commission.earned_on,
        amount=exact(commission.commission_amount) + booked.get(nothing, ZERO),
        clawbacks={bill: amount for bill, amount in booked.items() if bill},
    )


@dataclass(frozen=True)
class Gain:
    """What an open deal would bring an agent.

    :param own: commissions of the deal itself
    :param others: what it changes in those of the period's other deals
    :param before: commissions of the period without it
    :param share: the agent's part of the deal; None where an overlay adds to it
    :param unpriced_count: won deals that are left out as their currency has no rate
    :param step: where the plan pays more than it then does; or None
    """

    own: Decimal
    others: Decimal
    before: Decimal
    share: Decimal | None
    unpriced_count: int
    step: NextStep | None


def _share_of(line):
    """The agent's part of what a line pays."""
    return line.overlay * line.weights[line.own] / sum(line.weights, ZERO)
