from odoo import fields, models


class KpiAlertReason(models.Model):
    """Why somebody resolved an alert."""

    _name = "kpi.alert.reason"
    _description = "KPI Alert Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_useless = fields.Boolean(
        "Not Useful", help="Counts as an alert that nobody needed."
    )
