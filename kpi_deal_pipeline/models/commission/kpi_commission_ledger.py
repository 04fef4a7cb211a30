from dataclasses import dataclass
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from odoo.addons.kpi_base.engine.money import exact, exact_sum
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.models.record.base import arrays_sql, insert_sql

from ...engine.commission import ZERO, instalments

ROWS_PER_STATEMENT = 1000
# What plans compute of a pending commission.
COMPUTED = (
    "basis_amount",
    "commission_amount",
    "commission_rate",
    "commission_type",
    "computation_error",
    "currency_id",
    "earned_on",
    "plan_id",
)
BILLED_BY = {"invoiced": "invoice", "paid": "payment"}  # by when a plan's are due


@dataclass(frozen=True)
class Change:
    """Difference between what is booked for an agent and what a plan pays now.

    :param commission: an empty one where it would be added
    :param currency: of ``after``; ``before`` is in the commission's own
    """

    commission: models.BaseModel
    agent: models.BaseModel
    currency: models.BaseModel
    before: Decimal
    after: Decimal


class KpiCommission(models.Model):
    """Booking of what plans compute: amounts while pending, then adjustments."""

    _inherit = "kpi.commission"

    @api.model
    def _post(self, plan, period, agents, paid):
        """Book what the ledger lacks of what a plan pays: key → ``Credit``.

        :return: each ``Change`` that is booked
        """
        known = self._find_commissions(plan, period, agents, paid)
        missing = [credit for key, credit in paid.items() if key not in known]
        found = {
            commission: credit
            for commission, credit in self._match(plan, known, paid).items()
            if not commission._is_held()
        }
        computed, rows = self._compare(plan, found)
        changes = self._list_changes(plan, missing, found, computed, rows)
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
        new = dict(zip(keys, created, strict=True))
        matched = self._match(plan, new, paid)
        found |= matched
        computed |= self._compare(plan, matched)[0]
        self._recompute(found, computed)
        booked = []
        for commission, credit in found.items():
            # Refunds are booked beside a pending amount, too, once it is computed.
            is_settled = commission._is_settled()
            booked += (
                rows.get(commission, [])
                if is_settled
                else commission._differences(credit)
            )
        self.env["kpi.commission.adjustment"]._book(booked)
        self.concat(*known.values(), created)._accrue()
        return changes

    @api.model
    def _compare(self, plan, found):
        """Compare commissions with what a plan pays: their ``Credit`` or None.

        :return: commission → values of a pending one that differ; commission →
            adjustments that a settled one lacks
        """
        computed, rows = {}, {}
        plans = plan._find_paying(plan.company_id)
        for commission, credit in found.items():
            if commission._is_settled():
                differences = commission._differences(credit)
                if differences:
                    rows[commission] = differences
            else:
                payer = commission._find_payer(plans) or plan
                values = commission._prepare_computed_changes(credit, payer)
                if values:
                    computed[commission] = values
        return computed, rows

    @api.model
    def _list_changes(self, plan, missing, found, computed, rows):
        """List each ``Change``: of what is missing, and of what ``_compare`` found."""
        currency = plan.currency_id
        changes = [
            Change(self.browse(), credit.agent, currency, ZERO, credit.net_amount)
            for credit in missing
        ]
        for commission, credit in found.items():
            if commission not in computed and commission not in rows:
                continue
            before = exact(commission.commission_amount)
            before += sum(commission._sum_plan_adjustments().values(), ZERO)
            if commission in rows:
                after = before + sum((row[2] for row in rows[commission]), ZERO)
            else:
                after = credit.net_amount if credit else ZERO
            agent = commission.agent_id
            changes.append(Change(commission, agent, currency, before, after))
        return changes

    @api.model
    def _find_commissions(self, plan, period, agents, paid):
        """Key → commission of the plan: paid now, or in this period before."""
        deal_ids = {deal_id for deal_id, _agent_id, _rule in paid}
        in_period = (
            (Domain("plan_id", "=", plan.id) | Domain("terms_id", "=", plan.id))
            & Domain("earned_on", ">=", period[0])
            & Domain("earned_on", "<", period[1])
            & Domain("agent_id", "in", (agents | plan.override_ids.user_id).ids)
        )
        known, plans = {}, plan._find_paying(plan.company_id)
        for commission in self.search(
            Domain("deal_id", "in", deal_ids) | in_period, order="id desc"
        ):
            key = (commission.deal_id.id, commission.agent_id.id, commission.rule)
            is_other = commission.commission_type != plan._type_of(commission.rule)
            if is_other and not commission.plan_id:
                continue  # of another kind, beside the plan's
            if key in paid or not commission._is_credited(plans):
                # Where an older one was written off, the newer one counts.
                if key not in known or commission.status != "written_off":
                    known[key] = commission
        return known

    @api.model
    def _match(self, plan, known, paid):
        """Commission that the plan computes → its ``Credit``; None: pays nothing.

        What was agreed by hand, or settled by the terms of another plan, stands.
        Managers' shares follow those of their agents, whichever plan pays them.
        """
        found = {}
        for key, commission in known.items():
            is_settled, owner = commission._is_settled(), commission.terms_id
            is_taken = key in paid and (
                commission._can_follow(plan)
                and (not is_settled or commission.rule == "override")
            )
            if not owner:
                owner, is_taken = commission.plan_id, False
            if (
                commission.plan_id
                and commission.status not in ("disputed", "written_off")
                and (owner == plan or is_taken)
            ):
                found[commission] = paid.get(key) if commission.terms_id else None
        return found

    def _is_credited(self, plans):
        """Check whether the deal is won, and one of ``plans`` pays the agent for it."""
        if self.deal_id.status != "closed_won" or not self._has_share():
            return False
        return not self.plan_id or bool(self._get_payer(plans))

    def _has_share(self):
        """Check whether the agent still has a share; managers' follow their agents'."""
        return self.rule == "override" or any(
            (agent, rule) == (self.agent_id, self.rule)
            for agent, rule, *_shares in self.deal_id._credits()
        )

    def _get_payer(self, plans):
        """Return the plan that pays it: once it is settled, by whose terms it was."""
        if self.plan_id and self._is_settled():
            return self.terms_id
        return self._find_payer(plans)

    def _find_payer(self, plans):
        """Find the one of ``plans`` that pays the agent by its days, settled or not."""
        day = self.deal_id.actual_close_date
        if self.rule != "override":
            return plans.filtered(
                lambda plan: (
                    day and plan._is_for(self.agent_id, day) and self._can_follow(plan)
                )
            )[:1]
        team = self.deal_id.commission_ids.filtered(
            lambda each: (
                each.rule != "override"
                and each.status != "written_off"
                and each.agent_id != self.agent_id
            )
        )
        payers = plans.union(*(each._get_payer(plans) for each in team)).filtered(
            lambda plan: self.agent_id in plan.override_ids.user_id
        )
        return payers & self.terms_id or payers[:1]

    def _can_follow(self, plan):
        """Check that the plan pays in the currency of what is booked already."""
        return not self.adjustment_ids or plan.currency_id == self.currency_id

    def _is_held(self):
        """Check whether it keeps its amount until a change of its plan is applied."""
        since = self.plan_id.changed_from
        return (
            bool(since)
            and not self._is_settled()
            and self.deal_id.status == "closed_won"
            and bool(self.earned_on)
            and self.earned_on >= self.plan_id._period_of(since)[0]
        )

    def _check_reviewed(self):
        """
        :raises UserError: a change of the plan is not applied to a commission yet
        """
        # Approvers need no access to the state of the plan.
        commissions = self.sudo()
        # Of two transactions that settle by a plan and change it one is run again.
        self.env.cr.execute(
            "UPDATE kpi_commission_plan SET settled_at = settled_at WHERE id = ANY(%s)",
            [commissions.terms_id.ids],
        )
        for commission in commissions:
            if commission._is_held():
                raise UserError(
                    self.env._(
                        "%(commission)s: plan %(plan)s was changed. Apply the "
                        "change before approving.",
                        commission=commission.display_name,
                        plan=commission.plan_id.name,
                    )
                )

    def _get_loss_reason(self):
        if self.deal_id.status != "closed_won":
            return self.env._("The deal is no longer won.")
        if not self._has_share():
            return self.env._("The agent no longer has a share in the deal.")
        return self.env._("No commission plan covers the agent on this day.")

    @api.model
    def _recompute(self, found, computed):
        """Write amounts and steps of pending commissions, some thousand at once.

        :param found: commission → ``Credit`` or None
        :param computed: commission → values that differ
        """
        if not computed:
            return
        commissions = self.concat(*computed)
        commissions.flush_recordset()
        for part in split_every(ROWS_PER_STATEMENT, computed.items(), dict):
            self._write_computed(part)
        self.env.cr.execute(
            "DELETE FROM kpi_commission_step WHERE commission_id = ANY(%s)",
            [commissions.ids],
        )
        steps = self.env["kpi.commission.step"]
        rows = [
            {
                "commission_id": commission.id,
                "sequence": number,
                "kind": step.kind,
                **{
                    name: steps._fields[name].convert_to_column(
                        float(getattr(step, name) or 0), steps
                    )
                    for name in ("basis", "factor", "amount", "total")
                },
            }
            for commission in computed
            if found[commission]
            for number, step in enumerate(found[commission].steps, 1)
        ]
        for part in split_every(ROWS_PER_STATEMENT, rows, tuple):
            columns = {name: [row[name] for row in part] for name in part[0]}
            self.env.cr.execute(insert_sql(steps, columns))
        steps.invalidate_model(flush=False)
        commissions.invalidate_recordset(flush=False)
        commissions._log("deal_commission_computed")

    @api.model
    def _write_computed(self, computed):
        """Write what plans compute by one statement: who may is nobody's question."""
        columns = {"id": [], **{name: [] for name in COMPUTED}}
        for commission, values in computed.items():
            columns["id"].append(commission.id)
            for name in COMPUTED:
                field = self._fields[name]
                value = values.get(name, commission[name])
                if name not in values:
                    value = field.convert_to_write(value, commission)
                column = field.convert_to_column_insert(value, commission, values)
                columns[name].append(column)
        self.env.cr.execute(
            SQL(
                """
                UPDATE agent_commission_records AS commission
                   SET %(changed)s,
                       -- Until it is settled it follows the terms of its plan.
                       terms_id = computed.plan_id,
                       basis_currency = currency.name,
                       write_uid = %(user)s, write_date = %(now)s
                  FROM unnest(%(arrays)s) AS computed (%(names)s)
                  JOIN res_currency AS currency ON currency.id = computed.currency_id
                 WHERE commission.id = computed.id
                """,
                changed=SQL(", ").join(
                    SQL("%s = computed.%s", SQL.identifier(name), SQL.identifier(name))
                    for name in COMPUTED
                ),
                user=self.env.uid,
                now=self.env.cr.now(),
                arrays=arrays_sql(self, columns),
                names=SQL(", ").join(map(SQL.identifier, columns)),
            )
        )

    def _prepare_computed_changes(self, credit, payer):
        """Values that differ from what the plan that pays computes now."""
        amount, base, reason = None, ZERO, False
        values = {}
        if credit is None:
            reason = self._get_loss_reason()
        else:
            amount, base = credit.amount, credit.base
            values = {
                "earned_on": credit.day,
                "plan_id": payer.id,
                "commission_type": payer._type_of(self.rule),
                "currency_id": payer.currency_id.id,
            }
            if amount is None:
                reason = self.env._(
                    "No exchange rate for %(currency)s on %(day)s.",
                    currency=credit.deal.currency_id.name,
                    day=format_day(self.env, credit.day, with_year=True),
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
            if not self._is_stored_as(name, value)
        }

    def _is_stored_as(self, name, value):
        """Check whether a field has a value already, as it would be stored."""
        stored, field = self[name], self._fields[name]
        if field.type == "many2one":
            return stored.id == value
        # Mostly they are the same; rounding both takes ten times as long.
        is_same = type(stored) is type(value) and stored == value
        return is_same or (
            field.convert_to_cache(value, self) == field.convert_to_cache(stored, self)
        )

    @api.model
    def _find_changes(self, plan, period, agents, paid):
        """List each ``Change`` that ``_post`` would book, also of what is held."""
        known = self._find_commissions(plan, period, agents, paid)
        missing = [credit for key, credit in paid.items() if key not in known]
        found = self._match(plan, known, paid)
        return self._list_changes(plan, missing, found, *self._compare(plan, found))

    def _follow_plans(self):
        """Have settled commissions computed by the plans that pay their agents now."""
        # Instead of the plan that has settled them, whose row they keep.
        self._take_terms()._log("deal_commission_terms_changed")

    def _take_terms(self):
        """Give commissions the terms of the plans that pay their agents now.

        :return: those that had others
        """
        plans, moved = self.env["kpi.commission.plan"], []
        plans = plans._find_paying(self.company_id)
        for commission in self:
            # One after the other: managers' shares follow those of their agents.
            payer = commission._find_payer(plans)
            if commission._is_led_to(payer):
                commission.terms_id = payer
                moved.append(commission)
        return self.browse().union(*moved)

    def _would_follow(self):
        """Check whether any of these would be given the terms of another plan."""
        plans = self.env["kpi.commission.plan"]._find_paying(self.company_id)
        return any(each._is_led_to(each._find_payer(plans)) for each in self)

    def _is_led_to(self, payer):
        """Check that it would get the terms of a plan, or none, instead of its own.

        Those of a plan in another currency are left: they are adjusted manually.
        """
        is_payable = not payer or payer.currency_id == self.currency_id
        return is_payable and payer != self.terms_id

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
                day=format_day(self.env, bill.date, with_year=True),
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
