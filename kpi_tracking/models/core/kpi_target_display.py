from odoo import api, fields, models
from odoo.tools import format_date


class KpiTarget(models.Model):
    """What screens show of a target: its unit, and whose it is since when."""

    _inherit = "kpi.target"

    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")

    @api.depends("report_id", "date_from")
    def _compute_display_name(self):
        for target in self:
            target.display_name = self.env._(
                "%(kpi)s, from %(date)s",
                kpi=target.report_id.display_name,
                date=format_date(self.env, target.date_from),
            )
