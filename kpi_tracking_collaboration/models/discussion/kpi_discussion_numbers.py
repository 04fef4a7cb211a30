from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_tracking.models.fact.kpi_measurement_labels import label_periods


class KpiDiscussion(models.Model):
    """The value that was seen, and what it is today."""

    _inherit = "kpi.discussion"

    value = OptionalFloat(
        "Value Then",
        readonly=True,
        copy=False,
        aggregator=False,
        help="Of the period, when the discussion was opened.",
    )
    value_today = OptionalFloat(
        "Value Today",
        compute="_compute_value_today",
        help="Of the same period, as it is known today.",
    )
    period_label = fields.Char("Period Name", compute="_compute_period_label")
    report_id = fields.Many2one(
        "kpi.report", "Discussed KPI", related="kpi_id", exportable=False
    )
    unit = fields.Selection(related="kpi_id.unit")
    decimals = fields.Integer(related="kpi_id.decimals")
    currency_id = fields.Many2one(related="kpi_id.currency_id")
    unit_symbol = fields.Char(related="kpi_id.unit_symbol")
    duration_unit = fields.Selection(related="kpi_id.duration_unit")
    current_value = fields.Float(
        "Latest Value", related="kpi_id.current_value", aggregator=False
    )
    has_value = fields.Boolean(related="kpi_id.has_value")
    current_period_label = fields.Char("Latest Period", related="kpi_id.period_label")
    status = fields.Selection(related="kpi_id.status", string="KPI Status")
    band = fields.Selection(related="kpi_id.band", string="KPI Band", exportable=False)
    is_running = fields.Boolean(related="kpi_id.is_running", exportable=False)
    sparkline = fields.Json(related="kpi_id.sparkline", exportable=False)

    def _remember_value(self):
        """Keep the values as they are now."""
        for discussion in self.filtered("period_start"):
            # The value is remembered, not typed.
            discussion.sudo().value = discussion.value_today

    @api.depends("grain", "kpi_id", "period_start")
    def _compute_value_today(self):
        for (grain, start), discussions in self.grouped(_find_period).items():
            known = {}
            if grain and start:
                known = discussions.kpi_id._values(grain, start, start)
            for discussion in discussions:
                found = known.get(discussion.kpi_id, {})
                discussion.value_today = found.get(start, False)

    @api.depends("grain", "kpi_id", "period_start")
    def _compute_period_label(self):
        dated = self.filtered(lambda each: each.grain and each.period_start)
        (self - dated).period_label = False
        label_periods(dated)


def _find_period(discussion):
    return discussion.grain, discussion.period_start
