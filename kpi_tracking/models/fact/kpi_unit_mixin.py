from odoo import api, fields, models

from ..calendar.kpi_calendar import GRAINS


class KpiUnitMixin(models.AbstractModel):
    """Numbers of a KPI, shown in its unit."""

    _name = "kpi.unit.mixin"
    _description = "KPI Unit"

    report_id = fields.Many2one("kpi.report")
    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")


class KpiPeriodValueMixin(models.AbstractModel):
    """Numbers of a KPI in one period."""

    _name = "kpi.period.value.mixin"
    _description = "KPI Period Values"
    _inherit = ["kpi.unit.mixin"]

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="restrict"
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    period_start = fields.Date("Period", required=True, readonly=True)
    period_label = fields.Char("Period Name", compute="_compute_period_label")

    @api.depends("report_id", "grain", "period_start")
    def _compute_period_label(self):
        label_periods(self)


def label_periods(facts):
    """Fill ``period_label`` of values or earlier values."""
    for fact in facts:
        if not (fact.grain and fact.period_start):
            fact.period_label = False
            continue
        calendar = fact.report_id.definition_id.calendar_id
        period = calendar._period(fact.grain, fact.period_start)
        fact.period_label = calendar._period_label(period)
