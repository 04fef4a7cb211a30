from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import groupby

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.repeat import repeat_late

from ...engine.commission import (
    ONE,
    ZERO,
    Line,
    Part,
    PeriodRefund,
    Refund,
    Step,
    clawbacks,
    commissions,
    decay_factor,
    full_months,
    original_rate,
    override,
    override_clawbacks,
    round_amount,
    true_up,
)


@dataclass(frozen=True)
class Win:
    """A deal that counts as won, because it was or for the sake of an estimate.

    :param agent: who won it; paid where the deal has no shares
    :param parts: (amount in the deal's currency, product) of what a plan is computed on
    """

    deal: models.BaseModel
    agent: models.BaseModel
    day: date
    parts: list[tuple[Decimal, str]]


@dataclass
class Credit:
    """Reason to pay an agent for a deal, and what the plan pays for it as of now.

    :param day: on which the deal was won
    :param line: None where the deal has no price in the plan's currency
    :param amount: None without a price, and until it is computed
    :param clawbacks: refund → what it takes back, 0 or below
    """

    deal: models.BaseModel
    agent: models.BaseModel
    rule: str
    day: date
    line: Line | None = None
    base: Decimal = ZERO
    amount: Decimal | None = None
    steps: tuple[Step, ...] = ()
    clawbacks: dict = field(default_factory=dict)

    @property
    def key(self):
        return self.deal.id, self.agent.id, self.rule

    @property
    def net_amount(self):
        """Amount left after what refunds take back; 0 without a price."""
        return (self.amount or ZERO) + sum(self.clawbacks.values(), ZERO)


class KpiCommissionPlan(models.Model):
    """Amounts that a plan pays its agents for the deals of a period.

    Computed anew each time from what is known; the ledger books the difference to what
    it holds. So it does not matter in which order deals, billings and refunds come in,
    nor how often it runs.
    """

    _inherit = "kpi.commission.plan"

    def _settle_deals(self, deals):
        """Settle the periods in which these deals count, for who is paid for them.

        :return: each ``Change`` that is booked
        """
        changes = []
        for period, agents in self._find_touched(deals).items():
            changes += self._settle(period, agents)
        return changes

    def _find_touched(self, deals):
        """Find the periods in which these deals count → the agents paid for them."""
        deals = deals.filtered(lambda deal: deal.company_id == self.company_id)
        pairs = {
            (each.earned_on, each.agent_id.id)
            for each in deals.commission_ids
            if each.earned_on and self in (each.plan_id, each.terms_id)
        }
        for deal in deals:
            day = deal.actual_close_date
            if day and deal.status == "closed_won":
                pairs |= {
                    (day, agent.id)
                    for agent, rule, *_shares in deal._credits()
                    if (day, agent.id) not in pairs
                    and self._pays(deal, day, agent, rule)
                }
        touched, periods = {}, {}
        for day, agent_id in sorted(pairs):
            if day not in periods:
                periods[day] = self._period_of(day)
            touched.setdefault(periods[day], set()).add(agent_id)
        agents = self.env["res.users"]
        return {period: agents.browse(sorted(ids)) for period, ids in touched.items()}

    @api.model
    def _cron_settle(self):
        """Settle this period and the one before: late rates, two who collided."""
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
            plan._settle_deals(plan._find_won_deals(start, plan.date_to or tomorrow))

    def _simulate(self, start, stop):
        """List ``Credit`` for deals won in [start, stop), booking nothing.

        The plan's own days do not matter. Periods count in full: a span that begins
        inside of one begins with tiers and quota unused.
        """
        wins, found = self._wins(self._find_won_deals(start, stop)), []
        by_period = groupby(
            self._credits_for(wins, is_simulated=True),
            lambda credit: self._period_of(credit.day),
        )
        for _period, credits in by_period:
            found += self._compute(credits, is_simulated=True).values()
        return found

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

        Of two transactions that settle a plan at once the row makes one run again.

        :param period: first day and the day after the last
        :return: each ``Change`` that is booked
        """
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE kpi_commission_plan SET settled_at = %s WHERE id = %s",
            (fields.Datetime.now(), self.id),
        )
        self.invalidate_recordset(["settled_at"])
        paid = self._pay_period(period, agents)
        return self.env["kpi.commission"]._post(self, period, agents, paid)

    def _pay_period(self, period, agents):
        """Compute what the plan pays for a period: key → ``Credit``."""
        credits = self._credits_for(self._wins(self._find_won_deals(*period, agents)))
        return self._compute([each for each in credits if each.agent in agents])

    def _pays(self, deal, day, agent, rule):
        """Check whether the plan pays for a deal won on ``day``.

        Whatever its days are by now, a settled commission stays with its terms.
        """
        terms = [
            each.terms_id
            for each in deal.commission_ids
            if each._is_settled()
            and (each.agent_id, each.rule) == (agent, rule)
            and each.plan_id
            and each.status != "written_off"
        ]
        return self in terms if terms else self._is_for(agent, day)

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
        """``Credit`` of all whom the plan pays for these deals, on its days or any."""
        prices, unit = self._prices(wins), self.currency_id._commission_unit()
        credits = []
        for win in wins:
            price, parts = prices[win.deal], ()
            if price is not None:
                parts = tuple(
                    Part(round_amount(amount * price, unit), product)
                    for amount, product in win.parts
                )
            for agent, rule, *shares in win.deal._credits_on(win.day, win.agent):
                if (
                    not self.agent_ids or agent in self.agent_ids
                    if is_simulated
                    else self._pays(win.deal, win.day, agent, rule)
                ):
                    credit = Credit(win.deal, agent, rule, win.day)
                    if price is not None:
                        credit.line = Line(credit.key, parts, *shares)
                    credits.append(credit)
        return credits

    def _base_of(self, deal):
        """(amount in the deal's currency, product) of what the plan is computed on."""
        asset = deal.asset_type or ""
        if self.base == "value":
            return [(exact(deal.estimated_value_amount), asset)]
        column = {"invoiced": "amount_untaxed", "margin": "margin"}[self.base]
        return [
            (exact(bill[column]), bill.product or asset)
            for bill in deal.billing_ids._in_force("invoice")
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

    def _compute(self, credits, *, is_simulated=False):
        """Fill in what credits of a period pay; key → ``Credit``, managers' too."""
        for _agent, own in groupby(credits, lambda credit: credit.agent):
            self._compute_period([each for each in own if each.line])
        paid = {credit.key: credit for credit in credits}
        self._add_overrides(paid, is_simulated)
        return paid

    def _compute_period(self, credits):
        """Fill what one agent is paid for these deals of a period."""
        terms, lines = self._terms(), [credit.line for credit in credits]
        for credit, paid in zip(credits, commissions(terms, lines), strict=True):
            credit.base, credit.amount = paid.base, paid.amount
            credit.steps, credit.clawbacks = paid.steps, {}
        if self.clawback == "true_up":
            self._true_up(terms, lines, {credit.key: credit for credit in credits})
        elif self.clawback != "none":
            for credit in credits:
                self._claw_back(credit)

    def _true_up(self, terms, lines, credits):
        """Take back the difference to the period without what was refunded."""
        keys_of = groupby(credits.values(), lambda credit: credit.deal)
        keys_of = {deal: [each.key for each in own] for deal, own in keys_of}
        refunds = {
            bill: PeriodRefund(keys_of[credit.deal], share, factor)
            for credit in credits.values()
            for bill, share, factor in self._list_refunds(credit)
        }
        bills = sorted(refunds, key=lambda bill: (bill.date, bill.id))
        taken = true_up(terms, lines, [refunds[bill] for bill in bills])
        for bill, amounts in zip(bills, taken, strict=True):
            for key, amount in amounts.items():
                credits[key].clawbacks[bill] = amount

    def _claw_back(self, credit):
        """Compute what the refunds of a deal take back of one commission."""
        refunds = {
            bill: Refund(share * credit.base, factor)
            for bill, share, factor in self._list_refunds(credit)
        }
        if refunds and credit.amount:
            rate = None
            if self.clawback == "rate":
                rate = original_rate(credit.base, credit.steps)
            unit, parts = self.currency_id._commission_unit(), list(refunds.values())
            taken = clawbacks(credit.amount, credit.base, parts, unit, rate)
            credit.clawbacks = dict(zip(refunds, taken, strict=True))

    def _list_refunds(self, credit):
        """(refund, its share of the deal, share of the commission by its age).

        In their order; together at most the whole deal.
        """
        window = Decimal(self.clawback_months) if self.clawback_months else None
        full_amount, left, found = self._get_refundable(credit.deal), ONE, []
        refunds = credit.deal.billing_ids._in_force("refund")
        for bill in refunds if full_amount else ():
            months = Decimal(full_months(credit.day, bill.date))
            factor = decay_factor(months, window, self.clawback_is_linear)
            share = min(exact(bill.amount_untaxed) / full_amount, left)
            found.append((bill, share, factor))
            left -= share
        return [each for each in found if each[1]]

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

    def _add_overrides(self, paid, is_simulated):
        """Add what managers get on top of their agents' commissions, deal by deal."""
        priced = [credit for credit in paid.values() if credit.amount is not None]
        for deal, team in groupby(priced, lambda credit: credit.deal):
            for term in self.override_ids:
                shares = [(credit, exact(term.rate, 4)) for credit in team]
                if not is_simulated:
                    shares += self._find_booked_shares(deal, term.user_id, paid)
                # A manager gets no share of the own commissions.
                shares = [each for each in shares if each[0].agent != term.user_id]
                if shares:
                    credit = self._override(term.user_id, deal, shares)
                    paid[credit.key] = credit

    def _find_booked_shares(self, deal, manager, paid):
        """(``Credit``, rate) of agents who are not computed this time."""
        nothing = self.env["kpi.deal.billing"]
        shares = []
        for commission in deal.commission_ids:
            plan, agent = commission.plan_id, commission.agent_id
            term = plan.override_ids.filtered(lambda each: each.user_id == manager)
            if (
                (deal.id, agent.id, commission.rule) not in paid
                and term
                and commission.rule != "override"
                and commission.status != "written_off"
                and commission.commission_amount is not False
                and plan.currency_id == self.currency_id
            ):
                taken = commission._sum_plan_adjustments()
                amount = exact(commission.commission_amount)
                amount += taken.pop(nothing, ZERO)
                credit = Credit(deal, agent, commission.rule, commission.earned_on)
                credit.amount, credit.clawbacks = amount, taken
                shares.append((credit, exact(term.rate, 4)))
        return shares

    def _override(self, manager, deal, shares):
        unit = self.currency_id._commission_unit()
        credit = Credit(deal, manager, "override", deal.actual_close_date)
        amounts = [(each.amount, rate) for each, rate in shares]
        paid = override(credit.key, amounts, unit)
        bills = {bill for each, _rate in shares for bill in each.clawbacks}
        credit.base, credit.amount, credit.steps = paid.base, paid.amount, paid.steps
        credit.clawbacks = override_clawbacks(
            [(each.clawbacks, rate) for each, rate in shares],
            sorted(bills, key=lambda bill: (bill.date, bill.id)),
            unit,
        )
        return credit

    def action_make_statements(self):
        """Draft the statements of the last period that has ended, and show them."""
        self.check_access("write")
        made = self.env["kpi.commission.statement"]
        for plan in self:
            made |= plan._make_statements(*plan._last_period())
        if not made:
            raise UserError(
                self.env._(
                    "No one earned commissions with this plan in the last period."
                )
            )
        action = "kpi_deal_pipeline.kpi_commission_statement_action"
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(action),
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
