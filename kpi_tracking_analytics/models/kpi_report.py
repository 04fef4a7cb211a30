from collections import defaultdict
from dataclasses import asdict, replace
from datetime import UTC, timedelta

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.engine.periods import utc_bounds, zone
from odoo.addons.kpi_base.engine.worktime import Timeline, to_instants, work_seconds
from odoo.addons.kpi_base.schemas.base import Grain, Id, Nothing
from odoo.addons.kpi_tracking.engine.status import Judged

from ..analytics.forecast import NumberKind
from ..analytics.judged import Question
from ..analytics.period_outlook import PeriodOutlook
from ..analytics.whole import Level
from .kpi_predictive_point import SHOWN
from .numbers import YOUNG

WIDE = ("company", "department")  # teams share people with departments
NESTED = (*WIDE, "user")
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


class KpiReport(models.Model):
    """The chart of a KPI goes on with what is expected of it."""

    _inherit = "kpi.report"

    predictive_ids = fields.One2many("kpi.predictive.analytics", "kpi_id")
    trend_ids = fields.One2many("kpi.trend.analysis", "kpi_id", "Trends")

    @api.model
    def _find_readable(self, kpi_id):
        """The KPI of an id from outside, if the user sees it.

        :raises UserError: there is none
        :raises AccessError: the user does not see it
        """
        report = self.browse(kpi_id).exists()
        if not report:
            raise UserError(self.env._("This KPI does not exist."))
        report.check_access("read")
        return report

    def _get_period_label(self, day, grain=None):
        """Name of the period that holds a day; ``grain``: None = the KPI's own."""
        calendar = self.definition_id.calendar_id
        return calendar._period_label(calendar._period(grain or self.frequency, day))

    def _get_verdicts(self):
        """As before, with what the running periods will probably come to."""
        verdicts, outlooks = super()._get_verdicts(), self._read_outlooks()
        return {
            report: replace(verdict, outlook=outlooks.get(report._origin.id))
            for report, verdict in verdicts.items()
        }

    def _read_outlooks(self):
        """How the running periods will probably end: report id → ``PeriodOutlook``.

        By one statement. None of a forecast that was made in an earlier period or
        could not be made; without a chance where too few values are known to tell one.
        """
        self.env["kpi.definition"].flush_model(["calendar_id", "frequency"])
        self.env["kpi.predictive.analytics"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT definition.calendar_id, definition.frequency, known.kpi_id,
                       known.period_start, known.expected_value, known.expected_low,
                       known.expected_high,
                       CASE WHEN known.origin <> ALL(%s)
                            THEN known.target_probability END,
                       COALESCE(known.expected_status, '')
                  FROM kpi_predictive_analytics AS known
                  JOIN kpi_report AS report ON report.id = known.kpi_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                 WHERE known.kpi_id = ANY(%s)
                   AND known.error IS NULL
                   AND known.expected_value IS NOT NULL
                """,
                [*YOUNG],
                self._origin.ids,
            )
        )
        # What periods are called is no secret to those who see a KPI.
        calendars = self.env["kpi.calendar"].sudo()
        running, found = {}, {}
        for calendar_id, grain, report_id, start, *numbers in rows:
            if (calendar_id, grain) not in running:
                calendar = calendars.browse(calendar_id)
                period = calendar._period(grain, calendar._today())
                label = calendar._period_label(period)
                running[calendar_id, grain] = period, label
            period, label = running[calendar_id, grain]
            if start == period.start:
                found[report_id] = PeriodOutlook(period, label, *numbers)
        return found

    def action_open_forecast(self):
        """Open how the forecast was made, and what the past looks like."""
        self.ensure_one()
        return open_form(self.predictive_ids, name=self.env._("Forecast"))

    @api.model
    @api.readonly
    def get_history(self, report_id: Id | Nothing, grain: Grain | Nothing = None):
        """As before; points have ``unusual``: what is so, in words, or nothing.

        Running and coming ones have ``expected``, coming ones also ``coming``: dict of
        ``value``, and the limits ``low`` and ``high`` of 80%.
        """
        history = super().get_history(report_id, grain)
        report = self.with_context(active_test=False).browse(report_id)
        if not history.get("points") or history["grain"] != report.frequency:
            return history
        report._add_expected(history["points"])
        report._add_unusual(history["points"])
        return history

    def _add_expected(self, points):
        """Say what a running point comes to, and add those to come."""
        known = self.env["kpi.predictive.point"]._read_expected(self.ids)
        if self.id not in known:
            return
        expected = {
            start.isoformat(): point.as_json()
            for start, point in known[self.id].points.items()
        }
        for point in points:
            if point["running"] and point["start"] in expected:
                point["expected"] = expected[point["start"]]
        points += self._list_coming(points[-1]["start"], expected)

    def _add_unusual(self, points):
        """Say of each point what is unusual about it."""
        found = self.env["kpi.anomaly"].search(
            [
                ("report_id", "=", self.id),
                ("state", "!=", "dismissed"),
                ("oddest_start", ">=", points[0]["start"]),
            ]
        )
        texts = {
            anomaly.oddest_start.isoformat(): anomaly.description for anomaly in found
        }
        for point in points:
            point["unusual"] = texts.get(point["start"], "")

    def _list_coming(self, last, expected):
        """Points of the periods after the last one shown.

        Those that have closed without a value are there, so that time runs evenly;
        where they would be more than what is expected, nothing of it is shown.
        """
        if not expected or last >= max(expected):
            return []
        calendar, grain = self.definition_id.calendar_id, self.frequency
        days = (fields.Date.to_date(day) for day in (last, max(expected)))
        periods = calendar._periods(grain, *days)[1:]
        missing = sum(each.start.isoformat() not in expected for each in periods)
        if missing > SHOWN[grain]:
            return []
        last_day = periods[-1].stop - timedelta(days=1)
        judged = self._get_judged_values(grain, periods[0].start, last_day)[self]
        return [
            {
                **asdict(judged.get(period.start, Judged())),
                "label": calendar._period_label(period),
                "start": period.start.isoformat(),
                "due": 1.0,
                "due_high": 1.0,
                "rated_value": None,
                "today": None,
                "seam": "",
                "change_reason": "",
                "running": False,
                "incomplete": False,
                "restated": [],
                # Of a period that has closed nothing is expected any more.
                **(
                    {"coming": True, "expected": expected[period.start.isoformat()]}
                    if period.start.isoformat() in expected
                    else {}
                ),
            }
            for period in periods
        ]

    def _find_levels(self):
        """Levels of parents among these KPIs, the widest first; rows are places in it.

        A parent of which a part is not among them is left out, and who is in two
        departments at once.

        :return: list of ``Level``
        """
        summed = self.filtered(lambda kpi: kpi.definition_id.aggregation_scope == "sum")
        wide = summed.filtered(lambda kpi: kpi.scope_type in WIDE)
        if not wide or wide == summed and set(wide.mapped("scope_type")) == {"company"}:
            return []
        row_of = {id_: row for row, id_ in enumerate(self.ids)}
        parents_of, incomplete = defaultdict(set), set()
        pairs = wide._list_scope_pairs()
        nested = self.browse({part for part, _parent in pairs}).filtered(
            lambda kpi: kpi.scope_type in NESTED
        )
        for part, parent in pairs:
            if part not in nested._ids:
                continue
            if part in row_of:
                parents_of[part].add(parent)
            else:
                incomplete.add(parent)
        parent_of = {
            part: min(parents)
            for part, parents in parents_of.items()
            if len(parents) == 1 and parents.isdisjoint(incomplete)
        }
        by_depth = defaultdict(list)
        for part, parent in parent_of.items():
            depth, above = 0, parent
            while above := parent_of.get(above):
                depth += 1
            by_depth[depth].append((row_of[part], row_of[parent]))
        return [Level(*np.array(by_depth[depth], int).T) for depth in sorted(by_depth)]

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
            # where nobody works, by its days
            today = moment.replace(tzinfo=UTC).astimezone(zone(spec.tz)).date()
            passed = min(max((today - period.start).days, 0), period.days)
            plain = passed / period.days, float(period.days - passed)
            rows = [share_of.get(id_) or plain for id_ in own]
            found.append(tuple(np.array(rows, float).reshape(-1, 2).T))
        return found


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


def _kind_of(kpi):
    """What numbers a KPI can have."""
    if kpi.computation == "records" and kpi.measure in ("count", "distinct"):
        return NumberKind.COUNT
    return NumberKind.BY_HISTORY
