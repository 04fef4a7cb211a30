from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kpi_calendar_id = fields.Many2one(
        "kpi.calendar",
        "KPI Calendar",
        check_company=True,
        ondelete="restrict",
        help="Calendar for new KPIs. Empty: one is created in the company's time zone.",
    )
