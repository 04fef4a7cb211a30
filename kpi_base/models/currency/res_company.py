from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kpi_rates_fingerprint = fields.Char(
        "KPI Exchange Rates Fingerprint",
        readonly=True,
        copy=False,
        help="Exchange rates used for the last update of the daily rates.",
        exportable=False,
    )
