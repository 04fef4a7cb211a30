from decimal import Decimal

from odoo import api, models
from odoo.tools import format_date

from odoo.addons.kpi_base.engine.money import exact

ZERO = Decimal(0)


class KpiCommission(models.Model):
    """Booking of what plans compute: amounts while pending, then adjustments."""

    _inherit = "kpi.commission"

    @api.model
    def _post(self, plan, period, agents, entitlements):
        """Book the difference between what a plan pays and what the ledger holds.

        :param entitlements: (deal, agent, rule) → ``Entitlement``
        """
        known = self._get_commissions(plan, period, agents, entitlements)
        created = self._introduce(plan, entitlements, known)
        everything = {**known, **created}
        found = {
            commission: entitlements.get(key)
            for key, commission in everything.items()
            # What was agreed by hand, or earned by an earlier plan, stands.
            if commission.plan_id == plan or commission.rule == "override"
            if commission.status not in ("disputed", "written_off")
        }
        self._recompute(found)
        rows = []
        for commission, entitlement in found.items():
            rows += commission._differences(entitlement)
        self.env["kpi.commission.adjustment"]._book(rows)
        self.concat(*everything.values())._accrue()

    @api.model
    def _get_commissions(self, plan, period, agents, entitlements):
        """Key → commission of the plan: entitled now, or in this period before."""
        deal_ids = list({deal_id for deal_id, _agent_id, _rule in entitlements})
        found = self.search(
            [
                "|",
                ("deal_id", "in", deal_ids),
                "&",
                "&",
                "&",
                ("plan_id", "=", plan.id),
                ("earned_on", ">=", period[0]),
                ("earned_on", "<", period[1]),
                ("agent_id", "in", (agents | plan.override_ids.user_id).ids),
            ],
            order="id desc",
        )
        known = {}
        for commission in found:
            key = (commission.deal_id.id, commission.agent_id.id, commission.rule)
            if commission.commission_type != plan._type_of(commission.rule):
                continue  # of another kind, beside the plan's
            if key in entitlements or not commission._is_credited():
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
    def _introduce(self, plan, entitlements, known):
        """Key → new commission of who is entitled for the first time."""
        missing = [
            entitlement for key, entitlement in entitlements.items() if key not in known
        ]
        commissions = self.with_context(kpi_commission_settling=True).create(
            [
                {
                    "deal_id": each.deal.id,
                    "agent_id": each.agent.id,
                    "plan_id": plan.id,
                    "rule": each.rule,
                    "commission_type": plan._type_of(each.rule),
                    "currency_id": plan.currency_id.id,
                    "earned_on": each.day,
                }
                for each in missing
            ]
        )
        return {
            each.key: commission
            for each, commission in zip(missing, commissions, strict=True)
        }

    @api.model
    def _recompute(self, found):
        """Amounts and derivations of the commissions that are still pending.

        :param found: commission → its ``Entitlement``; None where it is lost
        """
        changed = {}
        for commission, entitlement in found.items():
            if commission.status == "pending" and not commission.confirmed_at:
                values = commission._prepare_commission_changes(entitlement)
                if values:
                    commission.with_context(kpi_commission_settling=True).write(values)
                    changed[commission] = entitlement.steps if entitlement else ()
        if changed:
            commissions = self.concat(*changed)
            self._keep_steps(changed)
            commissions._log("deal_commission_computed")

    def _prepare_commission_changes(self, entitlement):
        values = {
            "basis_amount": 0.0,
            "commission_rate": 0.0,
            "commission_amount": False,
            "computation_error": self._get_loss_reason(),
        }
        if entitlement:
            values = self._prepare_computed_values(entitlement)
        return {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_cache(value, self)
            != self._fields[name].convert_to_cache(self[name], self)
        }

    def _prepare_computed_values(self, entitlement):
        amount, base = entitlement.amount, entitlement.base
        error = ""
        if not entitlement.is_priced:
            error = self.env._(
                "No exchange rate for %(currency)s on %(day)s.",
                currency=entitlement.deal.currency_id.name,
                day=format_date(self.env, entitlement.day),
            )
        return {
            "basis_amount": float(base),
            "commission_rate": float(min(amount / base, 1)) if amount and base else 0.0,
            "commission_amount": False if amount is None else float(amount),
            "computation_error": error or False,
            "earned_on": entitlement.day,
        }

    @api.model
    def _keep_steps(self, derivations):
        """Replace the derivations of commissions.

        :param derivations: commission → each ``Step``, in their order
        """
        self.concat(*derivations).step_ids.unlink()
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
                for commission, steps in derivations.items()
                for number, step in enumerate(steps, 1)
            ]
        )

    def _sum_plan_adjustments(self):
        """Refund, or none → what the plan has adjusted because of it."""
        booked = {}
        for each in self.adjustment_ids.filtered(lambda each: each.origin == "plan"):
            bill = each.billing_id
            booked[bill] = booked.get(bill, ZERO) + exact(each.amount)
        return booked

    def _differences(self, entitlement):
        """Adjustments that bring this commission to what the plan pays now."""
        nothing = self.env["kpi.deal.billing"]
        booked = self._sum_plan_adjustments()
        wanted = dict.fromkeys(booked, ZERO)
        if entitlement is None:
            refunded = sum((booked[bill] for bill in booked if bill), ZERO)
            wanted = {**booked, nothing: -exact(self.commission_amount) - refunded}
        elif entitlement.is_priced and self.commission_amount is not False:
            wanted |= entitlement.clawbacks
            wanted[nothing] = entitlement.amount - exact(self.commission_amount)
        return [
            (
                self,
                self._type_of_difference(bill, difference, entitlement),
                difference,
                "plan",
                bill,
                self._note(bill, entitlement),
            )
            for bill, difference in (
                (bill, amount - booked.get(bill, ZERO))
                for bill, amount in wanted.items()
            )
            if difference
        ]

    def _type_of_difference(self, bill, difference, entitlement):
        is_taken = difference < 0 and (bill or entitlement is None)
        return "clawback" if is_taken else "correction"

    def _note(self, bill, entitlement):
        if bill:
            return self.env._(
                "%(refund)s of %(day)s",
                refund=bill.display_name,
                day=format_date(self.env, bill.date),
            )
        if entitlement is None:
            return self._get_loss_reason()
        return self.env._("The period was recalculated.")
