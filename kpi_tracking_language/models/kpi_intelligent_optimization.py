from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.actions import open_dialog, open_form, show_notification
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.formatting import (
    format_achievement,
    format_percent,
    format_signed,
    month_name,
    weekday_name,
)
from odoo.addons.kpi_base.schemas.base import Id, Nothing
from odoo.addons.kpi_base.schemas.base import Number as Finite
from odoo.addons.kpi_base.user_link import STAY, UserLink
from odoo.addons.kpi_tracking_analytics.models.kpi_report import REACH, SEASON_LENGTHS
from odoo.addons.kpi_tracking_analytics.models.numbers import Number

from ..engine.advice import suggest_targets
from ..engine.levers import LEAST, LeverError, judge_levers
from ..engine.needs import find_needs
from ..engine.timing import WEEK, WEEKS, find_patterns, locate

TYPES = [
    ("target_optimization", "Target"),
    ("resource_allocation", "Resources"),
    ("timing_optimization", "Timing"),
    ("formula_optimization", "Formula"),
]
MODELS = [
    ("linear_regression", "Linear Regression"),
    ("random_forest", "Random Forest"),
    ("neural_network", "Neural Network"),
    ("gradient_boosting", "Gradient Boosting"),
]
NEXT = 1  # the first period that has not begun
LEAST_PEERS = 2
LEAST_CHANCE = 0.001  # that is shown
KEPT = timedelta(days=731)


class KpiIntelligentOptimization(models.Model):
    """A piece of advice about a KPI, and what came of it.

    It stays as it was made: for a period, from values up to ``cutoff``. Once that
    period is over it is scored, beside the forecast made at the same time.
    """

    _name = "kpi.intelligent.optimization"
    _description = "KPI Advice"
    _inherit = ["kpi.readonly.mixin", "kpi.unit.mixin", "kpi.phrase.mixin"]
    _order = "cutoff desc, id desc"
    _rec_name = "report_id"
    _log_access = False

    report_id = fields.Many2one(
        "kpi.report",
        "KPI",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    optimization_type = fields.Selection(TYPES, "About", required=True, readonly=True)
    ml_model_type = fields.Selection(MODELS, "Model", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Created For",
        readonly=True,
        ondelete="cascade",
        help="Visible only to this person, as it is based on KPIs they can access.",
    )
    cutoff = fields.Date(
        "Data Cutoff",
        required=True,
        readonly=True,
    )
    period_start = fields.Date("For", required=True, readonly=True)
    period_label = fields.Char("Period", compute="_compute_period_label")
    confidence_score = Number("Confidence (%)")
    suggested_value = Number("Suggested")
    stretch_value = Number("Stretch")
    forecast_value = Number("Forecast")
    forecast_low = Number("Forecast (Low)")
    forecast_high = Number("Forecast (High)")
    judged_count = fields.Integer(
        "Past Forecasts Checked",
        readonly=True,
        aggregator=False,
    )
    back_test = fields.Text("Back-Test", readonly=True)
    text = fields.Text(readonly=True, exportable=False)
    recommendation = fields.Text(compute="_compute_recommendation")
    impact_prediction = fields.Text("Expected Effect", readonly=True)
    peers = fields.Text(compute="_compute_peers")
    taken_by_id = fields.Many2one(
        "res.users", string="Applied By", readonly=True, ondelete="set null"
    )
    taken_on = fields.Datetime("Applied On", readonly=True)
    actual_value = Number("Actual")
    is_reached = fields.Boolean("Reached", readonly=True)
    is_stretch_reached = fields.Boolean("Stretch Reached", readonly=True)
    scored_on = fields.Date(readonly=True)
    result = fields.Char(compute="_compute_result")
    record = fields.Text("Track Record", compute="_compute_record")

    _optimization_type_choices = Choices("optimization_type")
    _ml_model_type_choices = Choices("ml_model_type")
    _advice_uniq = models.UniqueIndex(
        "(report_id, optimization_type, cutoff) WHERE user_id IS NULL",
        "This advice already exists.",
    )
    _due_idx = models.Index("(report_id, period_start) WHERE scored_on IS NULL")

    @api.depends("report_id", "period_start")
    def _compute_period_label(self):
        for advice in self:
            start = advice.period_start
            advice.period_label = start and advice.report_id._get_period_label(start)

    @api.depends("report_id", "period_label")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name the KPI and the period; what is advised is for whoever opens it."""
        for advice in self:
            kpi = advice.report_id.display_name
            advice.display_name = kpi and self.env._(
                "%(kpi)s, advice for %(period)s",
                kpi=kpi,
                period=advice.period_label,
            )

    @api.depends("text", "suggested_value", "stretch_value")
    def _compute_recommendation(self):
        for advice in self:
            advice.recommendation = advice.text or advice._say_target()

    def _say_target(self):
        if self.suggested_value is False:
            return ""
        return self._phrase(
            "target",
            target=self._write(self.suggested_value),
            period=self.period_label,
            half=format_percent(self.env, 0.5, 0),
            stretch=self._write(self.stretch_value),
            quarter=format_percent(self.env, 0.25, 0),
        )

    def _write(self, value):
        return self.report_id._write_value(value)

    @api.depends("report_id")
    @api.depends_context("uid")
    def _compute_peers(self):
        """The same KPI of others on the same level, as far as the user sees them."""
        for advice in self:
            own = advice.report_id
            last = advice.cutoff - timedelta(days=1)
            period = own.definition_id.calendar_id._period(own.frequency, last)
            # How large others are says nothing of a target for this one.
            achieved = [*own._read_peers(period).values()]
            median, best = np.percentile(achieved, [50, 75]) if achieved else (0, 0)
            advice.peers = len(achieved) >= LEAST_PEERS and self._phrase(
                "target.peers",
                count=len(achieved),
                median=format_achievement(self.env, median),
                best=format_achievement(self.env, best),
            )

    @api.depends("scored_on", "actual_value")
    def _compute_result(self):
        for advice in self:
            advice.result = advice._say_result() if advice.scored_on else ""

    def _say_result(self):
        return self._phrase(
            "reached" if self.is_reached else "missed",
            period=self.period_label,
            actual=self._write(self.actual_value),
            suggested=self._write(self.suggested_value),
            forecast=self._write(self.forecast_value),
        )

    @api.depends("optimization_type")
    @api.depends_context("uid")
    def _compute_record(self):
        rows = self._read_group(
            [("scored_on", "!=", False)],
            ["optimization_type", "is_reached", "is_stretch_reached"],
            ["__count"],
        )
        for advice in self:
            own = [row for row in rows if row[0] == advice.optimization_type]
            total = sum(row[-1] for row in own)
            advice.record = self._phrase(
                "record" if total else "record.none",
                total=total,
                reached=sum(row[-1] for row in own if row[1]),
                stretch=sum(row[-1] for row in own if row[2]),
            )

    def action_take(self):
        """Open a new target with what is advised, or use the formula that is; says who
        has taken it."""
        self.ensure_one()
        self.check_access("read")
        if self.optimization_type != "target_optimization":
            raise UserError(self.env._("Only target advice can be applied."))
        report = self.report_id
        values = {
            "default_report_id": report.id,
            "default_date_from": fields.Date.to_string(self.period_start),
            "default_value": round(self.suggested_value, self.decimals),
            "default_stretch": round(self.stretch_value, self.decimals),
        }
        if report.has_guarded_targets:
            dialog = self.env["kpi.target.proposal"]
            values["default_choice"] = "add"
            title = self.env._("Propose a Change")
        else:
            report.check_access("write")
            self.env["kpi.target"].check_access("create")
            dialog, title = self.env["kpi.target"], self.env._("New Target")
        self._note_taken()
        return open_dialog(dialog, title, **values)

    def _note_taken(self):
        if not self.env.cr.readonly and not self.taken_by_id:
            # Whoever may change targets has been asked; the engine writes it.
            self.sudo().write(
                {"taken_by_id": self.env.uid, "taken_on": fields.Datetime.now()}
            )

    def _open(self):
        return open_form(self, name=self.env._("Advice"))

    @api.model
    def _store_once(self, keys, **values):
        """Advice that only the user sees: what is known by ``keys``, else a new one."""
        keys = {**keys, "user_id": self.env.uid}
        known = self.search([(name, "=", value) for name, value in keys.items()])
        # The engine keeps what it has said to this user.
        return known or self.sudo().create({**keys, **values})

    def action_open_kpi(self):
        """Open the KPI."""
        self.ensure_one()
        return open_form(self.report_id)

    @api.model
    def optimize_target_values(self, department_id: Id | Nothing = None):
        """Advise a target for the next period, and a stretch, of KPIs the user sees.

        The target is what the forecast reaches with a chance of 50%, the stretch with
        25%, by the errors that earlier forecasts had. KPIs whose target is a range, or
        of which too few forecasts were judged, have none.

        :param department_id: only KPIs of this department and those below; None = all
        :return: list of dicts of ``id`` (of the advice), ``report_id``,
            ``period_start`` (ISO format), ``target``, ``stretch`` and
            ``recommendation``
        """
        domain = Domain("definition_id.active", "=", True)
        if department_id:
            domain &= Domain("department_id", "child_of", department_id)
        return self._advise_targets(self.env["kpi.report"].search(domain))

    @api.model
    def _advise_targets(self, reports):
        """Advice on targets of these KPIs, for answers; the new and the known."""
        analytics = self.env["kpi.predictive.analytics"]
        # Who sees a KPI sees what comes of its values.
        seen = reports.sudo()
        methods = analytics._fetch_methods(seen)
        found = self.browse()
        for grain, alike in seen.grouped("frequency").items():
            by_method = alike.grouped(lambda kpi: methods.get(kpi.id, "automatic"))
            for method, own in by_method.items():
                for series, made in analytics._list_analysed(grain, own, method):
                    found |= self._store_targets(series, made, is_all=True)
        return [
            {
                "id": advice.id,
                "report_id": advice.report_id.id,
                "period_start": advice.period_start.isoformat(),
                "target": advice.suggested_value,
                "stretch": advice.stretch_value,
                "recommendation": advice.recommendation,
            }
            for advice in found.with_env(self.env)
        ]

    @api.model
    def _store_targets(self, series, found, *, is_all=False):
        """Store advice on targets, once for each end of a period.

        :param found: ``Analysed`` of ``series``
        :param is_all: also of KPIs without a target; else it waits until one is asked
        """
        made, ids = found.forecast, series.report_ids
        target, stretch = suggest_targets(made, found.question.directions, NEXT)
        cutoff, period = found.coming[0].start, found.coming[NEXT]
        place = series.index_of[period.start]
        has_target = ~np.isnan(series.targets.target[:, place])
        # Made for all who see the KPI, by the engine.
        advices = self.sudo()
        known = advices.search(
            [
                ("report_id", "in", list(ids)),
                ("optimization_type", "=", "target_optimization"),
                ("cutoff", "=", cutoff),
                ("user_id", "=", False),
            ]
        )
        told = set(known.report_id.ids)
        rows = [
            row
            for row, report_id in enumerate(ids)
            if report_id not in told
            and np.isfinite(target[row])
            and (is_all or has_target[row])
        ]
        return known | advices.create(
            [
                {
                    "report_id": ids[row],
                    "optimization_type": "target_optimization",
                    "cutoff": cutoff,
                    "period_start": period.start,
                    "suggested_value": float(target[row]),
                    "stretch_value": float(stretch[row]),
                    "forecast_value": float(made.mean[row, NEXT]),
                    "forecast_low": float(made.low_80[row, NEXT]),
                    "forecast_high": float(made.high_80[row, NEXT]),
                    "confidence_score": float(
                        np.nan_to_num(made.confidence[row, NEXT])
                    ),
                    "judged_count": int(made.judged[row]),
                }
                for row in rows
            ]
        )

    @api.model
    def _score(self, series, today):
        """Score what is over by the values that came."""
        # As above.
        due = self.sudo().search(
            [
                ("report_id", "in", list(series.report_ids)),
                ("scored_on", "=", False),
                ("period_start", "<", today),
                "|",
                ("optimization_type", "!=", "formula_optimization"),
                ("formula", "!=", False),
            ]
        )
        for advice in due:
            at = series.index_of.get(advice.period_start)
            if at is None or series.periods[at].stop > today:
                continue
            value = float(series.values[series.row_of[advice.report_id.id], at])
            if value != value:
                continue
            advice.write(
                {
                    **advice._prepare_score(value),
                    "actual_value": value,
                    "scored_on": today,
                }
            )

    def _prepare_score(self, value):
        """What the value that came says of the advice."""
        side = -1 if self.report_id.direction == "lower" else 1
        stretch = self.stretch_value
        return {
            "is_reached": side * value >= side * self.suggested_value,
            "is_stretch_reached": stretch is not False
            and side * value >= side * stretch,
        }

    @api.model
    def predict_resource_needs(self, kpi_id: Id, target_improvement: Finite):
        """Say which levels of its levers go with a KPI that is so much better.

        Levers are KPIs that an officer has marked in its definition, of the same
        department, team or person. Only those count that say more of the KPI, in the
        same period or up to four periods later, than its past, season and trend do.

        :param target_improvement: percent of the latest value; above 0 = better
        :return: dict of ``is_accepted``, ``sentences``, ``skills`` (a dict per lever of
            ``lever``, ``is_accepted``, ``is_after``: it follows the KPI, ``lag``:
            periods that it comes before it, ``chance``: of saying as much by chance,
            0–1, and in the KPI's unit ``error_without``, ``error_with`` and
            ``importance``), ``ml_model_type``, ``needs`` (dicts of ``lever``, ``low``,
            ``high``, ``seen_low`` and ``seen_high`` of accepted ones) and ``advice_id``
        :raises UserError: there are no levers, or nothing can be learned from them
        """
        report = self.env["kpi.report"]._find_readable(kpi_id)
        if target_improvement <= 0:
            raise UserError(self.env._("Enter the improvement in percent."))
        levers = self._find_levers(report)
        values, rows, periods = self._read_levers(report, levers)
        season = SEASON_LENGTHS[report.frequency]
        side = -1 if report.direction == "lower" else 1
        known = values[np.isfinite(values)]
        latest = float(known[-1]) if known.size else 0.0
        change = side * abs(latest) * target_improvement / 100
        method, needs = None, []
        try:
            verdicts = judge_levers(values, rows, season)
            real = [at for at, each in enumerate(verdicts) if each.is_real]
            if real:
                lags = [verdicts[at].lag for at in real]
                method, needs = find_needs(values, rows[real], lags, season, change)
        except LeverError as error:
            raise UserError(self._get_refusal(report, error)) from error
        except ImportError as error:
            raise UserError(
                self.env._("The Python package scikit-learn is missing. Install it.")
            ) from error
        answer = {
            "is_accepted": bool(real),
            "skills": [
                {
                    "lever": lever.name,
                    "is_accepted": each.is_real,
                    "is_after": each.is_after,
                    "lag": each.lag,
                    "chance": each.chance,
                    "error_without": each.error_without,
                    "error_with": each.error_with,
                    "importance": each.importance,
                }
                for lever, each in zip(levers, verdicts, strict=True)
            ],
            "ml_model_type": method,
            "needs": [],
            "advice_id": None,
        }
        skill = " ".join(
            self._get_skill_message(report, lever, each)
            for lever, each in zip(levers, verdicts, strict=True)
        )
        if not real:
            refusal = self._phrase("skill.none", kpi=report.name, skill=skill)
            return {**answer, "sentences": [refusal]}
        used = [
            (levers[at], verdicts[at], need)
            for at, need in zip(real, needs, strict=True)
        ]
        answer["needs"] = [
            {
                "lever": lever.name,
                "low": need.levels and need.levels[0],
                "high": need.levels and need.levels[1],
                "seen_low": need.seen[0],
                "seen_high": need.seen[1],
            }
            for lever, _verdict, need in used
        ]
        sentences = [self._get_need_message(report, *each) for each in used]
        sentences.append(self._phrase("need.unproven"))
        calendar = report.definition_id.calendar_id
        period = calendar._period(report.frequency, periods[-1].stop)
        period = calendar._period(report.frequency, period.stop)
        expected = self.env["kpi.predictive.point"].search(
            [
                ("report_id", "=", report.id),
                ("is_latest", "=", True),
                ("period_start", "=", period.start),
            ]
        )
        advice = self._store_once(
            {
                "report_id": report.id,
                "optimization_type": "resource_allocation",
                "cutoff": periods[-1].stop,
                "text": " ".join(sentences),
            },
            ml_model_type=method,
            period_start=period.start,
            suggested_value=latest + change,
            forecast_value=expected.value,
            forecast_low=expected.low_80,
            forecast_high=expected.high_80,
            confidence_score=100 * (1 - max(verdicts[at].chance for at in real)),
            back_test=skill,
            impact_prediction=self._phrase(
                "need.effect",
                kpi=report.name,
                percent=format_percent(self.env, target_improvement / 100, 0),
                value=report._write_value(latest + change),
            ),
        )
        return {**answer, "sentences": sentences, "advice_id": advice.id}

    @api.model
    def _get_refusal(self, report, error):
        """Why nothing can be learned from the levers."""
        if str(error) == "short":
            return self.env._(
                "%(kpi)s and its levers share fewer than %(least)s periods with "
                "values, or have too many gaps.",
                kpi=report.name,
                least=LEAST,
            )
        return self.env._(
            "No advice: %s or one of its levers never changes.", report.name
        )

    @api.model
    def _find_levers(self, report):
        """The KPIs that may move it, on its own level, as far as the user sees them."""
        # Which KPIs are its levers is no secret; their values are read as the user.
        definitions = report.sudo().definition_id.lever_ids
        alike = ("scope_type", "scope_id", "frequency")
        levers = report.search(
            [
                ("definition_id", "in", definitions.ids),
                ("definition_id.calendar_id", "=", report.definition_id.calendar_id.id),
                ("company_id", "=", report.company_id.id),
                *((name, "=", report[name]) for name in alike),
            ],
            order="name",
        )
        if not levers:
            raise UserError(
                self.env._(
                    "%s has no levers you can access at this level. Ask a KPI "
                    "officer to add some.",
                    report.name,
                )
            )
        return levers

    @api.model
    def _read_levers(self, report, levers):
        """Values of the KPI, shape (periods,), of its levers, and closed periods."""
        # What has ended years ago is learned from as well, up to its last value.
        latest = report._current_period()
        today = report.definition_id.calendar_id._today()
        today = min(today, latest.stop) if latest else today
        past, _coming, days = REACH[report.frequency]
        (series,) = (report | levers)._series(
            report.frequency,
            today - timedelta(days=past * days),
            today,
            with_targets=False,
        )
        closed = sum(period.stop <= today for period in series.periods)
        rows = [series.row_of[each.id] for each in (report, *levers)]
        values = series.values[rows, :closed]
        return values[0], values[1:], series.periods[:closed]

    @api.model
    def optimize_timing(self, kpi_id: Id):
        """Say on which weekdays, in which weeks of the month or in which months a KPI
        is best, where that is more than chance.

        The surest pattern becomes advice for the next such period: what its latest
        values and the pattern come to.

        :return: dict of ``patterns`` (dicts of ``kind``, ``effects``: place, from 0 =
            Monday or January, → distance from the mean, in the KPI's unit, and
            ``chance``, 0–1), ``sentences`` and ``advice_id`` (None = no pattern)
        """
        report = self.env["kpi.report"]._find_readable(kpi_id)
        values, _levers, periods = self._read_levers(report, report.browse())
        starts = [period.start for period in periods]
        found = find_patterns(report.frequency, starts, values)
        side = {"higher": 1, "lower": -1}.get(report.direction, 0)
        answer = {
            "patterns": [
                {"kind": each.kind, "effects": each.effects, "chance": each.chance}
                for each in found
            ],
            "sentences": [self._say_pattern(report, each, side or 1) for each in found]
            or [self._phrase("pattern.none")],
            "advice_id": None,
        }
        if not found or not side:
            return answer
        first = found[0]
        best = max(first.effects, key=lambda place: side * first.effects[place])
        calendar = report.definition_id.calendar_id
        period = calendar._period(report.frequency, periods[-1].stop)
        while locate(first.kind, period.start)[1] != best:
            period = calendar._period(report.frequency, period.stop)
        # The level is the mean of as many of the latest values as a block has places.
        level = np.mean(values[np.isfinite(values)][-len(first.effects) :])
        chance = format_percent(self.env, first.chance, 1)
        advice = self._store_once(
            {
                "report_id": report.id,
                "optimization_type": "timing_optimization",
                "cutoff": periods[-1].stop,
            },
            period_start=period.start,
            suggested_value=float(level + first.effects[best]),
            confidence_score=100 * (1 - first.chance),
            text=answer["sentences"][0],
            back_test=self._phrase("pattern.test", count=first.blocks, chance=chance),
        )
        return {**answer, "advice_id": advice.id}

    @api.model
    def _say_pattern(self, report, pattern, side):
        """When the KPI is best and when it is worst, and by how much."""
        ranked = sorted(
            pattern.effects, key=lambda place: -side * pattern.effects[place]
        )

        def write(place):
            effect = pattern.effects[place]
            return format_signed(self.env, effect, report._write_size(effect, extra=1))

        return self._phrase(
            "pattern",
            kpi=report.name,
            best=self._name_place(pattern.kind, ranked[0]),
            best_by=write(ranked[0]),
            worst=self._name_place(pattern.kind, ranked[-1]),
            worst_by=write(ranked[-1]),
        )

    @api.model
    def _name_place(self, kind, place):
        """A place of a pattern, such as “Monday”, in the user's language."""
        if kind == "weekday":
            return weekday_name(self.env, place)
        if kind == "month":
            return month_name(self.env, place + 1)
        last = 31 if place == WEEKS - 1 else (place + 1) * WEEK
        return self._phrase("pattern.days", first=place * WEEK + 1, last=last)

    @api.model
    def _get_skill_message(self, report, lever, verdict):
        """How much better the KPI is expected with a lever than without it."""

        def write(size):
            return report._write_size(size, extra=1)

        words = {
            "lever": lever.name,
            "lag": self._get_lag_message(verdict.lag),
            "error_with": write(verdict.error_with),
            "error_without": write(verdict.error_without),
            "importance": format_signed(
                self.env, verdict.importance, write(verdict.importance)
            ),
            "chance": format_percent(self.env, max(verdict.chance, LEAST_CHANCE), 1),
        }
        message = self._phrase("skill", **words)
        if verdict.is_after:
            after = self._phrase("skill.after", kpi=report.name, lever=lever.name)
            return f"{message} {after}"
        return message

    @api.model
    def _get_lag_message(self, lag):
        return self._phrase("lag", count=lag) if lag else self._phrase("lag.same")

    @api.model
    def _get_need_message(self, report, lever, verdict, need):
        """The levels of a lever that go with the improvement, or that none does."""
        name = lever.name
        if verdict.lag:
            name = f"{name} ({self._get_lag_message(verdict.lag)})"
        words = {
            "lever": name,
            "seen_low": lever._write_value(need.seen[0]),
            "seen_high": lever._write_value(need.seen[1]),
        }
        if need.levels is None:
            most = report._write_value(max(need.most, 0.0))
            return self._phrase("need.beyond", most=most, **words)
        low, high = map(lever._write_value, need.levels)
        return self._phrase("need", low=low, high=high, **words)

    @api.autovacuum
    def _gc_old(self):
        oldest = fields.Date.today() - KEPT
        self.search([("cutoff", "<", oldest)]).unlink()


class KpiPredictiveAnalytics(models.Model):
    """Each analysis advises targets, and scores earlier advice."""

    _inherit = "kpi.predictive.analytics"

    def _store(self, series, found, grain):
        written = super()._store(series, found, grain)
        advices = self.env["kpi.intelligent.optimization"]
        advices._store_targets(series, found)
        advices._score(series, found.question.today)
        return written


class KpiReport(models.Model):
    """A KPI, and what is advised about it."""

    _inherit = "kpi.report"

    advice_ids = fields.One2many(
        "kpi.intelligent.optimization", "report_id", readonly=True
    )

    def _read_peers(self, period):
        """The same KPI of others on the same level, that the user sees → achievement.

        :param period: ``Period``
        """
        peers = self.search(
            [
                ("definition_id", "=", self.definition_id.id),
                ("scope_type", "=", self.scope_type),
                ("id", "!=", self.id),
            ]
        )
        if self.scope_type == "department":
            # How deep departments lie is no secret to those who see their KPIs.
            depth = {
                kpi: kpi.sudo().department_id.parent_path.count("/")
                for kpi in peers | self
            }
            peers = peers.filtered(lambda kpi: depth[kpi] == depth[self])
        if not peers:
            return {}
        start = period.start
        found = peers._get_judged_values(period.grain, start, start)
        return {
            peer: judged[start].achievement
            for peer, judged in found.items()
            if start in judged and judged[start].achievement is not None
        }

    def action_advise_target(self):
        """Open the target that is advised for the next period."""
        self.ensure_one()
        self.check_access("read")
        found = self.env["kpi.intelligent.optimization"]._advise_targets(self)
        if not found:
            raise UserError(
                self.env._(
                    "No target advice yet. The KPI needs a direction and six "
                    "checked forecasts."
                )
            )
        return self.env["kpi.intelligent.optimization"].browse(found[0]["id"])._open()

    def action_advise_timing(self):
        """Open what is known of when the KPI is best."""
        self.ensure_one()
        advices = self.env["kpi.intelligent.optimization"]
        return self._show_advice(advices.optimize_timing(self.id))

    def _show_advice(self, found):
        """Open advice, or say why there is none."""
        if not found["advice_id"]:
            return show_notification(" ".join(found["sentences"]), type="info")
        advices = self.env["kpi.intelligent.optimization"]
        return advices.browse(found["advice_id"])._open()


class KpiUserLink(models.AbstractModel):
    """Who has taken advice stays named; what was made for somebody ends with them."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        name = "kpi.intelligent.optimization"
        return [
            *super()._get_links(),
            UserLink(name, "taken_by_id", STAY),
            UserLink(name, "user_id", STAY),
        ]
