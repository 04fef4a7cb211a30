import logging
from datetime import UTC, timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import FIRST_DAY, utc_bounds, zone
from odoo.addons.kpi_base.engine.worktime import Timeline, to_instants, work_seconds
from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.repeat import LATE

from ...analytics.forecast import NumberKind
from ...analytics.judged import Analysed, Question, analyse
from .merge import merge_rows
from .missing import as_column
from .outlook_numbers import PERCENT, get_numbers

# grain → closed periods looked at, periods forecast, days that hold as many for sure
REACH = {
    "day": (400, 35, 1),
    "week": (160, 14, 7),
    "month": (84, 13, 31),
    "quarter": (48, 5, 92),
    "year": (30, 3, 366),
}
SEASON_LENGTHS = {"day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}
DAY = timedelta(days=1)
# Of numbers or packages, for whoever follows the KPI; others are faults of the code.
SAID = (ArithmeticError, ValueError, ImportError)
_logger = logging.getLogger(__name__)


class KpiPredictiveAnalytics(models.Model):
    """The analysis of many KPIs at once: read as arrays, stored by a few statements."""

    _inherit = "kpi.predictive.analytics"

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
        self._remove_marks(marks)
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
                return self._note_failed(reports, error)
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

    def _note_failed(self, report, error):
        """Say on the row of a KPI why it has no new analysis; what it had stays."""
        if not isinstance(error, SAID):
            _logger.error("KPI %s was not analysed", report.id, exc_info=error)
        return merge_rows(
            self,
            ["kpi_id"],
            {
                "kpi_id": report.ids,
                "prediction_model": ["automatic"],
                "error": [failure_text(self.env, error)],
                "due_on": [fields.Date.today() + DAY],
            },
            ["prediction_model"],
        )


class KpiReport(models.Model):
    """What is asked of the analysis of KPIs that are read together."""

    _inherit = "kpi.report"

    def _ask_analysis(self, series, grain, method, today=None):
        """The ``Question`` of these KPIs, in the order of the rows of ``series``.

        :param today: local day of the calendar; None = that of now
        """
        made_of = [report.definition_id for report in self]
        today = today or made_of[0].calendar_id._today()
        running = next(each for each in series.periods if each.stop > today)
        ((elapsed, days_left),) = self._measure_work([(running, fields.Datetime.now())])
        return Question(
            grain=grain,
            today=today,
            method=method,
            season_length=SEASON_LENGTHS[grain],
            horizon=REACH[grain][1],
            directions=np.array([kpi.direction for kpi in made_of]),
            is_additive=np.array([kpi.aggregation_time == "sum" for kpi in made_of]),
            kinds=np.array([_kind_of(kpi) for kpi in made_of]),
            elapsed=elapsed,
            days_left=days_left,
            dismissed=self.env["kpi.anomaly"]._fetch_dismissed(self.ids),
            effects=self.env["kpi.annotation"]._fetch_effects(self.ids),
            levels=self._find_levels(),
            holidays=self._find_holidays(series.periods) if grain == "day" else None,
        )

    def _find_holidays(self, days):
        """Days on which each KPI's company would work, but for a holiday.

        :return: shape (KPIs, days)
        """
        calendars = self.company_id.resource_calendar_id
        works = calendars._kpi_work_calendars(days[0].start - DAY, days[-1].stop + DAY)
        spec = self.definition_id[:1].calendar_id._spec()
        bounds = np.array([to_instants(utc_bounds(spec, day)) for day in days])
        weekdays = np.array([day.start.weekday() for day in days])
        found = {}
        for id_, work in works.items():
            worked = work_seconds(Timeline(work), *bounds.T)
            usual = [np.median(worked[weekdays == weekday]) for weekday in weekdays]
            found[id_] = (worked == 0) & (np.array(usual) > 0)
        none = np.zeros(len(days), bool)
        return np.array(
            [
                found.get(report.company_id.resource_calendar_id.id, none)
                for report in self
            ]
        )

    def _measure_work(self, moments):
        """Share of a period's working time that has passed, and working days left.

        By the working hours of each KPI's company, holidays left out; where there are
        none in the period, by its days. The calendars are read once.

        :param moments: pairs of a period and a naive UTC moment in it, at least one
        :return: for each moment two arrays, an entry per KPI
        """
        calendars = self.company_id.resource_calendar_id
        first = min(period.start for period, _moment in moments)
        stop = max(period.stop for period, _moment in moments)
        works = calendars._kpi_work_calendars(first - DAY, stop + DAY)
        timelines = {id_: Timeline(work) for id_, work in works.items()}
        spec = self.definition_id[:1].calendar_id._spec()
        own = [report.company_id.resource_calendar_id.id for report in self]
        found = []
        for period, moment in moments:
            bounds = utc_bounds(spec, period)
            share_of = {
                id_: _measure_left(timeline, bounds, moment)
                for id_, timeline in timelines.items()
            }
            plain = _measure_days(period, _find_day(spec, moment))
            rows = [share_of.get(id_) or plain for id_ in own]
            found.append(tuple(np.array(rows, float).reshape(-1, 2).T))
        return found


def _find_day(spec, moment):
    """Local day of a naive UTC moment."""
    return moment.replace(tzinfo=UTC).astimezone(zone(spec.tz)).date()


def _measure_left(timeline, bounds, now):
    """Share passed and working days left by a calendar; None where nobody works.

    :param bounds: first and last instant of the period
    """
    start, stop, instant = to_instants([*bounds, now])
    instant = min(max(instant, start), stop)
    whole, left = work_seconds(timeline, np.array([start, instant]), stop)
    if not whole:
        return None
    midnights = np.arange(start, stop, DAY.total_seconds())
    worked = work_seconds(timeline, midnights, midnights + DAY.total_seconds())
    return 1 - left / whole, left / worked[worked > 0].mean()


def _measure_days(period, today):
    passed = min(max((today - period.start).days, 0), period.days)
    return passed / period.days, float(period.days - passed)


def _kind_of(kpi):
    """What numbers a KPI can have."""
    if kpi.computation == "records" and kpi.measure in ("count", "distinct"):
        return NumberKind.COUNT
    return NumberKind.BY_HISTORY


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
