from odoo import api, fields, models

from .res_company import delete_old


class KpiBiPurchaseLine(models.Model):
    """A purchase that Odoo does not know: a line of a file that was imported.

    Its key is the number of the order and of the line there. Without an order it is the
    line of the file, as files have equal lines that are real.
    """

    _name = "kpi.bi.purchase.line"
    _description = "Imported Purchase"
    _inherit = ["kpi.bi.personal.mixin"]
    _order = "day desc, id"
    _rec_name = "day"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    file_name = fields.Char("File", required=True, readonly=True)
    number = fields.Integer("Line", required=True, readonly=True)
    order_ref = fields.Char("Order Number", readonly=True)
    line_ref = fields.Char("Order Line", readonly=True)
    customer_id = fields.Many2one(
        "kpi.bi.customer", required=True, readonly=True, ondelete="cascade", index=True
    )
    day = fields.Date(required=True, readonly=True)
    category_key = fields.Integer("Product Category ID", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    quantity = fields.Float(required=True, readonly=True)
    margin = fields.Monetary(
        readonly=True, groups="kpi_bi_dashboard.kpi_bi_dashboard_group_margin"
    )

    _line_uniq = models.UniqueIndex(
        "(company_id, file_name, number) WHERE order_ref IS NULL"
    )
    _order_uniq = models.UniqueIndex(
        "(company_id, order_ref, line_ref) WHERE order_ref IS NOT NULL"
    )
    _day_idx = models.Index("(company_id, day)")

    @api.autovacuum
    def _gc_old(self):
        """Delete imported purchases older than companies keep them."""
        delete_old(self, "day", "kpi_bi_purchase_days")
