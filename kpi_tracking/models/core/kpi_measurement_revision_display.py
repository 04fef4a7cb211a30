from odoo import fields, models


class KpiMeasurementRevision(models.Model):
    """What lists show of an earlier value: the unit that it is read in."""

    _inherit = "kpi.measurement.revision"

    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")
