from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.kpi_base.repeat import repeat_late

BATCH = 200  # invoices billed at once
DECIDING = {"kpi_deal_id", "state"}


class AccountMove(models.Model):
    """Invoices and credit notes that belong to deals."""

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
        help="Commissions of this deal follow this invoice and its payments.",
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
            raise AccessError(
                self.env._("You can only link invoices to deals you have access to.")
            )

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
