from collections import defaultdict
from datetime import timedelta
from typing import Annotated

import numpy as np
from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.message import to_text
from odoo.addons.kpi_base.engine.periods import (
    FIRST_DAY,
    period_of,
    previous,
    utc_bounds,
)
from odoo.addons.kpi_tracking_analytics.analytics.earlier import (
    AT_ONCE,
    Earlier,
    list_chances,
    list_courses,
    list_events_then,
)
from odoo.addons.kpi_tracking_analytics.models.anomaly.kpi_anomaly import RECENT
from odoo.addons.kpi_tracking_analytics.models.kpi_predictive_analytics import REACH
from odoo.addons.kpi_tracking_analytics.models.kpi_report import NESTED

from ...engine.message_text import MessageTextError, fill
from ..evaluation.finding import COLUMNS, make_frame
from ..evaluation.judges import YOUNG, judge_anomalies, judge_risks, judge_trends
from ..replay.history import History
from ..replay.past_judges import PastAnswers

NAMES = (
    "kpi",
    "value",
    "period",
    "since",
    "reason",
    "severity",
    "rule",
    "responsible",
    "link",
)
MOST_DAYS = 3660
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]
MOST_STEPS = 250_000  # KPIs times the days on which they are looked at
ANALYSED = ("trend_deterioration", "anomaly_detected", "target_risk")
COURSES = {1: "better", 0: "steady", -1: "worse"}
PERCENT = 100
MOST_CELLS = 1_500_000  # KPIs times periods that analyses look at, for half a minute


class KpiSmartAlert(models.Model):
    """How a rule's alerts are told: whom next, and when not again."""

    _inherit = "kpi.smart.alert"

    level_ids = fields.One2many(
        "kpi.alert.level",
        "alert_id",
        "Escalation",
        copy=True,
        help="Without levels, Auto-escalate to Manager tells them after an hour.",
    )
    flapping_changes = fields.Integer(
        "Changes Often After",
        default=6,
        required=True,
        help="A KPI that has begun and ended an alert so many times is told of once,"
        " and again when it is calm. 0 = tell each time.",
    )
    flapping_hours = fields.Integer("Within (Hours)", default=24, required=True)
    message_text = fields.Text(
        "Own Text",
        help="In the place of the reason. Names in braces stand for what changes:"
        " {kpi}, {value}, {period}, {since}, {reason}, {severity}, {rule},"
        " {responsible} and {link}.",
    )

    _flapping_range = models.Constraint(
        "CHECK (flapping_changes BETWEEN 0 AND 1000"
        " AND flapping_hours BETWEEN 1 AND 8784)",
        "Changes Often After takes 0 to 1,000 changes, within 1 hour to a year.",
    )

    @api.constrains("is_personal", "level_ids", "auto_escalation")
    def _check_personal_levels(self):
        for rule in self.filtered("is_personal"):
            if rule.level_ids or rule.auto_escalation:
                raise ValidationError(
                    self.env._("%s: a rule of your own tells only you.", rule.name)
                )

    def _find_ways(self):
        """How alerts leave: rule id → list of (severity, channel, target id).

        The rule's own channel counts from the least severity on; target id = a Slack
        channel or the like, None = each person.
        """
        self.flush_model(["notification_channels"])
        self.env["kpi.alert.route"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, 'info', notification_channels, NULL
                  FROM kpi_smart_alert
                 WHERE id = ANY(%(ids)s)
             UNION ALL
                SELECT alert_id, severity, channel, channel_id
                  FROM kpi_alert_route
                 WHERE alert_id = ANY(%(ids)s)
                """,
                ids=self.ids,
            )
        )
        ways = {}
        for rule_id, *way in rows:
            ways.setdefault(rule_id, []).append(tuple(way))
        return ways

    @api.constrains("message_text")
    def _check_message_text(self):
        for rule in self:
            try:
                fill(rule.message_text or "", dict.fromkeys(NAMES, ""))
            except MessageTextError as error:
                fault = self.env._(
                    "%s: a brace stands alone in its text. Write {{ for a brace.",
                    rule.name,
                )
                if error.name:
                    fault = self.env._(
                        "%(rule)s: {%(name)s} is not known. You can use %(names)s.",
                        rule=rule.name,
                        name=error.name,
                        names=", ".join(f"{{{name}}}" for name in NAMES),
                    )
                raise ValidationError(fault) from error

    @api.readonly
    def preview_message(self):
        """The message of the rule's last alert, as the user would get it now.

        :return: dict of ``title`` and ``text``
        :raises UserError: it has raised no alert that the user may see
        """
        self.ensure_one()
        self.check_access("read")
        events = self.env["kpi.alert.event"]
        event = events.search([("alert_id", "=", self.id)], order="id desc", limit=1)
        if not event:
            raise UserError(
                self.env._("%s has raised no alert yet that could be shown.", self.name)
            )
        data = {"change": "fired", "step": 0, "count": 1}
        message = self.env["kpi.alert.notice"]._compose([(event, data)])
        return {"title": message.title, "text": to_text(message)}

    @api.readonly
    def get_quality(self, days: Days = 90):
        """Figures of these rules over the last days, by three statements.

        Of alerts that the user may see. Medians are in seconds, None where nothing was
        acknowledged or resolved.

        :return: dict rule id → dict of ``fired``, ``open``, ``acknowledge_seconds``,
            ``resolve_seconds`` (medians), ``alarm_seconds`` (time in alarm, added up),
            ``useless_ratio`` (share of the reasons given that say so; None = none was
            given), ``reasons`` (dicts of ``name`` and ``count``, most frequent first)
            and ``receivers`` (dicts of ``user_id``, ``name``, ``told``,
            ``acknowledged``, ``acknowledge_seconds``)
        """
        self.check_access("read")
        now = fields.Datetime.now()
        since = now - timedelta(days=days)
        self.env.flush_all()
        events = self.env["kpi.alert.event"]
        query = events._search(
            [
                ("alert_id", "in", self.ids),
                "|",
                ("resolved_at", "=", False),
                ("resolved_at", ">", since),
            ]
        )
        seen = SQL("SELECT * FROM kpi_alert_event WHERE id IN %s", query.subselect())
        empty = {"reasons": [], "receivers": [], "useless_ratio": None}
        found = {row["id"]: {**row, **empty} for row in self._sum_up(seen, since, now)}
        useless = {}
        for rule_id, name, is_useless, count in self._count_reasons(seen):
            found[rule_id]["reasons"].append({"name": name, "count": count})
            total, bad = useless.get(rule_id, (0, 0))
            useless[rule_id] = total + count, bad + (count if is_useless else 0)
        for rule_id, (total, bad) in useless.items():
            found[rule_id]["useless_ratio"] = bad / total
        for row in self._measure_receivers(seen):
            found[row.pop("id")]["receivers"].append(row)
        return found

    def _sum_up(self, seen, since, now):
        return self.env.execute_query_dict(
            SQL(
                """
                WITH event AS (%(seen)s)
                SELECT rule.id,
                       count(event.id) FILTER (
                         WHERE event.fired_at >= %(since)s) AS fired,
                       count(event.id) FILTER (
                         WHERE event.state <> 'resolved') AS open,
                       percentile_cont(0.5) WITHIN GROUP (
                         ORDER BY extract(epoch FROM acknowledged_at - fired_at)
                       ) AS acknowledge_seconds,
                       percentile_cont(0.5) WITHIN GROUP (
                         ORDER BY extract(epoch FROM resolved_at - fired_at)
                       ) AS resolve_seconds,
                       coalesce(sum(extract(
                         epoch FROM coalesce(resolved_at, %(now)s)
                                    - greatest(fired_at, %(since)s)
                       )), 0)::float8 AS alarm_seconds
                  FROM unnest(%(ids)s::int[]) AS rule (id)
             LEFT JOIN event ON event.alert_id = rule.id
              GROUP BY rule.id
                """,
                seen=seen,
                since=since,
                now=now,
                ids=self.ids,
            )
        )

    def _count_reasons(self, seen):
        name = self.env["kpi.alert.reason"]._field_to_sql("reason", "name")
        return self.env.execute_query(
            SQL(
                """
                WITH event AS (%s)
                SELECT event.alert_id, %s, reason.is_useless, count(*) AS times
                  FROM event
                  JOIN kpi_alert_reason AS reason ON reason.id = event.reason_id
              GROUP BY event.alert_id, reason.id
              ORDER BY event.alert_id, times DESC, reason.id
                """,
                seen,
                name,
            )
        )

    def _measure_receivers(self, seen):
        return self.env.execute_query_dict(
            SQL(
                """
                WITH event AS (%s)
                SELECT event.alert_id AS id, told.user_id, person.name,
                       count(*) AS told,
                       count(*) FILTER (
                         WHERE event.acknowledged_by_id = told.user_id
                       ) AS acknowledged,
                       percentile_cont(0.5) WITHIN GROUP (
                         ORDER BY CASE WHEN event.acknowledged_by_id = told.user_id
                                  THEN extract(epoch FROM event.acknowledged_at
                                                          - event.fired_at) END
                       ) AS acknowledge_seconds
                  FROM event
                  JOIN (
                    SELECT DISTINCT event_id, user_id
                      FROM kpi_alert_notice
                     WHERE state = 'told'
                       AND change IN ('fired', 'escalated')
                       AND user_id IS NOT NULL
                  ) AS told ON told.event_id = event.id
                  JOIN res_users AS login ON login.id = told.user_id
                  JOIN res_partner AS person ON person.id = login.partner_id
              GROUP BY event.alert_id, told.user_id, person.name
              ORDER BY event.alert_id, count(*) DESC, told.user_id
                """,
                seen,
            )
        )

    def _read_history(self, reports, date_from, date_to, as_known_then):
        """``History`` of KPIs over some days, by a constant number of statements.

        :param reports: ``kpi.report`` that somebody may read
        :param as_known_then: with the values known on each day; else those of today,
            from the day on which their periods closed
        :raises UserError: too many days for so many KPIs
        """
        days = (date_from, date_to)
        read = self._find_analysed_with(reports)
        kpis = self._fetch_watched_kpis(read.ids)
        watched = {id_: kpis[id_] for id_ in reports.ids}
        history = History(days, as_known_then, watched, read.ids)
        if not watched:
            return history
        first = min(self._find_first_day(kpi, date_from) for kpi in kpis.values())
        for kpi in watched.values():
            for day in _list_closings(kpi.frame, *days):
                history.closings[day].add(kpi.report_id)
                history.steps[day].add(kpi.report_id)
        is_running_read = self._reads_running()
        facts = self._fetch_facts(read, first, date_to, as_known_then)
        for report_id, start, known_from, value, weight, *numbers in facts:
            frame = kpis[report_id].frame
            closed = period_of(frame.spec, frame.grain, start).stop
            day = known_from if as_known_then else closed
            history.versions[report_id][start].append((day, value, weight))
            history.judged_by[report_id][start] = tuple(numbers)
            seen_on = day if is_running_read else max(day, closed)
            if report_id in watched and date_from < seen_on <= date_to:
                history.steps[seen_on].add(report_id)
        if sum(map(len, history.steps.values())) > MOST_STEPS:
            raise UserError(
                self.env._("There is too much to look at: choose fewer days.")
            )
        return history

    def _find_analysed_with(self, reports):
        """These KPIs, and those whose forecasts have to add up with theirs."""
        if self.alert_type != "target_risk":
            return reports
        summed = reports.filtered(
            lambda kpi: (
                kpi.definition_id.aggregation_scope == "sum"
                and kpi.scope_type in NESTED
            )
        )
        domain = [
            ("definition_id", "in", summed.definition_id.ids),
            ("company_id", "in", summed.company_id.ids),
            ("scope_type", "in", NESTED),
        ]
        return reports | reports.search(domain) if summed else reports

    def _reads_running(self):
        """Whether values of periods that run still change what the rule says."""
        is_missing = self.condition == "no_data" or self.judge_running
        if self.alert_type == "threshold_breach":
            return is_missing
        return self.alert_type == "anomaly_detected"

    def _find_first_day(self, kpi, date_from):
        """First day whose value the rule can look at on a day."""
        spec, grain = kpi.frame.spec, kpi.frame.grain
        if self.alert_type in ANALYSED:
            past, _coming, days = REACH[grain]
            first = max(date_from - timedelta(days=past * days), FIRST_DAY)
            return period_of(spec, grain, first).start
        frame = make_frame(0, 0, spec, grain, date_from)
        return frame.find_year_before(COLUMNS - 1)

    @api.model
    def _fetch_facts(self, reports, first, last, as_known_then):
        """Values of some days: KPI, period, day from which it was known, value, weight,
        and what the period is judged by; each period's in the order of time.
        """
        now = SQL(
            """
            SELECT fact.report_id, fact.grain, fact.period_start, fact.recorded_at,
                   fact.value, fact.weight
              FROM kpi_measurement AS fact
             WHERE fact.report_id = ANY(%s)
            """,
            reports.ids,
        )
        before = SQL(
            """
            SELECT revision.report_id, revision.grain, revision.period_start,
                   revision.recorded_at, revision.old_value, NULL
              FROM kpi_measurement_revision AS revision
             WHERE revision.report_id = ANY(%(ids)s)
               AND revision.old_value IS NOT NULL
             UNION ALL
            SELECT revision.report_id, revision.grain, revision.period_start,
                   revision.replaced_at, NULL, NULL
              FROM kpi_measurement_revision AS revision
             WHERE revision.report_id = ANY(%(ids)s)
               AND revision.new_value IS NULL
            """,
            ids=reports.ids,
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT known.report_id, known.period_start,
                       (known.recorded_at AT TIME ZONE 'UTC'
                         AT TIME ZONE calendar.tz)::date,
                       known.value, known.weight, stored.target, stored.baseline,
                       stored.range_low, stored.range_high
                  FROM (%(known)s) AS known
                  JOIN kpi_report AS report
                    ON report.id = known.report_id
                   AND report.frequency = known.grain
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
             LEFT JOIN kpi_target_value AS stored
                    ON stored.report_id = known.report_id
                   AND stored.grain = known.grain
                   AND stored.period_start = known.period_start
                 WHERE known.period_start BETWEEN %(first)s AND %(last)s
              ORDER BY known.report_id, known.period_start, known.recorded_at
                """,
                known=SQL("%s UNION ALL %s", now, before) if as_known_then else now,
                first=first,
                last=last,
            )
        )

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
                    answers[day][report_id] = (
                        newest and newest[0],
                        sorted(rows, key=lambda row: row[1], reverse=True),
                    )
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


def _list_closings(frame, date_from, date_to):
    """Days on which periods closed, after ``date_from``."""
    period = period_of(frame.spec, frame.grain, date_from)
    while period.stop <= date_to:
        yield period.stop
        period = previous(frame.spec, period, -1)


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


def _or_none(number):
    return None if np.isnan(number) else number
