from odoo import models


class KpiPhone(models.AbstractModel):
    """What the phone app reads and sends, with the rights of whoever holds it."""

    _name = "kpi.phone"
    _description = "KPI Phone App"
