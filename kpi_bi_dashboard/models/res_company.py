from odoo import fields, models


class ResCompany(models.Model):
    """What counts as a purchase, and until when."""

    _inherit = "res.company"

    kpi_bi_cutoff_date = fields.Date(
        "Analyses Until",
        help="The last day that analyses of customers count; empty = today.",
    )
    kpi_bi_purchase_source = fields.Selection(
        [("invoices", "Posted Invoices"), ("orders", "Confirmed Orders")],
        "Purchases Are",
        default="invoices",
        required=True,
        help="What analyses of customers count, beside purchases that were imported.",
    )


class ResConfigSettings(models.TransientModel):
    """The same of the current company, for administrators."""

    _inherit = "res.config.settings"

    kpi_bi_purchase_source = fields.Selection(
        related="company_id.kpi_bi_purchase_source", readonly=False, required=True
    )
    kpi_bi_cutoff_date = fields.Date(
        related="company_id.kpi_bi_cutoff_date", readonly=False
    )
