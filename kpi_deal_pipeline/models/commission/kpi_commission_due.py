from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.misc import formatLang

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.schemas.base import Id, Nothing

from ...engine.commission import DRAWS, ZERO, CommissionError, instalments

MOST_DEALS = 50  # to choose from
AMOUNTS = ("basis_amount", "commission_amount", "commission_rate")


class KpiCommission(models.Model):
    """Commissions as programs introduce them and move them on."""

    _name = "kpi.commission"
    _inherit = ["kpi.commission", "kpi.dated.mixin"]

    deal_uuid = fields.Char("Deal UUID", related="deal_id.uuid")
    unpaid_amount = fields.Monetary(
        "To Pay",
        compute="_compute_unpaid_amount",
        compute_sudo=True,
        help="Due to date and not paid yet.",
    )

    @api.model
    def _create_by_program(self, deal, given):
        """A commission of ``given``: fields by name, amounts and currencies as texts.

        :raises AccessError: not on this deal, or not for this agent
        """
        values = {"deal_id": deal.id, **given}
        if "agent_id" in values:
            deal._check_seen("agent_id", "res.users", values["agent_id"])
        values |= {name: float(given[name]) for name in AMOUNTS if name in given}
        code = values.pop("basis_currency", None)
        if code:
            values["currency_id"] = deal._currency_of("basis_currency", code).id
        return self.create(values)

    def _move_by_program(
        self, status, reason, document_id, document_uri, deadline, amount
    ):
        """Bring the commission to ``status``, as its buttons and dialogs do.

        Out of a dispute it goes by deciding it: upheld where an ``amount`` is given,
        be it 0; else rejected, or written off.

        :raises LockError: it cannot get there from where it is
        """
        self.ensure_one()
        is_disputed = self.status == "disputed" and status != "disputed"
        if amount is not None and not is_disputed:
            raise ValidationError(
                self.env._("amount: only allowed when deciding a dispute.")
            )
        if deadline and status != "disputed":
            raise ValidationError(
                self.env._("deadline: only allowed when opening a dispute.")
            )
        if is_disputed and (document_id or document_uri):
            raise ValidationError(
                self.env._("document: only allowed when opening a dispute.")
            )
        if is_disputed:
            self._decide_by_program(status, reason, amount)
            return
        document = self._document_of_program(document_id, document_uri)
        if status == "disputed":
            self.env["kpi.commission.dispute"].create(
                {
                    "commission_id": self.id,
                    "reason": reason,
                    "document_id": document.id,
                    "deadline": deadline,
                }
            )
        else:
            self._settle(status, reason, document)

    def _decide_by_program(self, status, reason, amount):
        dispute = self.dispute_ids.filtered(lambda each: each.state == "open")
        if status not in ("written_off", dispute.former_status):
            raise self._cannot_become(status)
        if status == "written_off":
            outcome = "written_off"
        else:
            outcome = "rejected" if amount is None else "upheld"
        dispute._decide(outcome, reason, float(amount or 0))

    def _document_of_program(self, document_id, uri):
        """The document that a program names; one that it says the address of is added.

        :raises UserError: there is none, or both ways are used
        """
        documents = self.env["kpi.deal.document"]
        if document_id and uri:
            raise UserError(
                self.env._("document: give its ID or its address, not both.")
            )
        if uri:
            return documents.create(
                {"deal_id": self.deal_id.id, "title": self.display_name, "uri": uri}
            )
        if not document_id:
            return documents
        document = documents.search(
            [("id", "=", document_id), ("deal_id", "=", self.deal_id.id)]
        )
        if not document:
            raise UserError(
                self.env._("document_id: the deal has no document %s.", document_id)
            )
        return document

    def _adjust_by_program(self, adjustment_type, amount, note):
        return self._adjust(adjustment_type, float(amount), note)

    def _accrue(self):
        """Book the instalments that have fallen due since.

        Instalments follow the settled amount; adjustments fall due when they are
        booked.
        """
        settled = self.filtered(
            lambda commission: (
                commission.status in ("confirmed", "invoiced", "paid")
                and commission.commission_amount is not False
            )
        )
        rows = []
        for commission in settled:
            rows += commission._new_instalments()
        self.env["kpi.commission.accrual"]._book(rows)

    def _new_instalments(self):
        """(commission, billing, day, amount) of what is not booked yet."""
        basis = self.plan_id.accrual or "won"
        if basis == "won":
            return self._rest(self.earned_on or fields.Date.context_today(self))
        billed = self._get_billings(basis)
        amounts = instalments(
            exact(self.commission_amount),
            self._get_full_billing(),
            [exact(billing.amount_untaxed) for billing in billed],
            self.currency_id._commission_unit(),
        )
        booked = self._sum_accruals()
        today = fields.Date.context_today(self)
        found = [
            (self, billing, today, -amount)
            for billing, amount in booked.items()
            if amount and billing.is_void
        ]
        rest = self._get_unbooked_amount() - sum(row[-1] for row in found)
        for billing, amount in zip(billed, amounts, strict=True):
            # Where more is billed than was known when the amount was settled, earlier
            # instalments were larger.
            part = min(amount, rest)
            if part and not booked.get(billing):
                found.append((self, billing, billing.date, part))
                rest -= part
        return found

    def _sum_accruals(self):
        """Billing, or none → what has fallen due with it."""
        booked = {}
        for each in self.accrual_ids:
            billing = each.billing_id
            booked[billing] = booked.get(billing, Decimal(0)) + exact(each.amount)
        return booked

    def _rest(self, day):
        """Return the part of the amount that no instalment holds yet, as one."""
        rest = self._get_unbooked_amount()
        return [(self, self.env["kpi.deal.billing"], day, rest)] if rest else []

    def _get_unbooked_amount(self):
        booked = sum((exact(each.amount) for each in self.accrual_ids), Decimal(0))
        return exact(self.commission_amount) - booked

    def _get_billings(self, basis):
        """Invoices or payments of the deal, in their order."""
        wanted = {"invoiced": "invoice", "paid": "payment"}[basis]
        return self.deal_id.billing_ids._in_force().filtered(
            lambda billing: billing.billing_type == wanted
        )

    def _get_full_billing(self):
        """Return the amount to be billed for all of the commission to fall due."""
        if self.plan_id.base == "value":
            return exact(self.deal_id.estimated_value_amount)
        return sum(
            (exact(each.amount_untaxed) for each in self._get_billings("invoiced")),
            Decimal(0),
        )

    @api.depends(
        "due_amount",
        "paid_at",
        "accrual_ids.statement_line_ids.statement_id.paid_at",
        "adjustment_ids.statement_line_ids.statement_id.paid_at",
    )
    def _compute_unpaid_amount(self):
        for commission in self:
            unpaid = ZERO
            if commission.confirmed_at and commission.status != "written_off":
                unpaid = sum(
                    (exact(entry.amount) for entry in commission._find_unpaid()), ZERO
                )
            commission.unpaid_amount = float(unpaid)

    def _find_unpaid(self):
        """Instalments and adjustments that have not been paid."""
        entries = [*self.accrual_ids, *self.adjustment_ids]
        return [entry for entry in entries if not self._get_paid_at(entry)]

    def _get_paid_at(self, entry):
        """When an instalment or an adjustment was paid.

        With the commission, if it was booked by then; else with its statement.
        """
        if self.paid_at and entry.recorded_at <= self.paid_at:
            return self.paid_at
        return entry.statement_line_ids.statement_id.paid_at

    def _is_paid_in_full(self):
        """Check whether a commission that is to be paid has nothing left to pay."""
        return (
            self.status in ("confirmed", "invoiced")
            and not self._get_unbooked_amount()
            and not self._find_unpaid()
        )

    def _begin_dispute(self):
        """Hold commissions where they are: nothing of them is paid meanwhile."""
        # Who contests does not settle; that they may contest was checked.
        disputed = self.sudo()
        disputed.lock_for_update()
        for commission in disputed:
            if commission.status in ("disputed", "written_off"):
                raise commission._cannot_become("disputed")

    def _former_status(self):
        # As above.
        commission = self.sudo()
        former = commission.status
        commission.write({"status": "disputed", "disputed_at": fields.Datetime.now()})
        return former

    def _end_dispute(self, dispute, **logged):
        """Restore the commission's status, with what the decision changes.

        :param logged: what else is logged of the decision
        """
        is_lost = dispute.state == "written_off"
        status = "written_off" if is_lost else dispute.former_status
        self.write({"status": status, "resolved_at": fields.Datetime.now()})
        self._log(
            "deal_commission_dispute_resolved",
            {"decision": dispute.decision},
            **dispute._prepare_record_values()[dispute.id],
            **logged,
            **{"from": "disputed"},
        )
        if exact(dispute.effect_amount):
            self.env["kpi.commission.adjustment"]._book(
                [
                    (
                        self,
                        "correction",
                        exact(dispute.effect_amount),
                        "dispute",
                        self.env["kpi.deal.billing"],
                        dispute.decision,
                    )
                ],
                **logged,
            )
        # What happened to the deal meanwhile.
        self.deal_id._settle_commissions()

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
