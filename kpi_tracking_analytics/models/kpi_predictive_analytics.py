import logging
from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import FIRST_DAY
from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.fields import OptionalFloat, OptionalInteger, or_none
from odoo.addons.kpi_base.percent import format_percent
from odoo.addons.kpi_base.repeat import LATE
from odoo.addons.kpi_tracking.models.definition.kpi_zones_mixin import STATUSES

from ..analytics.judged import Analysed, analyse
from .kpi_report import NESTED, REACH, WIDE
from .kpi_trend_analysis import COURSES
from .numbers import PERCENT, Number, as_column, get_numbers, merge_rows

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
DAY = timedelta(days=1)
PAUSE = timedelta(minutes=5)  # between runs: each looks for changed records too
# Of numbers or packages, for whoever follows the KPI; others are faults of the code.
SAID = (ArithmeticError, ValueError, ImportError)
_logger = logging.getLogger(__name__)


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
    expected_value = Number("Expected at the End")
    expected_low = Number("Expected, Low")
    expected_high = Number("Expected, High")
    confidence_score = Number(
        "Confidence (%)",
        help="How near forecasts of one period ahead have come: 100 less the sum of"
        " their errors as a share of the values.",
    )
    skill = Number(
        "Better Than Naive (%)",
        help="Share of the error that is saved against repeating the last value, or"
        " the last season.",
    )
    predicted_target_achievement = Number("Expected Achievement (%)")
    expected_status = fields.Selection(
        STATUSES,
        readonly=True,
        help="How the expected value will be judged at the end of the period.",
    )
    target_probability = Number("Chance of the Target (%)")
    pace_needed = Number(
        "Needed per Working Day",
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
    stale_from = fields.Date(
        "Changed Since",
        compute="_compute_stale_from",
        help="First day whose values have changed since.",
    )
    is_stale = fields.Boolean(
        "Being Updated", compute="_compute_stale_from", search="_search_is_stale"
    )

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

    def init(self):
        result = super().init()
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_predictive_mark (
                id bigserial PRIMARY KEY,
                report_id integer NOT NULL REFERENCES kpi_report ON DELETE CASCADE,
                first_day date NOT NULL
            );
            CREATE INDEX IF NOT EXISTS kpi_predictive_mark_report_idx
                ON kpi_predictive_mark (report_id, id)
            """
        )
        return result

    @api.depends("kpi_id", "due_on")
    def _compute_stale_from(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT report_id, min(first_day) FROM kpi_predictive_mark"
                " WHERE report_id = ANY(%s) GROUP BY report_id",
                self.kpi_id.ids,
            )
        )
        since, today = dict(rows), fields.Date.today()
        for row in self:
            row.stale_from = since.get(row.kpi_id.id, False)
            row.is_stale = bool(row.stale_from or not row.due_on or row.due_on <= today)

    def _search_is_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        marked = SQL("(SELECT report_id FROM kpi_predictive_mark)")
        stale = (
            Domain("kpi_id", "in", marked)
            | Domain("due_on", "=", False)
            | Domain("due_on", "<=", fields.Date.today())
        )
        wanted = set(value)
        if wanted == {True}:
            return stale
        return ~stale if wanted == {False} else Domain(len(wanted) == 2)

    @api.model
    def _mark_stale(self, report_ids, first_day):
        """Have KPIs analysed again, as something changed from a day on."""
        if not report_ids:
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO kpi_predictive_mark (report_id, first_day)"
                " SELECT unnest(%s), %s",
                list(report_ids),
                first_day,
            )
        )
        self.env["kpi.timer"]._notify()
        self.invalidate_model(["stale_from", "is_stale"])

    @api.model
    def _find_marks(self, report_ids):
        """Ids of the changes that a run which reads now will have seen."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM kpi_predictive_mark WHERE report_id = ANY(%s)",
                list(report_ids),
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _sweep_stale(self):
        """Queue a run where something changed; when to look again, or None."""
        if not self._has_marks():
            return None
        jobs = self.env["kpi.job"]
        last = jobs.search([("kind", "=", "analyse")], order="id desc", limit=1)
        if last.state in ("queued", "running"):
            return None  # what it does not read stays stale, and is seen after it
        next_run = last and last.create_date + PAUSE
        if next_run and next_run > fields.Datetime.now():
            return next_run
        jobs._enqueue_analysis()
        return None

    @api.model
    def _has_marks(self):
        """Whether a KPI that is analysed has changed since."""
        return bool(
            self.env.execute_query(
                SQL(
                    """
                    SELECT 1
                      FROM kpi_predictive_mark AS mark
                      JOIN kpi_report AS report ON report.id = mark.report_id
                      JOIN kpi_definition AS definition
                        ON definition.id = report.definition_id
                     WHERE report.active AND definition.active
                     LIMIT 1
                    """
                )
            )
        )

    @api.model
    def _find_due(self):
        """Ids of the KPIs whose analysis is missing, stale or of another day."""
        return [id_ for ids, _is_whole in self._list_due() for id_ in ids]

    @api.model
    def _list_due(self):
        """What is due, in groups of a definition and company.

        Of KPIs whose forecasts add up over departments and people all are due with one.

        :return: pairs (ids of KPIs, whether they have to be analysed together)
        """
        self.flush_model(["due_on"])
        return self.env.execute_query(
            SQL(
                """
                SELECT array_agg(id ORDER BY id) FILTER (WHERE is_whole OR is_due),
                       is_whole
                  FROM (
                    SELECT report.id, report.definition_id, report.company_id,
                           known.due_on IS NULL OR known.due_on <= %(today)s
                           OR EXISTS (
                             SELECT 1 FROM kpi_predictive_mark AS mark
                              WHERE mark.report_id = report.id) AS is_due,
                           definition.aggregation_scope = 'sum'
                           AND report.scope_type = ANY(%(nested)s)
                           AND bool_or(report.scope_type = ANY(%(wide)s)) OVER alike
                           AS is_whole
                      FROM kpi_report AS report
                      JOIN kpi_definition AS definition
                        ON definition.id = report.definition_id
                 LEFT JOIN kpi_predictive_analytics AS known ON known.kpi_id = report.id
                     WHERE report.active AND definition.active
                    WINDOW alike AS (
                             PARTITION BY report.definition_id, report.company_id)
                  ) AS tracked
              GROUP BY definition_id, company_id, is_whole
                HAVING bool_or(is_due)
              ORDER BY definition_id, company_id, is_whole
                """,
                today=fields.Date.today(),
                nested=list(NESTED),
                wide=list(WIDE),
            )
        )

    @api.autovacuum
    def _gc_marks(self):
        """Keep the latest change of each KPI: a run may have read earlier ones."""
        self.env.cr.execute(
            """
            DELETE FROM kpi_predictive_mark AS mark
             USING kpi_predictive_mark AS later
             WHERE later.report_id = mark.report_id
               AND later.id > mark.id
            """
        )

    @api.model
    def _analyse(self, reports):
        """Work out trends and forecasts of KPIs, and store what differs.

        A constant number of statements for each length of periods and calendar. Where
        the numbers of one KPI cannot be worked out, its row says so.

        :return: number of rows written
        """
        # The engine analyses for everybody; who sees a KPI sees what comes of it.
        reports = reports.sudo().exists()
        marks = self._find_marks(reports.ids)
        by_grain = reports.grouped(lambda report: report.definition_id.frequency)
        written = sum(
            self._analyse_grain(grain, own) for grain, own in by_grain.items()
        )
        if marks:
            self.env.cr.execute(
                SQL("DELETE FROM kpi_predictive_mark WHERE id = ANY(%s)", marks)
            )
            self.invalidate_model(["stale_from", "is_stale"])
        return written

    def _analyse_grain(self, grain, reports):
        methods = self._fetch_methods(reports)
        by_method = reports.grouped(lambda kpi: methods.get(kpi.id, "automatic"))
        return sum(
            self._analyse_alike(grain, own, method) for method, own in by_method.items()
        )

    def _fetch_methods(self, reports):
        """Report id → how its forecast is made, of those that have one."""
        # The engine analyses for everybody.
        known = self.sudo().search_fetch(
            [("kpi_id", "in", reports.ids)], ["kpi_id", "prediction_model"]
        )
        return {row.kpi_id.id: row.prediction_model for row in known}

    def _analyse_alike(self, grain, reports, method):
        """Of one grain and method; a KPI that fails does not stop the others."""
        try:
            with self.env.cr.savepoint():
                return sum(
                    self._store(series, found, grain)
                    for series, found in self._list_analysed(grain, reports, method)
                )
        except LATE:  # of the transaction, not of a KPI: all of it is done again
            raise
        except Exception as error:
            if len(reports) == 1:
                if not isinstance(error, SAID):
                    _logger.error("KPI %s was not analysed", reports.id, exc_info=error)
                return merge_rows(
                    self,
                    ["kpi_id"],
                    {
                        "kpi_id": reports.ids,
                        "prediction_model": ["automatic"],
                        "error": [failure_text(self.env, error)],
                        "due_on": [fields.Date.today() + DAY],
                    },
                    ["prediction_model"],
                )
            middle = len(reports) // 2
            return sum(
                self._analyse_alike(grain, half, method)
                for half in (reports[:middle], reports[middle:])
            )

    def _list_analysed(self, grain, reports, method="automatic"):
        """Pairs of a ``Series`` with coming periods, and what came of it."""
        past, coming, days = REACH[grain]
        today = fields.Date.today()
        first = max(today - timedelta(days=past * days), FIRST_DAY)
        last = today + timedelta(days=(coming + 1) * days)
        for series in reports._series(grain, first, last):
            own = reports.browse(series.report_ids)
            question = own._ask_analysis(series, grain, method)
            yield series, analyse(series, question)

    def _store(self, series, found: Analysed, grain):
        """Write what differs from what is stored; number of rows."""
        made_on = found.coming[0].start
        ids = series.report_ids
        written = merge_rows(
            self.env["kpi.trend.analysis"],
            ["kpi_id"],
            {"kpi_id": ids, **_trend_columns(series, found)},
        )
        written += merge_rows(
            self,
            ["kpi_id"],
            {
                "kpi_id": ids,
                "prediction_model": [found.question.method] * len(ids),
                "made_on": [made_on] * len(ids),
                "period_start": [made_on] * len(ids),
                **_outlook_columns(found),
                "error": [None] * len(ids),
                "due_on": [fields.Date.today() + DAY] * len(ids),
            },
        )
        written += self._store_points(ids, found)
        written += self.env["kpi.predictive.total"]._store(series, found)
        written += self.env["kpi.anomaly"]._store(series, found, grain)
        self.invalidate_model()
        self.env["kpi.trend.analysis"].invalidate_model()
        return written

    def _store_points(self, ids, found: Analysed):
        """The latest forecasts, and once for each close those made then."""
        points = self.env["kpi.predictive.point"]
        columns = _point_columns(ids, found)
        made_on = found.coming[0].start
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM kpi_predictive_point AS point
                 WHERE is_latest AND report_id = ANY(%s)
                   AND (made_on <> %s OR (report_id, period_start) NOT IN (
                        SELECT * FROM unnest(%s::int[], %s::date[])))
                """,
                ids,
                made_on,
                columns["report_id"],
                columns["period_start"],
            )
        )
        written = self.env.cr.rowcount
        count = len(columns["report_id"])
        key = ["report_id", "is_latest", "made_on", "period_start"]
        latest = {**columns, "is_latest": [True] * count, "made_on": [made_on] * count}
        written += merge_rows(points, key, latest)
        names = SQL(", ").join(map(SQL.identifier, columns))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_predictive_point (%(names)s, is_latest, made_on)
                SELECT %(names)s, FALSE, made_on
                  FROM kpi_predictive_point AS latest
                 WHERE is_latest AND report_id = ANY(%(ids)s)
                   AND NOT EXISTS (
                        SELECT 1 FROM kpi_predictive_point AS kept
                         WHERE kept.report_id = latest.report_id
                           AND NOT kept.is_latest
                           AND kept.made_on = latest.made_on)
                """,
                names=names,
                ids=ids,
            )
        )
        points.invalidate_model()
        return written + self.env.cr.rowcount


def _trend_columns(series, found):
    summary = found.summary
    numbers = {
        "trend_7_days": summary.change_7_days,
        "trend_30_days": summary.change_30_days,
        "trend_periods": summary.change_periods,
        "performance_velocity": summary.velocity,
        "velocity_low": summary.velocity_low,
        "velocity_high": summary.velocity_high,
        "season_strength": summary.season_strength,
        "volatility_index": PERCENT * summary.volatility,
        "shift_size": summary.shift_size,
        "limit_low": summary.limit_low,
        "limit_high": summary.limit_high,
    }
    courses = {1: "better", 0: "steady", -1: "worse"}
    starts = [period.start for period in series.periods]
    return {
        **{name: as_column(numbers_) for name, numbers_ in numbers.items()},
        "course": [courses[int(each)] for each in summary.course],
        "seasonality_detected": (summary.season > 1).tolist(),
        "season_length": [int(each) if each > 1 else None for each in summary.season],
        "shift_start": [starts[at] if at >= 0 else None for at in summary.shift],
        "streak": summary.streak.tolist(),
        "period_count": found.known_count.tolist(),
    }


def _outlook_columns(found):
    outlook = found.outlook
    numbers = {
        "expected_value": outlook.mean[:, 0],
        "expected_low": outlook.low_80[:, 0],
        "expected_high": outlook.high_80[:, 0],
        "confidence_score": found.forecast.confidence[:, 0],
        "skill": PERCENT * found.forecast.skill,
        "predicted_target_achievement": outlook.achievements[:, 0],
        "target_probability": PERCENT * outlook.probabilities[:, 0],
        "pace_needed": found.pace,
    }
    columns = {name: as_column(numbers_) for name, numbers_ in numbers.items()}
    return {
        **columns,
        "expected_status": found.statuses[:, 0].tolist(),
        "origin": [str(label) for label in found.forecast.labels],
    }


def _point_columns(ids, found):
    """Columns of a row per KPI and coming period that has a forecast."""
    rows, places = np.nonzero(np.isfinite(found.outlook.mean))
    starts = [period.start for period in found.coming]
    numbers = {**get_numbers(found.outlook), "plain_value": found.plain}
    return {
        "report_id": [ids[row] for row in rows],
        "period_start": [starts[place] for place in places],
        **{name: as_column(each[rows, places]) for name, each in numbers.items()},
    }
