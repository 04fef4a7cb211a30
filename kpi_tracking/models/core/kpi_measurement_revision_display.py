from odoo import api, fields, models

from .kpi_measurement_display import label_periods


class KpiMeasurementRevision(models.Model):
    """What lists show of an earlier value: its unit, its period by name."""

    _inherit = "kpi.measurement.revision"

    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")
    period_label = fields.Char("Period Name", compute="_compute_period_label")

    @api.depends("report_id", "grain", "period_start")
    def _compute_period_label(self):
        label_periods(self)
