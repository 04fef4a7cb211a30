from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kpi_calendar_id = fields.Many2one(
        "kpi.calendar",
        "KPI Calendar",
        check_company=True,
        ondelete="restrict",
        help="Calendar of new KPIs; empty: one is made from the company's time zone.",
    )
