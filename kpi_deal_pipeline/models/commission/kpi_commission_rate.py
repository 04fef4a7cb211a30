from odoo import fields, models


class KpiCommissionRate(models.Model):
    """The rate of a product, or of a class of assets."""

    _name = "kpi.commission.rate"
    _inherit = ["kpi.input.mixin", "kpi.commission.term.mixin"]
    _description = "Rate by Product"
    _order = "plan_id, product"
    _rec_name = "product"

    product = fields.Char(
        required=True,
        help="Product as named on billings, or an asset type: office, retail, "
        "industrial, residential, mixed_use, hospitality, land, portfolio.",
    )
    rate = fields.Float(digits=(5, 4), required=True)

    _product_uniq = models.UniqueIndex(
        "(plan_id, product)", "The plan has a rate for this product already."
    )
