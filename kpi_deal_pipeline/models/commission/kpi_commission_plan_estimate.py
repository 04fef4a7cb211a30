from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.percent import format_percent

from ...engine.commission import (
    ONE,
    ZERO,
    CommissionError,
    Line,
    NextStep,
    Part,
    Prospect,
    commissions,
    estimate_range,
    find_next_step,
)
from .entitlement import Win
from .kpi_commission_statement import PATTERNS


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


class KpiCommissionPlan(models.Model):
    """What a plan would pay for open deals; nothing of it is stored.

    By the same computation as for deals that are won, to which deals are added that
    are assumed to be. For all methods here, who may see the result is asked before.
    """

    _inherit = "kpi.commission.plan"

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


def _share_of(line):
    """The agent's part of what a line pays."""
    return line.overlay * line.weights[line.own] / sum(line.weights, ZERO)
