from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_deal_pipeline.models.commission.kpi_deal_billing import AMOUNTS

FOLLOWED = (
    "amount_untaxed",
    "billing_type",
    "date",
    "deal_id",
    "margin",
    "product",
    "reference",
)


class KpiDealBilling(models.Model):
    """Billings that invoices, credit notes and payments bring along."""

    _inherit = "kpi.deal.billing"

    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    payment_line_id = fields.Many2one(
        "account.move.line",
        "Payment",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    @api.constrains("deal_id", "billing_type", "amount_untaxed")
    def _check_refunds(self):
        """The accounts may credit more than was paid: they know the rest."""
        return super(
            KpiDealBilling, self.filtered(lambda billing: not billing.move_id)
        )._check_refunds()

    def write(self, vals):
        if not set(FOLLOWED).isdisjoint(vals):
            self._check_by_hand()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_accounts(self):
        self._check_by_hand()

    def _check_by_hand(self):
        followed = self.filtered("move_id")
        if followed and not self.env.su:
            raise UserError(
                self.env._(
                    "%s comes from accounting. Change or cancel it there.",
                    ", ".join(followed.mapped("display_name")),
                )
            )

    @api.model
    def _follow(self, moves, wanted):
        """Bring what is billed by these documents to ``wanted``, whatever it was.

        A billing that commissions were booked with is withdrawn, and restored where it
        is as it was before; others are changed or removed. Commissions are computed
        once, at the end.

        :param moves: the documents; billings of theirs that are not wanted go
        :param wanted: (document, type, product, payment's line) → values
        """
        held = self.with_context(kpi_deal_billing_held=True)
        known = held.search([("move_id", "in", moves.ids)], order="id")
        counted = known._find_counted()
        deals = known.deal_id
        by_key = known.grouped(lambda billing: billing._key())
        missing = []
        for key in {**by_key, **wanted}:
            billings, values = by_key.get(key, held.browse()), wanted.get(key)
            match = billings._find_matching_billing(values)
            # Those that commissions were booked with are withdrawn, the others removed.
            live = (billings - match).filtered(lambda each: not each.is_void)
            (live & counted).write({"is_void": True})
            (live - counted).unlink()
            if match.is_void:
                match.is_void = False
            elif values and not match:
                amounts = {name: float(values[name]) for name in AMOUNTS}
                missing.append({**values, **amounts})
        deals |= held.create(missing).deal_id
        deals.with_env(self.env)._settle_commissions()

    def _find_matching_billing(self, values):
        """The one that says ``values``, rather one that counts; else none."""
        if not values:
            return self.browse()
        said = {name: values[name] for name in FOLLOWED}
        same = self.filtered(lambda billing: not billing._find_differing(said))
        return (same._in_force() or same)[:1]

    def _key(self):
        line, product = self.payment_line_id.id or False, self.product or False
        return self.move_id.id, self.billing_type, product, line
