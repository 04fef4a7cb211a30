from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat, OptionalInteger, or_none
from odoo.addons.kpi_base.percent import format_percent
from odoo.addons.kpi_tracking.models.report.kpi_report import STATUSES

from .kpi_trend_analysis import COURSES

METHODS = [
    ("automatic", "Automatic"),
    ("linear_regression", "Linear trend"),
    ("polynomial", "Curved trend"),
    ("seasonal", "Seasonal"),
    ("machine_learning", "Machine learning"),
]
ORIGINS = [
    ("combination", "Combination of methods"),
    ("naive", "Last value repeated"),
    ("seasonal_naive", "Last season repeated"),
    ("intermittent", "Intermittent demand"),
    ("constant", "Always the same"),
    ("linear_regression", "Linear trend"),
    ("polynomial", "Curved trend"),
    ("seasonal", "Seasonal"),
    ("machine_learning", "Machine learning"),
    ("too_short", "Too short: last value repeated"),
    ("no_data", "No data"),
]


class KpiPredictiveAnalytics(models.Model):
    """What a KPI will probably come to; one row per KPI, worked out by ``kpi.job``.

    The forecasts of single periods are ``kpi.predictive.point``.
    """

    _name = "kpi.predictive.analytics"
    _description = "KPI Forecast"
    _inherit = ["kpi.readonly.mixin"]
    _order = "target_probability, kpi_id"
    _rec_name = "kpi_id"
    _log_access = False

    kpi_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    prediction_model = fields.Selection(
        METHODS,
        "Method",
        required=True,
        default="automatic",
        help="Automatic combines methods by how well each has forecast this KPI.",
    )
    origin = fields.Selection(
        ORIGINS, "Worked Out By", readonly=True, help="What the forecast comes from."
    )
    made_on = fields.Date(
        readonly=True, help="First day of the period that was running."
    )
    period_start = fields.Date("Running Period", readonly=True)
    expected_value = OptionalFloat(
        "Expected at the End", readonly=True, aggregator=False
    )
    expected_low = OptionalFloat("Expected, Low", readonly=True, aggregator=False)
    expected_high = OptionalFloat("Expected, High", readonly=True, aggregator=False)
    confidence_score = OptionalFloat(
        "Confidence (%)",
        readonly=True,
        aggregator=False,
        help="How near forecasts of one period ahead have come: 100 less the sum of"
        " their errors as a share of the values.",
    )
    skill = OptionalFloat(
        "Better Than Naive (%)",
        readonly=True,
        aggregator=False,
        help="Share of the error that is saved against repeating the last value, or"
        " the last season.",
    )
    predicted_target_achievement = OptionalFloat(
        "Expected Achievement (%)", readonly=True, aggregator=False
    )
    expected_status = fields.Selection(
        STATUSES,
        readonly=True,
        help="How the expected value will be judged at the end of the period.",
    )
    target_probability = OptionalFloat(
        "Chance of the Target (%)", readonly=True, aggregator=False
    )
    pace_needed = OptionalFloat(
        "Needed per Working Day",
        readonly=True,
        aggregator=False,
        help="What each working day left of the running period has to bring.",
    )
    recommendation = fields.Text(compute="_compute_recommendation")
    chance_label = fields.Char("Chance", compute="_compute_chance_label")
    error = fields.Char(readonly=True, help="Why it could not be worked out.")
    due_on = fields.Date(readonly=True, exportable=False)
    point_ids = fields.One2many(
        "kpi.predictive.point",
        compute="_compute_point_ids",
        string="Forecasts",
    )
    total_ids = fields.One2many(
        "kpi.predictive.total", compute="_compute_total_ids", string="Longer Periods"
    )
    period_label = fields.Char("Period Name", compute="_compute_period_label")
    course = fields.Selection(
        COURSES, "Trend", compute="_compute_trend", search="_search_course"
    )
    trend_periods = OptionalFloat("Trend, 3 Periods (%)", compute="_compute_trend")
    status = fields.Selection(related="kpi_id.status")
    unit = fields.Selection(related="kpi_id.unit")
    decimals = fields.Integer(related="kpi_id.decimals")
    currency_id = fields.Many2one(related="kpi_id.currency_id")
    unit_symbol = fields.Char(related="kpi_id.unit_symbol")
    duration_unit = fields.Selection(related="kpi_id.duration_unit")

    velocity = OptionalFloat(
        "Slope per Day",
        compute="_compute_trend",
        help="Median slope of the values without their season, in the KPI's unit.",
    )
    volatility_index = OptionalFloat("Volatility (%)", compute="_compute_trend")
    streak = OptionalInteger(
        "Periods on Target",
        compute="_compute_trend",
        help="Periods in a row on target; below 0: off target.",
    )
    season_length = OptionalInteger("Periods of a Season", compute="_compute_trend")
    shift_start = fields.Date("New Level Since", compute="_compute_trend")

    _kpi_uniq = models.UniqueIndex("(kpi_id)", "This KPI has a forecast already.")

    def write(self, vals):
        result = super().write(vals)
        if "prediction_model" in vals:
            self._mark_stale(self.kpi_id.ids, fields.Date.today())
            # The engine renews what follows from the choice.
            self.env["kpi.job"].sudo()._enqueue_analysis()
        return result

    @api.depends("kpi_id", "period_start")
    def _compute_period_label(self):
        for row in self:
            start = row.period_start
            row.period_label = row.kpi_id._get_period_label(start) if start else ""

    @api.depends("kpi_id")
    def _compute_trend(self):
        trends = self.env["kpi.trend.analysis"].search(
            [("kpi_id", "in", self.kpi_id.ids)]
        )
        by_kpi = {trend.kpi_id: trend for trend in trends}
        for row in self:
            trend = by_kpi.get(row.kpi_id, trends.browse())
            row.course = trend.course
            row.trend_periods = trend.trend_periods if trend else False
            row.velocity = trend.performance_velocity if trend else False
            row.volatility_index = trend.volatility_index if trend else False
            row.streak = trend.streak if trend else False
            row.season_length = trend.season_length if trend else False
            row.shift_start = trend.shift_start

    def _search_course(self, operator, value):
        trends = self.env["kpi.trend.analysis"]._search([("course", operator, value)])
        return [("kpi_id.trend_ids", "in", trends)]

    @api.depends("target_probability")
    def _compute_chance_label(self):
        for row in self:
            is_known = row.target_probability is not False
            row.chance_label = row._say_chance() if is_known else ""

    @api.depends("pace_needed", "target_probability", "expected_value")
    def _compute_recommendation(self):
        for row in self:
            row.recommendation = row._build_recommendation()

    def _build_recommendation(self):
        """What the rest of the period has to bring, in words; empty without target."""
        self.ensure_one()
        if self.target_probability is False:
            return ""
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.kpi_id.sudo().definition_id
        said = {
            "expected": kpi._format_rounded(self.expected_value),
            "chance": self._say_chance(),
        }
        if not self.pace_needed or self.pace_needed < 0:
            return self.env._(
                "Expected: %(expected)s. Chance of the target: %(chance)s.", **said
            )
        said["pace"] = kpi._format_rounded(self.pace_needed, 1)
        text = (
            self.env._(
                "Expected: %(expected)s. Chance of the target: %(chance)s. Up to"
                " %(pace)s per working day stays within it.",
                **said,
            )
            if kpi.direction == "lower"
            else self.env._(
                "Expected: %(expected)s. Chance of the target: %(chance)s. It takes"
                " %(pace)s per working day to reach it.",
                **said,
            )
        )
        return text

    def _say_chance(self):
        """Chance of the target in words; nothing that is forecast is certain."""
        if self.target_probability < 1:
            return self.env._("below %s", format_percent(self.env, 0.01, 0))
        if self.target_probability > 99:
            return self.env._("above %s", format_percent(self.env, 0.99, 0))
        return format_percent(self.env, self.target_probability / 100, 0)

    def action_open_kpi(self):
        """Open the KPI, whose chart goes on with the forecast."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "kpi.report",
            "res_id": self.kpi_id.id,
            "views": [(False, "form")],
        }

    def _as_answer(self):
        """As REST gives it: ``schemas.forecast.ForecastOut``."""
        self.ensure_one()
        return {
            "report_id": self.kpi_id.id,
            "made_on": self.made_on or None,
            "origin": self.origin or None,
            "confidence_score": or_none(self.confidence_score),
            "recommendation": self.recommendation,
            "is_stale": self.is_stale,
            "points": [point._as_answer() for point in self.point_ids],
            "totals": [total._as_answer() for total in self.total_ids],
        }

    def _compute_point_ids(self):
        points = self.env["kpi.predictive.point"].search(
            [("report_id", "in", self.kpi_id.ids), ("is_latest", "=", True)]
        )
        by_report = points.grouped("report_id")
        for row in self:
            row.point_ids = by_report.get(row.kpi_id, points.browse())

    def _compute_total_ids(self):
        totals = self.env["kpi.predictive.total"].search(
            [("report_id", "in", self.kpi_id.ids)]
        )
        by_report = totals.grouped("report_id")
        for row in self:
            row.total_ids = by_report.get(row.kpi_id, totals.browse())
