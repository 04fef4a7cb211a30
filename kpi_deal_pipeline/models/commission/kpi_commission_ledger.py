from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.kpi_base.engine.money import exact, exact_sum

from ...engine.commission import ZERO, instalments

BILLED_BY = {"invoiced": "invoice", "paid": "payment"}  # by when a plan's are due


class KpiCommission(models.Model):
    """Booking of what plans compute: amounts while pending, then adjustments."""

    _inherit = "kpi.commission"

    @api.model
    def _post(self, plan, period, agents, paid):
        """Book what the ledger lacks of what a plan pays: key → ``Credit``."""
        known = self._find_commissions(plan, period, agents, paid)
        missing = [credit for key, credit in paid.items() if key not in known]
        created = self.with_context(kpi_commission_settling=True).create(
            [
                {
                    "deal_id": credit.deal.id,
                    "agent_id": credit.agent.id,
                    "plan_id": plan.id,
                    "rule": credit.rule,
                    "commission_type": plan._type_of(credit.rule),
                    "currency_id": plan.currency_id.id,
                    "earned_on": credit.day,
                }
                for credit in missing
            ]
        )
        keys = (credit.key for credit in missing)
        known |= dict(zip(keys, created, strict=True))
        found = {
            commission: paid.get(key)
            for key, commission in known.items()
            # What was agreed by hand, or earned by an earlier plan, stands.
            if commission.plan_id == plan or commission.rule == "override"
            if commission.status not in ("disputed", "written_off")
        }
        self._recompute(found)
        rows = []
        for commission, credit in found.items():
            rows += commission._differences(credit)
        self.env["kpi.commission.adjustment"]._book(rows)
        self.concat(*known.values())._accrue()

    @api.model
    def _find_commissions(self, plan, period, agents, paid):
        """Key → commission of the plan: paid now, or in this period before."""
        deal_ids = {deal_id for deal_id, _agent_id, _rule in paid}
        in_period = (
            Domain("plan_id", "=", plan.id)
            & Domain("earned_on", ">=", period[0])
            & Domain("earned_on", "<", period[1])
            & Domain("agent_id", "in", (agents | plan.override_ids.user_id).ids)
        )
        known = {}
        for commission in self.search(
            Domain("deal_id", "in", deal_ids) | in_period, order="id desc"
        ):
            key = (commission.deal_id.id, commission.agent_id.id, commission.rule)
            if commission.commission_type != plan._type_of(commission.rule):
                continue  # of another kind, beside the plan's
            if key in paid or not commission._is_credited():
                # Where an older one was written off, the newer one counts.
                if key not in known or commission.status != "written_off":
                    known[key] = commission
        return known

    def _is_credited(self):
        """Check whether the deal is won, and its agent still has a share in it.

        Managers' shares follow those of their agents.
        """
        deal = self.deal_id
        if deal.status != "closed_won" or self.rule == "override":
            return deal.status == "closed_won"
        return any(
            (agent, rule) == (self.agent_id, self.rule)
            for agent, rule, *_shares in deal._credits()
        )

    def _get_loss_reason(self):
        if self.deal_id.status == "closed_won":
            return self.env._("The agent no longer has a share in the deal.")
        return self.env._("The deal is no longer won.")

    @api.model
    def _recompute(self, found):
        """Amounts and steps of pending commissions, by their ``Credit`` or None."""
        changed = {}
        for commission, credit in found.items():
            if commission.status == "pending" and not commission.confirmed_at:
                values = commission._prepare_computed_changes(credit)
                if values:
                    commission.with_context(kpi_commission_settling=True).write(values)
                    changed[commission] = credit.steps if credit else ()
        if not changed:
            return
        commissions = self.concat(*changed)
        commissions.step_ids.unlink()
        self.env["kpi.commission.step"].create(
            [
                {
                    "commission_id": commission.id,
                    "sequence": number,
                    "kind": step.kind,
                    "basis": float(step.basis or 0),
                    "factor": float(step.factor or 0),
                    "amount": float(step.amount),
                    "total": float(step.total),
                }
                for commission, steps in changed.items()
                for number, step in enumerate(steps, 1)
            ]
        )
        commissions._log("deal_commission_computed")

    def _prepare_computed_changes(self, credit):
        """Values that differ from what the plan computes now."""
        amount, base, reason = None, ZERO, False
        values = {}
        if credit is None:
            reason = self._get_loss_reason()
        else:
            amount, base = credit.amount, credit.base
            values["earned_on"] = credit.day
            if amount is None:
                reason = self.env._(
                    "No exchange rate for %(currency)s on %(day)s.",
                    currency=credit.deal.currency_id.name,
                    day=format_date(self.env, credit.day),
                )
        values |= {
            "basis_amount": float(base),
            "commission_rate": float(min(amount / base, 1)) if amount and base else 0.0,
            "commission_amount": False if amount is None else float(amount),
            "computation_error": reason,
        }
        return {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_cache(value, self)
            != self._fields[name].convert_to_cache(self[name], self)
        }

    def _sum_plan_adjustments(self):
        """Refund, or none → what the plan has adjusted because of it."""
        adjustments = self.adjustment_ids.filtered(lambda each: each.origin == "plan")
        return _sum_by_billing(adjustments)

    def _differences(self, credit):
        """Adjustments that bring this commission to what the plan pays now."""
        nothing = self.env["kpi.deal.billing"]
        booked = self._sum_plan_adjustments()
        wanted = dict.fromkeys(booked, ZERO)
        if credit is None:
            refunded = sum((booked[bill] for bill in booked if bill), ZERO)
            wanted = {**booked, nothing: -exact(self.commission_amount) - refunded}
        elif credit.amount is not None and self.commission_amount is not False:
            wanted |= credit.clawbacks
            wanted[nothing] = credit.amount - exact(self.commission_amount)
        rows = []
        for bill, amount in wanted.items():
            difference = amount - booked.get(bill, ZERO)
            if difference:
                is_taken = difference < 0 and (bill or credit is None)
                kind = "clawback" if is_taken else "correction"
                note = self._explain_difference(bill, credit)
                rows.append((self, kind, difference, "plan", bill, note))
        return rows

    def _explain_difference(self, bill, credit):
        if bill:
            return self.env._(
                "%(refund)s of %(day)s",
                refund=bill.display_name,
                day=format_date(self.env, bill.date),
            )
        if credit is None:
            return self._get_loss_reason()
        return self.env._("The period was recalculated.")

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
        kind = BILLED_BY.get(self.plan_id.accrual)
        today = fields.Date.context_today(self)
        if not kind:
            rest, nothing = self._get_unbooked_amount(), self.env["kpi.deal.billing"]
            return [(self, nothing, self.earned_on or today, rest)] if rest else []
        deal = self.deal_id
        billed = deal.billing_ids._in_force(kind)
        invoices = deal.billing_ids._in_force("invoice")
        full_amount = exact_sum(invoices.mapped("amount_untaxed"))
        if self.plan_id.base == "value":
            full_amount = exact(deal.estimated_value_amount)
        amounts = instalments(
            exact(self.commission_amount),
            full_amount,
            [exact(billing.amount_untaxed) for billing in billed],
            self.currency_id._commission_unit(),
        )
        booked = _sum_by_billing(self.accrual_ids)
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

    def _get_unbooked_amount(self):
        booked = exact_sum(self.accrual_ids.mapped("amount"))
        return exact(self.commission_amount) - booked

    def _find_unpaid(self):
        """Instalments and adjustments that have not been paid."""
        entries = [*self.accrual_ids, *self.adjustment_ids]
        return [entry for entry in entries if not self._get_paid_at(entry)]

    def _get_paid_at(self, entry):
        """When it was paid: with the commission, if booked by then, or a statement."""
        if self.paid_at and self._is_booked_by_payment(entry):
            return self.paid_at
        return entry.statement_line_ids.statement_id.paid_at

    def _is_booked_by_payment(self, entry):
        """Check whether an entry was booked when the commission was paid."""
        adjustments = self.env["kpi.commission.adjustment"]
        if entry.recorded_at != self.paid_at or entry._name != adjustments._name:
            # Instalments of the same second fell due with the payment.
            return entry.recorded_at <= self.paid_at

        # Moments are whole seconds; which came first is the log's to say.
        payment = (
            self.env["kpi.commission.event"]
            .sudo()
            .search(
                [
                    ("commission_id", "=", self.id),
                    ("kind", "=", "state"),
                    ("status", "=", "paid"),
                ],
                order="id",
                limit=1,
            )
        )
        return not payment or entry.sudo().audit_log_id.id < payment.audit_log_id.id

    def _is_paid_in_full(self):
        """Check whether a commission that is to be paid has nothing left to pay."""
        return (
            self.status in ("confirmed", "invoiced")
            and not self._get_unbooked_amount()
            and not self._find_unpaid()
        )


def _sum_by_billing(entries):
    """Billing, or none → sum of the adjustments or instalments because of it."""
    return {
        billing: exact_sum(some.mapped("amount"))
        for billing, some in entries.grouped("billing_id").items()
    }
