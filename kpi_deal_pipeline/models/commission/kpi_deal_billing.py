from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, format_amount

AMOUNTS = ("amount_untaxed", "margin")


class KpiDealBilling(models.Model):
    """Invoice of a deal, payment of its customer, or refund."""

    _name = "kpi.deal.billing"
    _description = "Deal Billing"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.dated.mixin"]
    _order = "date desc, id desc"
    _rec_name = "reference"
    _rec_names_search = ["reference", "billing_type"]

    deal_id = fields.Many2one(
        "kpi.deal", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        related="deal_id.company_id", store=True, precompute=True, index=True
    )
    billing_type = fields.Selection(
        [("invoice", "Invoice"), ("payment", "Payment"), ("refund", "Refund")],
        "Type",
        required=True,
        default="invoice",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    reference = fields.Char(help="Document number in accounting.")
    product = fields.Char(help=("Product name as in the plan's rates."))
    currency_id = fields.Many2one(related="deal_id.currency_id")
    amount_untaxed = fields.Monetary("Untaxed Amount", required=True)
    margin = fields.Monetary(help="Invoices only: amount after costs.")
    is_void = fields.Boolean(
        "Canceled",
        readonly=True,
        copy=False,
        help="The document was canceled. Its commissions are reversed.",
    )

    _amount_untaxed_check = models.Constraint(
        "CHECK (amount_untaxed > 0 AND amount_untaxed < 1e12)",
        "The amount must be above 0 and below 1,000,000,000,000. For refunds, "
        "choose “Refund”.",
    )
    _margin_check = models.Constraint(
        "CHECK (margin >= 0 AND margin <= amount_untaxed)",
        "The margin must be between 0 and the amount.",
    )

    @api.depends("reference", "billing_type", "date")
    def _compute_display_name(self):
        labels = dict(self._fields["billing_type"]._description_selection(self.env))
        for billing in self:
            parts = labels.get(billing.billing_type), billing.reference
            billing.display_name = " ".join(filter(None, parts))

    @api.constrains("deal_id", "billing_type", "amount_untaxed")
    def _check_refunds(self):
        self._check_refunded(self.deal_id)

    @api.model
    def _check_refunded(self, deals):
        """Nobody gets back more than was paid, or invoiced where nothing is paid."""
        self.env["kpi.claim"]._claim(*(f"refunds of deal {deal.id}" for deal in deals))
        for deal in deals:
            if reason := self._find_excess(deal, deal._sum_billings_by_type()):
                raise ValidationError(reason)

    @api.model
    def _find_excess(self, deal, total):
        """Why the refunds of a deal are too high; empty if they are not.

        :param total: type of billing → ``Decimal``
        """
        refunded = total.get("refund", Decimal(0))
        received = total.get("payment") or total.get("invoice", Decimal(0))
        if refunded <= received:
            return ""
        currency = deal.currency_id
        return self.env._(
            "%(deal)s: refunds of %(refunded)s exceed the "
            "%(received)s paid or invoiced.",
            deal=deal.display_name,
            refunded=format_amount(self.env, float(refunded), currency),
            received=format_amount(self.env, float(received), currency),
        )

    @api.model_create_multi
    def create(self, vals_list):
        billings = super().create(vals_list)
        billings._settle(billings.deal_id)
        return billings

    def write(self, vals):
        if {"deal_id", "billing_type", "date", "amount_untaxed", "margin"} & set(vals):
            self._check_uncounted()
        deals = self.deal_id
        result = super().write(vals)
        if "deal_id" in vals and not self.env.su:
            self._check_refunded(deals)
        self._settle(deals | self.deal_id)
        return result

    def unlink(self):
        deals = self.deal_id
        result = super().unlink()
        # While the accounts take back theirs, all documents change in turn.
        if not self.env.su:
            self._check_refunded(deals)
        self._settle(deals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        self._check_uncounted()

    def _settle(self, deals):
        """Compute commissions anew; who changes several does so at the end."""
        is_held = self.env.su and self.env.context.get("kpi_deal_billing_held")
        if not is_held:
            deals._settle_commissions()

    def _in_force(self, kind=None):
        """Return the billings that count, of one type or all, ordered by their days."""
        return self.filtered(
            lambda each: not each.is_void and kind in (None, each.billing_type)
        ).sorted(lambda each: (each.date, each.id))

    def _find_differing(self, values):
        """Find the ``values`` that differ from the billing's; amounts to the cent."""
        differing = {}
        for name, value in values.items():
            field, stored = self._fields[name], self[name]
            if field.type == "monetary":
                is_equal = not float_compare(stored, float(value), precision_digits=2)
            else:
                given = field.convert_to_cache(value, self)
                is_equal = stored == field.convert_to_record(given, self)
            if not is_equal:
                differing[name] = value
        return differing

    def _find_counted(self):
        """Return the billings for which agents were credited or debited."""
        # Asked for whoever changes it: those commissions may be of others.
        everything = self.sudo()
        counted = everything.browse()
        for model in ("kpi.commission.accrual", "kpi.commission.adjustment"):
            entries = everything.env[model].search([("billing_id", "in", self.ids)])
            counted |= entries.billing_id
        return counted.with_env(self.env)

    def _check_uncounted(self):
        """
        :raises UserError: agents were credited or debited because of a billing
        """
        counted = self._find_counted()
        if counted:
            raise UserError(counted._get_counted_message())

    def _get_counted_message(self):
        return self.env._(
            "%s has booked commissions and cannot be changed. Enter a "
            "refund or another invoice.",
            ", ".join(self.mapped("display_name")),
        )

    @api.model
    def _create_by_program(self, deal, given):
        """A billing of ``given``: fields by name, amounts as texts."""
        amounts = {name: float(given[name]) for name in AMOUNTS if name in given}
        return self.create({**given, **amounts, "deal_id": deal.id})
