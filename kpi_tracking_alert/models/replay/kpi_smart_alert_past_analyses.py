from collections import defaultdict
from datetime import timedelta

import numpy as np

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.periods import FIRST_DAY, period_of, utc_bounds
from odoo.addons.kpi_tracking_analytics.analytics.earlier import (
    AT_ONCE,
    Earlier,
    list_chances,
    list_courses,
    list_events_then,
)
from odoo.addons.kpi_tracking_analytics.models.analysis.kpi_predictive_run import REACH
from odoo.addons.kpi_tracking_analytics.models.anomaly.kpi_anomaly import RECENT

from ..evaluation.judges import (
    YOUNG,
    judge_anomalies,
    judge_risks,
    judge_trends,
)
from .past_judges import PastAnswers

COURSES = {1: "better", 0: "steady", -1: "worse"}
PERCENT = 100
MOST_CELLS = 1_500_000  # KPIs times periods that analyses look at, for half a minute


class KpiSmartAlert(models.Model):
    """What analyses would have said to rules over trends, chances, unusual values."""

    _inherit = "kpi.smart.alert"

    def _judge_past_trend_deterioration(self, history):
        answers = defaultdict(dict)
        for earlier, steps in self._list_earlier(history, history.steps):
            self._check_cell_count(earlier, steps)
            for day, courses in list_courses(earlier, steps):
                for row, found in courses.items():
                    report_id = earlier.series.report_ids[row]
                    newest = history.find_newest(report_id, day)
                    answers[day][report_id] = (
                        COURSES[found.course],
                        _or_none(found.change),
                        newest and newest[1],
                        found.known_count,
                    )
        return PastAnswers(judge_trends, answers)

    def _judge_past_anomaly_detected(self, history):
        answers = defaultdict(dict)
        for earlier, steps in self._list_earlier(history, history.steps):
            at_once = 1 if history.as_known_then else AT_ONCE[earlier.question.grain]
            self._check_cell_count(earlier, steps, at_once)
            for day, found in list_events_then(earlier, steps).items():
                for row, events in found.items():
                    report_id = earlier.series.report_ids[row]
                    newest = history.find_newest(report_id, day)
                    answers[day][report_id] = (newest and newest[0], _as_rows(events))
        return PastAnswers(judge_anomalies, answers)

    def _judge_past_target_risk(self, history):
        looked_at = history.closings
        if history.as_known_then:
            looked_at = dict.fromkeys(history.list_days(), list(history.kpis))
        answers = defaultdict(dict)
        for earlier, steps in self._list_earlier(history, looked_at):
            changed = history.steps if history.as_known_then else steps
            self._check_cell_count(earlier, changed)
            elapsed = self._find_elapsed(earlier, steps)
            for day, chances in list_chances(earlier, steps, elapsed.get):
                for row, found in chances.items():
                    if found.label in YOUNG or np.isnan(found.probability):
                        continue
                    answers[day][earlier.series.report_ids[row]] = (
                        found.period.start,
                        PERCENT * found.probability,
                        _or_none(found.expected),
                    )
        return PastAnswers(judge_risks, answers)

    def _check_cell_count(self, earlier, steps, at_once=1):
        past = REACH[earlier.question.grain][0]
        count = past * sum(map(len, steps.values())) / at_once
        if count > MOST_CELLS:
            raise UserError(
                self.env._("There is too much to look at: choose fewer days.")
            )

    def _list_earlier(self, history, looked_at):
        """KPIs that are analysed together, and when which of them are looked at.

        :param looked_at: day → report ids; all are on the first day
        :return: yields pairs of an ``Earlier`` and day → rows
        """
        reports = self.env["kpi.report"].browse(history.read_ids)
        # Of what the user may see the engine reads everything.
        reports = reports.sudo()
        methods = self.env["kpi.predictive.analytics"]._fetch_methods(reports)
        alike = reports.grouped(
            lambda kpi: (kpi.frequency, methods.get(kpi.id, "automatic"))
        )
        for (grain, method), own in alike.items():
            past, coming, days = REACH[grain]

            def find_window(day, before=past * days, after=(coming + 1) * days):
                first = max(day - timedelta(days=before), FIRST_DAY)
                return first, day + timedelta(days=after)

            first, last = history.days
            read = find_window(first)[0], find_window(last)[1]
            for series in own._series(grain, *read):
                kpis = own.browse(series.report_ids)
                question = kpis._ask_analysis(series, grain, method, last)
                changes = _list_changes(series, history)
                steps = {first: list(range(len(kpis)))}
                for day, ids in looked_at.items():
                    rows = [series.row_of[id_] for id_ in ids if id_ in series.row_of]
                    if rows and first < day <= last:
                        steps[day] = rows
                yield Earlier(series, question, changes, find_window), steps

    def _find_elapsed(self, earlier, steps):
        """Day → share of the working time of the running period passed at its end.

        Today by now, as the rest of it may still bring something.
        """
        # As above.
        reports = self.env["kpi.report"].sudo().browse(earlier.series.report_ids)
        spec = reports.definition_id[:1].calendar_id._spec()
        grain, days, now = earlier.question.grain, sorted(steps), fields.Datetime.now()
        moments = [
            (
                period_of(spec, grain, day),
                min(utc_bounds(spec, period_of(spec, "day", day))[1], now),
            )
            for day in days
        ]
        found = reports._measure_work(moments)
        return {day: elapsed for day, (elapsed, _left) in zip(days, found, strict=True)}


def _list_changes(series, history):
    """Day → rows, columns and values that became known then, of ``series``."""
    changes = defaultdict(list)
    for row, report_id in enumerate(series.report_ids):
        for start, versions in history.versions.get(report_id, {}).items():
            column = series.index_of.get(start)
            if column is None:
                continue
            for day, value, _weight in versions:
                number = np.nan if value is None else value
                changes[day].append((row, column, number))
    return changes


def _as_rows(events):
    """Unusual runs as ``judge_anomalies`` takes them, the latest first."""
    rows = [
        (
            periods[event.start].start,
            periods[event.stop - 1].start,
            periods[event.period].start,
            event.kind,
            event.value,
            event.expected,
            event.margin,
        )
        for event, periods in events
        if event.stop > len(periods) - RECENT[periods[0].grain]
    ]
    return sorted(rows, key=lambda row: row[1], reverse=True)


def _or_none(number):
    return None if np.isnan(number) else number
