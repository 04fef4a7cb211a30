from decimal import Decimal
from itertools import accumulate

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.repeat import repeat_late
from odoo.addons.kpi_deal_pipeline.engine.commission import ZERO, differences

BATCH = 200  # invoices billed at once
DECIDING = {"kpi_deal_id", "state"}


class AccountMove(models.Model):
    """Invoices and credit notes that belong to deals, which they and payments bill."""

    _inherit = "account.move"

    kpi_deal_id = fields.Many2one(
        "kpi.deal",
        "Deal",
        compute="_compute_kpi_deal_id",
        store=True,
        readonly=False,
        copy=False,
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="This invoice and its payments determine the deal's commissions.",
    )
    kpi_billing_ids = fields.One2many("kpi.deal.billing", "move_id", "Billings")

    @api.model
    def _kpi_order_path(self):
        """Path from an invoice to its opportunity; empty without these apps."""
        orders = self.env.get("sale.order")
        lines = self.env["account.move.line"]._fields
        if (
            orders is None
            or "opportunity_id" not in orders._fields
            or "sale_line_ids" not in lines
        ):
            return ""
        return "invoice_line_ids.sale_line_ids.order_id.opportunity_id"

    @api.depends(
        lambda self: ("reversed_entry_id", *filter(None, [self._kpi_order_path()]))
    )
    def _compute_kpi_deal_id(self):
        """The deal of the invoice that is credited, or of the only opportunity sold."""
        found = self._deals_of_orders()
        for move in self:
            move.kpi_deal_id = (
                move.kpi_deal_id  # what somebody chose stands
                or move.reversed_entry_id.kpi_deal_id
                or found.get(move)
            )

    def _deals_of_orders(self):
        """Document → the deal of its opportunity, where there is one and no other."""
        path = self._kpi_order_path()
        if not path:
            return {}
        # An invoice belongs to the deal of its opportunity, whoever makes it.
        moves = self.sudo().filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        )
        leads = {move: move.mapped(path) for move in moves}
        sold = self.env["crm.lead"].union(*leads.values())
        deals = moves.env["kpi.deal"].search([("lead_id", "in", sold.ids)])
        found = {}
        for move, some in leads.items():
            own = deals.filtered_domain(
                [("lead_id", "in", some.ids), ("company_id", "=", move.company_id.id)]
            )
            if len(own) == 1:
                found[move] = own
        return found

    @api.model_create_multi
    def create(self, vals_list):
        self._check_deals_seen(vals.get("kpi_deal_id") for vals in vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_deals_seen([vals.get("kpi_deal_id")])
        result = super().write(vals)
        if not DECIDING.isdisjoint(vals):
            self._bill_deals()
        return result

    @api.model
    def _check_deals_seen(self, deal_ids):
        """Whoever may not see a deal has no say in what is earned with it."""
        deals = self.env["kpi.deal"].browse(filter(None, deal_ids))
        if deals and not self.env.su and not deals.has_access("read"):
            raise AccessError(self.env._("You can only link deals you have access to."))

    @api.model
    def _cron_bill_deals(self):
        """Bill what was not billed when it was posted.

        Such as invoices in a currency that had no rate, or whose order was put on an
        opportunity later.
        """
        domain = [
            ("kpi_deal_id", "!=", False),
            ("state", "=", "posted"),
            ("amount_untaxed", "!=", 0),
            ("kpi_billing_ids", "not any", [("is_void", "=", False)]),
            ("move_type", "in", self.get_sale_types(include_receipts=True)),
        ]
        ids = self.search(domain, order="id").ids
        self.env["ir.cron"]._commit_progress(remaining=len(ids))
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            repeat_late(self.env, self.browse(part)._bill_deals)
            if not self.env["ir.cron"]._commit_progress(len(part)):
                break

    def _bill_deals(self):
        """Bring the billings of deals in line with these documents."""
        # Billings follow the accounts, whoever posts, pays or cancels.
        moves = self.sudo().filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        )
        if not moves:
            return
        # Credit notes of one invoice are rounded as a running total.
        moves |= (moves | moves.reversed_entry_id).reversal_move_ids
        wanted = {}
        for move in moves:
            if move.state == "posted" and move.kpi_deal_id:
                wanted |= move._deal_billings()
        moves.env["kpi.deal.billing"]._follow(moves, wanted)

    def _deal_billings(self):
        """Key of ``kpi.deal.billing`` → values; none without a rate, or of nothing."""
        factor = self._deal_factor() if self.amount_untaxed else None
        if not factor:
            return {}
        is_refund = self.move_type == "out_refund"
        kind = "refund" if is_refund else "invoice"
        common = {
            "deal_id": self.kpi_deal_id.id,
            "move_id": self.id,
            "date": self.invoice_date or self.date,
        }
        found = {}
        for product, amount, margin in self._deal_parts(factor):
            found[self.id, kind, product, False] = {
                **common,
                "billing_type": kind,
                "reference": self.name,
                "product": product,
                "amount_untaxed": amount,
                "margin": ZERO if is_refund else min(max(margin, ZERO), amount),
                "payment_line_id": False,
            }
        if not is_refund:
            whole = sum((each["amount_untaxed"] for each in found.values()), ZERO)
            for line, amount in self._deal_payments(whole):
                found[self.id, "payment", False, line.id] = {
                    **common,
                    "billing_type": "payment",
                    "date": line.date,
                    "reference": line.move_id.name,
                    "product": False,
                    "amount_untaxed": amount,
                    "margin": ZERO,
                    "payment_line_id": line.id,
                }
        return found

    def _deal_factor(self):
        """``Decimal`` units of the deal's currency for one of the invoice's.

        As the accounts have it, where the deal is in the company's currency; else at
        the rates of the invoice's day. A credit note takes the rates of the invoice
        that it credits. None where there is no rate.
        """
        own, company = self.kpi_deal_id.currency_id, self.company_id
        if own == self.currency_id:
            return Decimal(1)
        priced = self._find_credited() or self
        signed = _decimal(priced.amount_untaxed_signed, company.currency_id)
        factor = abs(signed) / _decimal(priced.amount_untaxed, self.currency_id)
        if own == company.currency_id:
            return factor
        key = (company.id, own.id, priced.invoice_date or priced.date)
        rate = self.kpi_deal_id._company_rates([key])[key]
        return rate and factor / rate

    def _find_credited(self):
        """Return the invoice that is credited, if it is in the same currency."""
        invoice = self.reversed_entry_id
        is_same = invoice.currency_id == self.currency_id and invoice.amount_untaxed
        return invoice if is_same else self.browse()

    def _sum_credited_before(self):
        """Amount of the invoice that credit notes before this one have credited."""
        others = self._find_credited().reversal_move_ids.filtered(
            lambda move: (
                move.id < self.id
                and move.state == "posted"
                and move.kpi_deal_id == self.kpi_deal_id
                and move.currency_id == self.currency_id
            )
        )
        return sum(
            (_decimal(move.amount_untaxed, self.currency_id) for move in others), ZERO
        )

    def _deal_parts(self, factor):
        """(product, amount, margin) in the deal's currency; they add up to the total.

        By product, so that rates by product find theirs; as one where deductions would
        leave a product below 0.
        """
        parts = {}
        for line in self.invoice_line_ids:
            if line.display_type == "product":
                name = line.product_id.name or False
                amount, margin = parts.get(name, (ZERO, ZERO))
                subtotal = _decimal(line.price_subtotal, self.currency_id)
                parts[name] = (amount + subtotal, margin + line._deal_margin(subtotal))
        if any(amount <= 0 for amount, _margin in parts.values()):
            amounts, margins = zip(*parts.values(), strict=True)
            parts = {False: (sum(amounts, ZERO), sum(margins, ZERO))}
        unit = self.kpi_deal_id.currency_id._commission_unit()
        start = self._sum_credited_before()
        rounded = [
            differences(
                [total * factor for total in accumulate(column, initial=start)], unit
            )[1:]
            for column in zip(*parts.values(), strict=True)
        ]
        return [row for row in zip(parts, *rounded, strict=True) if row[1] > 0]

    def _deal_payments(self, whole):
        """(counterpart line, untaxed amount in the deal's currency) of what was paid.

        What is paid counts for the untaxed amount pro rata; all of it once all is paid.

        :param whole: what the invoice is billed with
        """
        paid = {}
        lines = self.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        partials = lines.matched_credit_ids
        # What a rate has changed since was not paid by the customer.
        exchanged = (partials | lines.matched_debit_ids).exchange_move_id
        for partial in partials.sorted("id"):
            line = partial.credit_move_id
            if not line.move_id.is_invoice(include_receipts=True):
                if line.move_id not in exchanged:
                    amount = _decimal(partial.debit_amount_currency, self.currency_id)
                    paid[line] = paid.get(line, ZERO) + amount
        total = _decimal(self.amount_total, self.currency_id)
        if not total:
            return []
        unit = self.kpi_deal_id.currency_id._commission_unit()
        running = [
            min(so_far / total, 1) * whole for so_far in accumulate(paid.values())
        ]
        amounts = differences(running, unit)
        return [
            (line, amount)
            for line, amount in zip(paid, amounts, strict=True)
            if amount > 0
        ]


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _deal_margin(self, subtotal):
        """Part of ``subtotal`` left after the costs that its order knows, else 0."""
        orders = self._fields.get("sale_line_ids") and self.sale_line_ids
        if not orders or "purchase_price" not in orders._fields:
            return ZERO
        cost = orders[:1]
        if len(orders) != 1 or not cost.purchase_price:
            return ZERO
        quantity = self.product_uom_id._compute_quantity(
            self.quantity, cost.product_uom_id, round=False
        )
        # The order knows the cost in its own currency, which is the invoice's.
        return subtotal - exact(cost.purchase_price * quantity, 6)


def _decimal(amount, currency):
    """An amount as the decimal number that it stands for."""
    return exact(amount, currency.decimal_places)
