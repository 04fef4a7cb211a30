from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    is_kpi_first_steps_closed = fields.Boolean("KPI First Steps Closed")
