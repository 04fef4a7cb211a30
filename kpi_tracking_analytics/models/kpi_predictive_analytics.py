import logging
from datetime import timedelta
from typing import Annotated

import numpy as np
from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.formatting import is_far
from odoo.addons.kpi_base.engine.periods import FIRST_DAY
from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.fields import OptionalFloat, OptionalInteger, or_none
from odoo.addons.kpi_base.formatting import format_percent, format_signed
from odoo.addons.kpi_base.repeat import LATE
from odoo.addons.kpi_base.rights import search_by
from odoo.addons.kpi_base.schemas.base import Id
from odoo.addons.kpi_tracking.engine.verdict import MISSED
from odoo.addons.kpi_tracking.models.definition.kpi_zones_mixin import STATUSES

from ..analytics.judged import Analysed, analyse
from ..analytics.period_outlook import LIKELY_MISS
from .kpi_report import NESTED, REACH, WIDE
from .numbers import (
    LEAST_JUDGED,
    PERCENT,
    YOUNG,
    Number,
    as_column,
    drop_other_rows,
    format_chance,
    get_numbers,
    merge_rows,
)

METHODS = [
    ("automatic", "Automatic"),
    ("linear_regression", "Linear Trend"),
    ("polynomial", "Curved Trend"),
    ("exponential", "Exponential Trend"),
    ("seasonal", "Seasonal"),
    ("machine_learning", "Machine Learning"),
]
ORIGINS = [
    ("combination", "Combination of Methods"),
    ("naive", "Last Value Repeated"),
    ("seasonal_naive", "Last Season Repeated"),
    ("mean", "Mean of All Values"),
    ("intermittent", "Intermittent Demand"),
    ("constant", "Constant Value"),
    *METHODS[1:],
    ("too_short", "Too Little Data: Last Value Repeated"),
    ("no_data", "No data"),
]
MARKED = SQL("(SELECT report_id FROM kpi_predictive_mark)")
DAY = timedelta(days=1)
MOST_NAMED = 6  # periods, on the page of a forecast
LEAST_SKILL = 3  # percent: less is about as good
FULL_JUDGED = 19  # earlier forecasts of which one may miss where 95% are promised
PAUSE = timedelta(minutes=5)  # between runs: each looks for changed records too
# Of numbers or packages, for whoever follows the KPI; others are faults of the code.
SAID = (ArithmeticError, ValueError, ImportError)
Days = Annotated[int, Field(ge=0, le=3660)]
_logger = logging.getLogger(__name__)


class KpiPredictiveAnalytics(models.Model):
    """What a KPI will probably come to; one row per KPI, worked out by ``kpi.job``.

    The forecasts of single periods are ``kpi.predictive.point``.
    """

    _name = "kpi.predictive.analytics"
    _description = "KPI Forecast"
    _inherit = ["kpi.readonly.mixin"]
    # What is missing in money comes first, then in points.
    _order = (
        "stake_money desc nulls last, stake_points desc nulls last, "
        "target_probability, kpi_id"
    )
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
        help="Automatic combines methods by accuracy.",
    )
    origin = fields.Selection(
        ORIGINS,
        "Method Used",
        readonly=True,
    )
    made_on = fields.Date(
        string="Forecast Date",
        readonly=True,
        help="First day of the period in which the forecast was made.",
    )
    period_start = fields.Date("Running Period", readonly=True)
    expected_value = Number("Forecast at Period End")
    expected_low = Number("Forecast, Low")
    expected_high = Number("Forecast, High")
    confidence_score = Number(
        "Confidence (%)",
        help="100 minus the total error of past one-period forecasts, in percent "
        "of actual values. Needs 6 forecasts.",
    )
    skill = Number(
        "Improvement over Naive Forecast (%)",
        help="Error reduction compared with repeating the last value or season.",
    )
    judged_count = fields.Integer(
        "Past Forecasts Checked",
        readonly=True,
        aggregator=False,
        help="Number of past forecasts used to calculate confidence, ranges and "
        "chances.",
    )
    caution = fields.Char(compute="_compute_caution")
    predicted_target_achievement = Number("Forecast Achievement (%)")
    expected_status = fields.Selection(
        STATUSES,
        string="Forecast Status",
        readonly=True,
        help="Status at period end according to the forecast.",
    )
    target_probability = Number("Chance of Reaching Target (%)")
    stake = Number("At Stake", help="Distance from the forecast to the missed target.")
    stake_money = Number(exportable=False)
    stake_points = Number(exportable=False)
    is_likely_miss = fields.Boolean(
        "Likely to Miss",
        compute="_compute_is_likely_miss",
        search=search_by("_get_likely_miss_domain"),
        exportable=False,
    )
    pace_needed = Number(
        "Required per Working Day",
        help="Value needed on each remaining working day to reach the target.",
    )
    left_out = fields.Char(
        "Excluded Periods",
        readonly=True,
        exportable=False,
        help="First days of periods that forecasts ignore because of unusual values.",
    )
    leaning = fields.Char(
        "Influential Value",
        readonly=True,
        exportable=False,
    )
    left_out_note = fields.Char("Excluded Values", compute="_compute_left_out_note")
    recommendation = fields.Text(compute="_compute_recommendation")
    chance_label = fields.Char("Chance", compute="_compute_chance_label")
    error = fields.Char(
        readonly=True,
    )
    due_on = fields.Date(readonly=True, exportable=False)
    point_ids = fields.One2many(
        "kpi.predictive.point", compute="_compute_forecasts", string="Forecasts"
    )
    total_ids = fields.One2many(
        "kpi.predictive.total", compute="_compute_forecasts", string="Longer Periods"
    )
    period_label = fields.Char("Period Name", compute="_compute_period_label")
    course = fields.Selection(related="kpi_id.trend_ids.course", string="Trend")
    trend_periods = OptionalFloat(related="kpi_id.trend_ids.trend_periods")
    trend_label = fields.Char(
        "Last 3 Periods",
        compute="_compute_trend_label",
        help="Compared with the previous 3.",
    )
    status = fields.Selection(related="kpi_id.status")
    unit = fields.Selection(related="kpi_id.unit")
    decimals = fields.Integer(related="kpi_id.decimals")
    currency_id = fields.Many2one(related="kpi_id.currency_id")
    unit_symbol = fields.Char(related="kpi_id.unit_symbol")
    duration_unit = fields.Selection(related="kpi_id.duration_unit")
    aggregation_time = fields.Selection(related="kpi_id.aggregation_time")
    volatility_index = OptionalFloat(related="kpi_id.trend_ids.volatility_index")
    streak = fields.Char(compute="_compute_streak")
    season_length = OptionalInteger(related="kpi_id.trend_ids.season_length")
    shift_start = fields.Date(related="kpi_id.trend_ids.shift_start")
    shown_result = fields.Char(
        "Accuracy So Far",
        compute="_compute_results",
        help="Average error of forecasts made at the start of each closed period.",
    )
    plan_result = fields.Char(
        "Accuracy with Planned Events",
        compute="_compute_results",
        help="Average forecast error with and without planned events, for closed "
        "periods.",
    )
    stale_from = fields.Date(
        "Changed Since",
        compute="_compute_stale_from",
        help="First day with changed values.",
    )
    is_stale = fields.Boolean(
        "Being Updated", compute="_compute_stale_from", search="_search_is_stale"
    )

    _prediction_model_choices = Choices("prediction_model")
    _kpi_uniq = models.UniqueIndex("(kpi_id)", "This KPI already has a forecast.")

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

    @api.depends("kpi_id", "left_out", "leaning")
    def _compute_left_out_note(self):
        for row in self:
            starts = (row.left_out or "").split()
            names = [
                row.kpi_id._get_period_label(fields.Date.to_date(start))
                for start in starts[-MOST_NAMED:]
            ]
            if len(starts) > len(names):
                earlier = len(starts) - len(names)
                names.insert(0, self.env._("%s earlier", earlier))
            said = bool(names) and self.env._(
                "Excluded as unusual: %(periods)s. To include a value, mark it "
                "“Not Unusual”, or add a “Real: Include Value” note.",
                periods=", ".join(names),
            )
            row.left_out_note = " ".join(filter(None, (row._say_leaning(), said)))

    def _say_leaning(self):
        """Which value that somebody called usual decides the forecast; or empty."""
        if not self.leaning:
            return ""
        day, value, changed, mean, without = self.leaning.split()
        # Who sees a KPI reads its numbers in its unit.
        write = self.kpi_id.sudo().definition_id._format_rounded
        return self.env._(
            "%(period)s (%(value)s), marked “Not Unusual”, drives this forecast: "
            "%(mean)s in %(changed)s, %(without)s without this value.",
            period=self.kpi_id._get_period_label(fields.Date.to_date(day)),
            value=write(float(value)),
            mean=write(float(mean)),
            changed=self.kpi_id._get_period_label(fields.Date.to_date(changed)),
            without=write(float(without)),
        )

    @api.depends("judged_count", "skill", "prediction_model")
    def _compute_caution(self):
        for row in self:
            said, count = [], row.judged_count
            if row.expected_low is not False and count < FULL_JUDGED:
                share = count / (count + 1)
                said.append(
                    self.env._(
                        "The range is based on %(forecasts)s (at most %(share)s "
                        "reliable).",
                        forecasts=say_count(
                            count,
                            self.env._("1 past forecast"),
                            self.env._("%s past forecasts"),
                        ),
                        share=format_percent(self.env, share, 0),
                    )
                )
            if count and count < LEAST_JUDGED:
                said.append(self.env._("No 95% range yet."))
            elif row.skill:
                said.append(row._say_skill())
            row.caution = " ".join(said)

    def _say_skill(self):
        """How its errors compare with those of repeating what was."""
        if abs(self.skill) < LEAST_SKILL:
            return self.env._("About as accurate as a naive forecast.")
        share = format_percent(self.env, abs(self.skill) / PERCENT, 0)
        if self.skill > 0:
            return self.env._(
                "%(share)s more accurate than a naive forecast.",
                share=share,
            )
        if self.skill <= -PERCENT:  # the least that is stored
            return self.env._("Errors are more than double a naive forecast's.")
        return self.env._(
            "%(share)s less accurate than a naive forecast.",
            share=share,
        )

    @api.depends("error", "expected_status", "origin", "target_probability")
    def _compute_is_likely_miss(self):
        missed = self.filtered_domain(self._get_likely_miss_domain())
        for row in self:
            row.is_likely_miss = row in missed

    @api.model
    def _get_likely_miss_domain(self):
        """As ``PeriodOutlook.is_miss``, of forecasts whose period may be over."""
        domain = Domain("expected_status", "in", MISSED) & Domain("error", "=", False)
        domain &= Domain("origin", "not in", YOUNG)
        return domain & Domain("target_probability", "<", LIKELY_MISS)

    @api.depends("target_probability")
    def _compute_chance_label(self):
        for row in self:
            is_known = row.target_probability is not False
            row.chance_label = (
                format_chance(self.env, row.target_probability) if is_known else ""
            )

    @api.depends("kpi_id.trend_ids.trend_periods")
    @api.depends_context("lang")
    def _compute_trend_label(self):
        for row in self:
            # Who sees a KPI sees its trend, and reads its numbers in its unit.
            kpi = row.kpi_id.sudo()
            trend, say = kpi.trend_ids, kpi.definition_id._format_rounded
            latest, earlier = trend.latest_periods, trend.earlier_periods
            if trend.trend_periods is False:
                row.trend_label = ""
            elif False not in (latest, earlier) and is_far(latest, earlier):
                row.trend_label = self.env._(
                    "from %(before)s to %(after)s",
                    before=say(earlier),
                    after=say(latest),
                )
            else:
                size = format_percent(self.env, abs(trend.trend_periods) / PERCENT, 1)
                row.trend_label = format_signed(self.env, trend.trend_periods, size)

    @api.depends("kpi_id.trend_ids.streak")
    def _compute_streak(self):
        for row in self:
            length = row.kpi_id.trend_ids.streak
            on = self.env._("Consecutive periods on track: %s", abs(length))
            off = self.env._("Consecutive periods off track: %s", abs(length))
            row.streak = length and (on if length > 0 else off)

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
            "period": self.period_label,
            "expected": kpi._format_rounded(self.expected_value),
            "chance": format_chance(self.env, self.target_probability),
        }
        if not self.pace_needed or self.pace_needed < 0:
            return self.env._(
                "%(period)s forecast: %(expected)s. Chance of reaching the target: "
                "%(chance)s.",
                **said,
            )
        said["pace"] = kpi._format_rounded(self.pace_needed, 1)
        if kpi.direction == "lower":
            return self.env._(
                "%(period)s forecast: %(expected)s. Chance of reaching the target: "
                "%(chance)s. Limit per working day: %(pace)s.",
                **said,
            )
        return self.env._(
            "%(period)s forecast: %(expected)s. Chance of reaching the target: "
            "%(chance)s. Required per working day: %(pace)s.",
            **said,
        )

    def action_open_kpi(self):
        """Open the KPI, whose chart goes on with the forecast."""
        self.ensure_one()
        return open_form(self.kpi_id)

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

    def _compute_forecasts(self):
        latest = {"point_ids": [("is_latest", "=", True)], "total_ids": []}
        for name, domain in latest.items():
            found = self.env[self._fields[name].comodel_name].search(
                [("report_id", "in", self.kpi_id.ids), *domain]
            )
            by_report = found.grouped("report_id")
            for row in self:
                row[name] = by_report.get(row.kpi_id, found.browse())

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
        stale = (
            Domain("kpi_id", "in", MARKED)
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
        changed = Domain("id", "in", MARKED) & Domain("definition_id.active", "=", True)
        if not self.env["kpi.report"].search_count(changed, limit=1):
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
        methods = self._fetch_methods(reports)
        by_grain = reports.grouped(lambda report: report.definition_id.frequency)
        written = sum(
            self._analyse_alike(grain, alike, method)
            for grain, own in by_grain.items()
            for method, alike in own.grouped(
                lambda kpi: methods.get(kpi.id, "automatic")
            ).items()
        )
        if marks:
            self.env.cr.execute(
                SQL("DELETE FROM kpi_predictive_mark WHERE id = ANY(%s)", marks)
            )
            self.invalidate_model(["stale_from", "is_stale"])
        return written

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
                **self._stake_columns(ids, found),
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

    def _stake_columns(self, ids, found: Analysed):
        """What will probably be missing, and the money or points that sort the rows.

        Points are those of a KPI in percent, or of the achievement. Money is in the
        currency of the company, at today's rate: it decides on the order only.
        """
        # What a KPI is made of is no secret to those who see it.
        kpis = self.env["kpi.report"].sudo().browse(ids)
        stakes = as_column(np.where(found.stake > 0, found.stake, np.nan))
        reached = as_column(found.outlook.achievements[:, 0])
        rates = {
            (currency, company): currency.with_company(company).rate or 1.0
            for currency, company in {(kpi.currency_id, kpi.company_id) for kpi in kpis}
            if currency
        }
        columns = {"stake": stakes, "stake_money": [], "stake_points": []}
        for kpi, stake, achievement in zip(kpis, stakes, reached, strict=True):
            money, points = None, None
            if stake is None:
                pass
            elif kpi.unit == "currency" and kpi.currency_id:
                money = stake / rates[kpi.currency_id, kpi.company_id]
            elif kpi.unit == "percent":
                points = stake
            elif achievement is not None:
                points = max(0.0, PERCENT - achievement)
            columns["stake_money"].append(money)
            columns["stake_points"].append(points)
        return columns

    def _store_points(self, ids, found: Analysed):
        """The latest forecasts, and once for each close those made then."""
        points = self.env["kpi.predictive.point"]
        columns = _point_columns(ids, found)
        names = SQL(", ").join(map(SQL.identifier, columns))
        count = len(columns["report_id"])
        columns["is_latest"] = [True] * count
        columns["made_on"] = [found.coming[0].start] * count
        key = ["report_id", "is_latest", "made_on", "period_start"]
        written = drop_other_rows(points, ids, key, columns, SQL("is_latest"))
        written += merge_rows(points, key, columns)
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

    @api.model
    @api.readonly
    def predict_target_achievement(self, kpi_id: Id, days_ahead: Days = 30):
        """What a KPI will probably come to in the period of a day to come.

        :param kpi_id: of the ``kpi.report``
        :param days_ahead: days from today on; the period that holds that day is meant
        :return: dict of ``period_start`` and ``period_stop`` (dates in ISO format, the
            second is the first day after), ``value``, its 80 and 95% limits
            ``low_80``, ``high_80``, ``low_95``, ``high_95``, ``achievement`` and
            ``target_probability`` (percent), ``confidence_score`` and ``origin``; None
            where something is not known
        :raises UserError: the day is further ahead than the KPI is forecast
        """
        report = self.env["kpi.report"]._find_readable(kpi_id)
        method = self.search([("kpi_id", "=", kpi_id)]).prediction_model
        # Who sees a KPI sees what comes of its values.
        seen = report.sudo()
        ((_series, found),) = self._list_analysed(
            seen.frequency, seen, method or "automatic"
        )
        calendar = seen.definition_id.calendar_id
        day = calendar._today() + timedelta(days=days_ahead)
        for place, period in enumerate(found.coming):
            if day in period:
                return _describe(found, place, period)
        raise UserError(
            self.env._(
                "The forecast ends on %(last)s, before %(day)s.",
                last=fields.Date.to_string(found.coming[-1].stop - timedelta(days=1)),
                day=fields.Date.to_string(day),
            )
        )

    @api.model
    @api.readonly
    def detect_performance_anomalies(self, kpi_id: Id):
        """Unusual values of a KPI: see ``kpi.anomaly.list_of``."""
        return self.env["kpi.anomaly"].list_of(kpi_id)

    @api.depends("kpi_id", "made_on")
    def _compute_results(self):
        points = self.env["kpi.predictive.point"].search(
            [
                ("report_id", "in", self.kpi_id.ids),
                ("is_latest", "=", False),
                ("value", "!=", False),
            ],
            order="made_on",
        )
        by_report = points.grouped("report_id")
        for row in self:
            own = by_report.get(row.kpi_id, points.browse())
            came = row._fetch_outcomes(own.mapped("period_start")) if own else {}
            known = own.filtered(lambda point, of=came: point.period_start in of)
            row.shown_result = row._judge_shown(known, came)
            row.plan_result = row._judge_plans(known, came)

    def _judge_shown(self, points, came):
        """Mean error of what was forecast of each period as it began, in words.

        :param came: first day → value, of the periods of all points
        """
        first = points.filtered(lambda point: point.period_start == point.made_on)
        if not first:
            return ""
        values = np.array([came[point.period_start] for point in first])
        errors = np.abs(np.array(first.mapped("value")) - values)
        said = {"error": self._say_error(errors), "count": len(first)}
        if not values.any():
            return self.env._(
                "Average error: %(error)s (closed periods: %(count)s).", **said
            )
        share = max(0.0, 1 - errors.sum() / np.abs(values).sum())
        return self.env._(
            "Average error: %(error)s, %(percent)s accurate (closed periods: "
            "%(count)s).",
            percent=format_percent(self.env, share, 0),
            **said,
        )

    def _judge_plans(self, points, came):
        """Mean errors with and without plans, in words; empty where none has ended.

        :param points: the earlier made first
        """
        latest = {
            each.period_start: (each.value, each.plain_value, came[each.period_start])
            for each in points
            if each.plain_value is not False
        }
        if not latest:
            return ""
        planned, plain, values = np.array([*latest.values()], float).T
        return self.env._(
            "Average error: %(planned)s with planned events, %(plain)s without "
            "(closed periods: %(count)s).",
            planned=self._say_error(planned - values),
            plain=self._say_error(plain - values),
            count=len(latest),
        )

    def _say_error(self, errors):
        """Mean size of errors in the unit of the KPI."""
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.kpi_id.sudo().definition_id
        return kpi._format_rounded(float(np.abs(errors).mean()))

    def _fetch_outcomes(self, starts):
        """First day → value, of closed periods between these that have one."""
        # Who sees a forecast sees the values of its KPI.
        kpi = self.kpi_id.sudo()
        today = kpi.definition_id.calendar_id._today()
        return {
            period.start: value
            for series in kpi._series(
                kpi.frequency, min(starts), max(starts), with_targets=False
            )
            for period, value in zip(
                series.periods, series.values[0].tolist(), strict=True
            )
            if period.stop <= today and value == value
        }


def _trend_columns(series, found):
    summary = found.summary
    numbers = {
        "trend_7_days": summary.change_7_days,
        "trend_30_days": summary.change_30_days,
        "trend_periods": summary.change_periods,
        "latest_periods": summary.latest_periods,
        "earlier_periods": summary.earlier_periods,
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
        "confidence_score": _find_confidence(found)[:, 0],
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
        "judged_count": found.forecast.judged.tolist(),
        "left_out": [
            " ".join(
                period.start.isoformat()
                for period, is_out in zip(found.past_periods, marks, strict=True)
                if is_out
            )
            for marks in found.left_out.tolist()
        ],
        "leaning": [
            " ".join(map(str, found.leanings.get(row, ()))) or None
            for row in range(len(found.left_out))
        ],
    }


def _find_confidence(found):
    """Shape (KPIs, horizon); NaN where it would rest on too little."""
    is_known = found.forecast.judged >= LEAST_JUDGED
    return np.where(is_known[:, None], found.forecast.confidence, np.nan)


def _point_columns(ids, found):
    """Columns of a row per KPI and coming period that has a forecast."""
    rows, places = np.nonzero(np.isfinite(found.outlook.mean))
    starts = [period.start for period in found.coming]
    numbers = get_numbers(found.outlook, found.forecast.judged)
    numbers["plain_value"] = found.plain
    return {
        "report_id": [ids[row] for row in rows],
        "period_start": [starts[place] for place in places],
        **{name: as_column(each[rows, places]) for name, each in numbers.items()},
    }


def _describe(found, place, period):
    numbers = get_numbers(found.outlook, found.forecast.judged)
    numbers["confidence_score"] = _find_confidence(found)
    said = {name: float(array[0, place]) for name, array in numbers.items()}
    return {
        "period_start": period.start.isoformat(),
        "period_stop": period.stop.isoformat(),
        **{name: number if number == number else None for name, number in said.items()},
        "origin": str(found.forecast.labels[0]),
    }
