from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalInteger, or_none

from .numbers import Number

COURSES = [
    ("better", "Getting Better"),
    ("steady", "No Clear Trend"),
    ("worse", "Getting Worse"),
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
        help="Last 7 days vs the previous 7. Daily KPIs only.",
    )
    trend_30_days = Number(
        "Trend, 30 Days (%)",
        help="Last 30 days vs the previous 30; 4 weeks for weekly KPIs. Blank for "
        "longer periods.",
    )
    trend_periods = Number(
        "Trend, 3 Periods (%)",
        help="Last 3 periods compared with the previous 3.",
    )
    latest_periods = Number("Last 3 Periods", exportable=False)
    earlier_periods = Number("Previous 3 Periods", exportable=False)
    performance_velocity = Number(
        "Slope per Day",
        digits=(16, 6),
        help="Median slope of seasonally adjusted values, in the KPI's unit.",
    )
    velocity_low = Number("Slope, Low", digits=(16, 6))
    velocity_high = Number("Slope, High", digits=(16, 6))
    course = fields.Selection(COURSES, readonly=True, default="steady")
    seasonality_detected = fields.Boolean("Has Seasonality", readonly=True)
    season_length = OptionalInteger(
        "Season Length (Periods)", readonly=True, aggregator=False
    )
    season_strength = Number(help="0 means no seasonality, 1 means seasonality only.")
    volatility_index = Number(
        "Volatility (%)",
        help="Typical deviation from expected values, as a share of the median value.",
    )
    shift_start = fields.Date(
        "New Level Since",
        readonly=True,
    )
    shift_size = Number("Level Change")
    streak = OptionalInteger(
        readonly=True,
        aggregator=False,
        help="Consecutive periods on target; negative means off target.",
    )
    limit_low = Number("Natural Limit, Low")
    limit_high = Number("Natural Limit, High")
    period_count = fields.Integer(
        "Periods with Values", readonly=True, aggregator=False
    )
    is_stale = fields.Boolean("Being Updated", compute="_compute_is_stale")

    _kpi_uniq = models.UniqueIndex("(kpi_id)", "This KPI already has a trend.")

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
