from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kpi_rates_fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="The rates from which the table of daily rates was last written.",
    )
