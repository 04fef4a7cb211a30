from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.money import exact

from ...engine.commission import instalments

ZERO = Decimal(0)


class KpiCommission(models.Model):
    """Due dates of a commission: at once, or with what customers are billed."""

    _inherit = "kpi.commission"

    unpaid_amount = fields.Monetary(
        "To Pay",
        compute="_compute_unpaid_amount",
        compute_sudo=True,
        help="Due to date and not paid yet.",
    )

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
        found = self._withdrawn_instalments(booked)
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

    def _withdrawn_instalments(self, booked):
        """List what fell due with billings that do not count any more, to take back."""
        today = fields.Date.context_today(self)
        return [
            (self, billing, today, -amount)
            for billing, amount in booked.items()
            if amount and billing.is_void
        ]

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
