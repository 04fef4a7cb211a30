from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kpi_lock_date = fields.Date(related="company_id.kpi_lock_date", readonly=False)
    kpi_remind_days_before = fields.Integer(
        related="company_id.kpi_remind_days_before", readonly=False
    )
    kpi_remind_days_after = fields.Integer(
        related="company_id.kpi_remind_days_after", readonly=False
    )
