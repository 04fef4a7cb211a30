from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalInteger, or_none

from .numbers import Number

COURSES = [
    ("better", "Getting better"),
    ("steady", "No clear trend"),
    ("worse", "Getting worse"),
]


class KpiTrendAnalysis(models.Model):
    """Where a KPI is going, from its closed periods; worked out by ``kpi.job``."""

    _name = "kpi.trend.analysis"
    _description = "KPI Trend"
    _inherit = ["kpi.readonly.mixin"]
    _order = "kpi_id"
    _rec_name = "kpi_id"
    _log_access = False

    kpi_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    trend_7_days = Number(
        "Trend, 7 Days (%)",
        help="Change of the last 7 days against the 7 before. Of daily KPIs.",
    )
    trend_30_days = Number(
        "Trend, 30 Days (%)",
        help="Change of the last 30 days against the 30 before, of weekly KPIs of 4"
        " weeks. Monthly and longer periods have none.",
    )
    trend_periods = Number(
        "Trend, 3 Periods (%)",
        help="Change of the last three periods against the three before.",
    )
    performance_velocity = Number(
        "Slope per Day",
        digits=(16, 6),
        help="Median slope of the values without their season, in the KPI's unit.",
    )
    velocity_low = Number("Slope, Low", digits=(16, 6))
    velocity_high = Number("Slope, High", digits=(16, 6))
    course = fields.Selection(COURSES, readonly=True, default="steady")
    seasonality_detected = fields.Boolean("Has a Season", readonly=True)
    season_length = OptionalInteger(
        "Periods of a Season", readonly=True, aggregator=False
    )
    season_strength = Number(help="0 = none, 1 = nothing but season.")
    volatility_index = Number(
        "Volatility (%)",
        help="How far values lie from what the periods before let expect, as a share of"
        " their median size.",
    )
    shift_start = fields.Date(
        "New Level Since", readonly=True, help="First day of the latest level."
    )
    shift_size = Number("Change of Level")
    streak = OptionalInteger(
        readonly=True,
        aggregator=False,
        help="Periods in a row on target; below 0: off target.",
    )
    limit_low = Number("Natural Limit, Low")
    limit_high = Number("Natural Limit, High")
    period_count = fields.Integer(
        "Periods With Values", readonly=True, aggregator=False
    )
    is_stale = fields.Boolean("Being Updated", compute="_compute_is_stale")

    _kpi_uniq = models.UniqueIndex("(kpi_id)", "This KPI has a trend already.")

    @api.depends("kpi_id")
    def _compute_is_stale(self):
        stale = self.env["kpi.predictive.analytics"].search(
            [("kpi_id", "in", self.kpi_id.ids), ("is_stale", "=", True)]
        )
        for trend in self:
            trend.is_stale = trend.kpi_id in stale.kpi_id

    def _as_answer(self):
        """As REST gives it: ``schemas.forecast.TrendOut``."""
        self.ensure_one()
        left_out = {"id", "kpi_id", "display_name", "period_count"}
        flags = ("seasonality_detected", "is_stale")
        return {
            "report_id": self.kpi_id.id,
            **{
                name: self[name] if name in flags else or_none(self[name])
                for name in self._fields
                if name not in left_out
            },
        }

    def _compute_trends(self):
        """Work out the trends of these KPIs again, and what belongs to them."""
        self.env["kpi.predictive.analytics"]._analyse(self.kpi_id)
