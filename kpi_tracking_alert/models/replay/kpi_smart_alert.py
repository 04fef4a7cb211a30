from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import (
    FIRST_DAY,
    period_of,
    previous,
    utc_bounds,
    zone,
)
from odoo.addons.kpi_base.schemas.base import GivenDay
from odoo.addons.kpi_tracking_analytics.analytics.earlier import (
    AT_ONCE,
    Earlier,
    list_chances,
    list_courses,
    list_events_then,
)
from odoo.addons.kpi_tracking_analytics.models.kpi_anomaly import RECENT
from odoo.addons.kpi_tracking_analytics.models.kpi_predictive_analytics import REACH
from odoo.addons.kpi_tracking_analytics.models.kpi_report import NESTED
from odoo.addons.kpi_tracking_analytics.models.numbers import YOUNG

from ...engine.judging import CONDITIONS
from ...engine.round_number import find_round_number
from ..evaluation.finding import COLUMNS, Frame, OpenAlert, Watched, pair_with
from ..evaluation.judges import (
    judge_anomalies,
    judge_missing,
    judge_restated,
    judge_risks,
    judge_trends,
)
from ..evaluation.kpi_smart_alert import DuePeriods
from ..evaluation.pair_values import PairValues
from ..routing.people import PeopleFinder
from .history import DAY, History, PastAlert

MOST_SHOWN = 500  # alerts that are listed; all are counted
# Before each day lie as many periods as a rule looks at, and calendars begin in 1900.
FIRST_YEAR, LAST_YEAR = 1960, 2100
MOST_STEPS = 250_000  # KPIs times the days on which they are looked at
MOST_CELLS = 1_500_000  # KPIs times periods that analyses look at, for half a minute
MOST_FRAMES = 256  # of one day, or of few
ANALYSED = ("trend_deterioration", "anomaly_detected", "target_risk")
COURSES = {1: "better", 0: "steady", -1: "worse"}
PERCENT = 100
INSTANT = timedelta(microseconds=1)


class KpiSmartAlert(models.Model):
    """What a rule would have found of days that have passed, before it is turned on."""

    _inherit = "kpi.smart.alert"

    @api.readonly
    def replay(
        self, date_from: GivenDay, date_to: GivenDay, as_known_then: bool = False
    ):
        """Alerts that the rule would have raised, of the KPIs that the user may see.

        As if it had been turned on on the first day. Of running periods only what was
        known then is looked at: what they had come to on a day nobody knows today.

        :param date_from: first day
        :param date_to: last day
        :param as_known_then: by the values known on each day; else by those of today,
            as if each had come when its period closed
        :return: dict of ``is_possible`` (True), ``note`` (what is left out, in words),
            ``kpi_count``, ``alert_count``, ``alerts`` and ``receivers``; see
            ``_describe_past_alert`` and ``_count_replayed_receivers``
        :raises UserError: the last day is before the first, one of them is out of
            range, or there are too many
        """
        first, last = self._read_replayed_days(date_from, date_to)
        reports = self._find_replayed()
        alerts = self._play(self._read_history(reports, first, last, as_known_then))
        return {
            "is_possible": True,
            "note": self._say_what_is_not_replayed(as_known_then),
            "kpi_count": len(reports),
            "alert_count": len(alerts),
            "alerts": [
                self._describe_past_alert(alert) for alert in alerts[:MOST_SHOWN]
            ],
            "receivers": self._count_replayed_receivers(alerts),
        }

    def _read_replayed_days(self, date_from, date_to):
        """The days of a replay, once the user may read the rule."""
        self.ensure_one()
        self.check_access("read")
        first, last = fields.Date.to_date(date_from), fields.Date.to_date(date_to)
        for day in (first, last):
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise UserError(
                    self.env._(
                        "%(day)s is out of range. Use a year from %(first)s to"
                        " %(last)s.",
                        day=day,
                        first=FIRST_YEAR,
                        last=LAST_YEAR,
                    )
                )
        if last < first:
            raise UserError(self.env._("The end date is before the start date."))
        return first, last

    def _find_replayed(self):
        """The KPIs that the rule watches, as far as the user may see them."""
        reports = self.env["kpi.report"].search(self._get_watched_domain())
        # Of what the user may see the engine reads everything.
        return reports.sudo()

    def _say_what_is_not_replayed(self, as_known_then):
        """What a replay of the rule leaves out, in words; empty where nothing."""
        if as_known_then:
            return ""
        if self.alert_type == "restated":
            return self.env._(
                "Rules on restated values always use “Values as of Each Day”."
            )
        if self.alert_type == "target_risk":
            return self.env._(
                "Tests the chance at the start of each period. “Values as of Each "
                "Day” tests every day."
            )
        if self.alert_type == "threshold_breach" and self.judge_running:
            return self.env._(
                "Tests only closed periods. “Values as of Each Day” includes "
                "running ones."
            )
        return ""

    def _describe_past_alert(self, alert):
        """An alert that would have been, as the screens show it.

        :return: dict of ``report_id``, ``name`` (of the KPI), ``fired_on``,
            ``ended_on`` (None: it goes on), ``since_period``, ``period_start`` (days in
            ISO format), ``period_label``, ``period_count`` (that broke the rule),
            ``value``, ``measured``, ``limit``, ``resolution`` and ``reason``, in words
        """
        finding = alert.first
        # Whose KPI this is, the user may see.
        report = self.env["kpi.report"].sudo().browse(finding.report_id)
        event = self.env["kpi.alert.event"].new(
            {
                "report_id": report.id,
                "alert_type": self.alert_type,
                "compared": self.compared,
                "grain": report.frequency,
                **finding.get_columns(),
            }
        )
        return {
            "report_id": report.id,
            "name": report.name,
            "fired_on": alert.fired_on.isoformat(),
            "ended_on": alert.ended_on.isoformat() if alert.ended_on else None,
            "since_period": (finding.since or finding.period_start).isoformat(),
            "period_start": finding.period_start.isoformat(),
            "period_label": event.period_label,
            "period_count": len(alert.periods),
            "value": finding.value,
            "measured": finding.measured,
            "limit": finding.limit,
            "resolution": alert.resolution,
            "reason": event.reason,
        }

    def _count_replayed_receivers(self, alerts):
        """How much each person would have got, told of a KPI as an alert finds them.

        :return: list of dicts of ``user_id``, ``name``, ``alert_count`` and
            ``message_count``, as alerts of one day come together; most first
        """
        # Who is told of a KPI is no secret from those who make its rules.
        rule, now = self.sudo(), fields.Datetime.now()
        mutes = rule.env["kpi.alert.mute"].search([("alert_id", "=", rule.id)])
        days_of = defaultdict(list)
        for alert in alerts:
            days_of[alert.first.report_id].append(alert.fired_on)
        events = rule.env["kpi.alert.event"]
        events = events.concat(
            *(events.new({"alert_id": rule.id, "report_id": id_}) for id_ in days_of)
        )
        people, days = PeopleFinder(events, now), defaultdict(list)
        for event, fired in zip(events, days_of.values(), strict=True):
            named = rule.owner_id if rule.is_personal else rule.user_ids
            if rule.tell_responsible and not rule.is_personal:
                named |= event.report_id.owner_id
            told = people.filter_there(event, named)
            told = told or people.find_in_charge(event)
            for user in told - mutes.user_id:
                days[user] += fired
        rows = [
            {
                "user_id": user.id,
                "name": user.name,
                "alert_count": len(fired),
                "message_count": len(set(fired)),
            }
            for user, fired in days.items()
        ]
        return sorted(rows, key=lambda row: (-row["alert_count"], row["user_id"]))

    @api.readonly
    def suggest_threshold(
        self, date_from: GivenDay, date_to: GivenDay, period_count: int = 12
    ):
        """A threshold with at most one alert per KPI and so many periods.

        It is found by halving what lies between the threshold of now and the furthest
        value, and tried on the values of today, as by ``replay``.

        :param date_from: first day
        :param date_to: last day
        :param period_count: periods of a KPI that may have one alert
        :return: dict of ``is_possible`` and, where it is not, ``reason``; else
            ``threshold``, ``alert_count``, ``alert_count_now``, ``missed_count`` and
            ``missed``: alerts of the threshold of now of which nothing would have been
            said, as ``replay`` describes them
        """
        first, last = self._read_replayed_days(date_from, date_to)
        if period_count < 1:
            raise UserError(self.env._("Choose at least one period."))
        reason = self._find_suggestion_obstacle()
        if reason:
            return {"is_possible": False, "reason": reason}
        history = self._read_history(self._find_replayed(), first, last, False)
        now = self._play(history)
        closed = Counter(
            report_id
            for day, ids in history.closings.items()
            if first < day <= last
            for report_id in ids
        )
        most = {id_: max(1, -(-closed[id_] // period_count)) for id_ in history.kpis}
        if _is_quiet(now, most):
            reason = self.env._("The rule already raises few alerts.")
            return {"is_possible": False, "reason": reason}
        threshold, alerts = self._search_threshold(history, most)
        missed = [alert for alert in now if not _is_covered(alert, alerts)]
        return {
            "is_possible": True,
            "threshold": threshold,
            "alert_count": len(alerts),
            "alert_count_now": len(now),
            "missed_count": len(missed),
            "missed": [
                self._describe_past_alert(alert) for alert in missed[:MOST_SHOWN]
            ],
        }

    def _find_suggestion_obstacle(self):
        """Why no threshold can be found, in words; None where one can."""
        if self.alert_type != "threshold_breach" or self.condition not in CONDITIONS:
            return self.env._("Suggestions require a threshold.")
        if self.condition == "outside":
            return self.env._("Suggestions require a single threshold.")
        return None

    def _search_threshold(self, history, most):
        """A threshold with which no KPI has more alerts than it may, and its alerts."""
        is_below = self.condition == "below"
        compared = []
        self._play(history, compared=compared)
        numbers = np.unique(np.array(compared))
        beyond = numbers < self.threshold if is_below else numbers > self.threshold
        # The furthest comes first: beyond it nothing is, so it raises no alert.
        levels = numbers[beyond] if is_below else numbers[beyond][::-1]
        quiet, loud = 0, len(levels)
        alerts = []
        while loud - quiet > 1:
            middle = (quiet + loud) // 2
            tried = self._play(history, threshold=levels[middle])
            if _is_quiet(tried, most):
                quiet, alerts = middle, tried
            else:
                loud = middle
        further = levels[quiet - 1] if quiet else levels[0] - 1
        if not quiet and not is_below:
            further = levels[0] + 1
        return find_round_number(float(levels[quiet]), float(further)), alerts

    def _play(self, history, **tried):
        """``PastAlert`` of the days of a ``History``, oldest first, as the sweep finds
        them, had the rule been turned on on the first day.
        """
        if not history.kpis:
            return []
        steps, find = getattr(self, f"_judge_past_{self.alert_type}")(history, **tried)
        (first, last), alerts, known, ended = history.days, [], {}, {}
        frame_on = lru_cache(MOST_FRAMES)(Frame)
        for day in [first, *sorted(day for day in steps if first < day <= last)]:
            kpis = {}
            for id_ in history.kpis if day == first else sorted(steps[day]):
                kpi, frame = history.kpis[id_], history.kpis[id_].frame
                periods = (frame.number, frame.calendar_id, frame.spec, frame.grain)
                kpis[id_] = replace(kpi, frame=frame_on(*periods, day))
            stored = {
                key: OpenAlert(
                    0,
                    alert.last.period_start,
                    alert.first.since or alert.first.period_start,
                    alert.last.value,
                    alert.last.measured,
                )
                for key, alert in known.items()
            }
            watched = Watched(self, kpis, pair_with(self, kpis), stored)
            for finding in find(watched, day, ended):
                alert = known.get(finding.key)
                if alert and finding.resolution:
                    alert.ended_on, alert.resolution = day, finding.resolution
                    ended[finding.key] = day
                    del known[finding.key]
                    continue
                if finding.fires and not alert:
                    alert = known[finding.key] = PastAlert(finding, day, finding)
                    alerts.append(alert)
                if alert and (finding.fires or finding.goes_on):
                    alert.last = finding
                if finding.fires:
                    alert.periods.add(finding.period_start)
        return alerts

    def _judge_past_threshold_breach(self, history, threshold=None, compared=None):
        """Numbers compared with limits, or values that had not come in time.

        Without the running period where it is not known what it had come to.

        :param threshold: tried in the rule's place; ``compared`` gets the numbers
        """
        if self.condition == "no_data":
            return self._judge_past_missing(history)
        conditions = self._get_conditions()
        if not history.as_known_then:
            conditions = replace(conditions, has_running=np.array([False]))
        if threshold is not None:
            conditions = replace(conditions, threshold=np.array([threshold]))

        def find(watched, day, _ended):
            values = PairValues(watched, conditions)
            values.fill(history.list_facts(values, day))
            if compared is not None:
                compared.extend(values.list_newest())
            for finding in values.find():
                is_new = finding.fires and finding.key not in watched.open_alerts
                if (
                    not is_new
                    or not self.least_facts
                    or history.count_known(finding.report_id, day) >= self.least_facts
                ):
                    yield finding

        if conditions.has_running.any():  # each day more of the target is due
            return dict.fromkeys(history.list_days(), list(history.kpis)), find
        return history.steps, find

    def _judge_past_missing(self, history):
        everything = Watched(self, history.kpis, pair_with(self, history.kpis), {})
        periods = DuePeriods(everything, *history.days)

        def find(watched, day, _ended):
            known = {id_: history.find_newest(id_, day) for id_ in watched.kpis}
            newest = {id_: found for id_, found in known.items() if found}
            return judge_missing(watched, newest, periods.find)

        return dict.fromkeys(history.list_days(), list(history.kpis)), find

    def _judge_past_restated(self, history):
        everything = Watched(self, history.kpis, pair_with(self, history.kpis), {})
        # A day more, as the local first day may have begun before that of UTC.
        since = datetime.combine(history.days[0] - DAY, time())
        restated = self._fetch_restatements(everything, {self.id: since}, {})
        steps = defaultdict(set)
        for (_rule_id, report_id), known in restated.items():
            tz = zone(history.kpis[report_id].frame.spec.tz)
            for moment in (moment for each in known for moment in each.moments):
                day = moment.replace(tzinfo=UTC).astimezone(tz).date()
                steps[day].add(report_id)

        def find(watched, day, ended):
            same = defaultdict(list)
            for id_, kpi in watched.kpis.items():
                same[kpi.frame.spec].append(id_)
            for spec, ids in same.items():
                pairs = watched.pairs[np.isin(watched.pairs[:, 1], ids)]
                yield from judge_restated(
                    replace(watched, pairs=pairs),
                    restated,
                    {key: _find_end(spec, ended[key]) for key in ended},
                    {self.id: _find_end(spec, history.days[0] - DAY) + INSTANT},
                    _find_end(spec, day),
                )

        return steps, find

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
        return _judge_by(judge_trends, answers)

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
        return _judge_by(judge_anomalies, answers)

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
        return _judge_by(judge_risks, answers)

    def _check_cell_count(self, earlier, steps, at_once=1):
        past = REACH[earlier.question.grain][0]
        count = past * sum(map(len, steps.values())) / at_once
        self._check_size(count, MOST_CELLS)

    @api.model
    def _check_size(self, count, most):
        if count > most:
            raise UserError(self.env._("Too much data. Choose fewer days."))

    def _read_history(self, reports, date_from, date_to, as_known_then):
        """``History`` of KPIs over some days, by a constant number of statements.

        :param reports: ``kpi.report`` that somebody may read
        :param as_known_then: with the values known on each day; else those of today,
            from the day on which their periods closed
        :raises UserError: too many days for so many KPIs
        """
        read = self._find_analysed_with(reports)
        kpis = self._fetch_watched_kpis(read.ids)
        watched = {id_: kpis[id_] for id_ in reports.ids}
        history = History((date_from, date_to), as_known_then, watched, read.ids)
        if not watched:
            return history
        for kpi in watched.values():
            spec, grain = kpi.frame.spec, kpi.frame.grain
            period = period_of(spec, grain, date_from)
            while period.stop <= date_to:
                history.closings[period.stop].add(kpi.report_id)
                history.steps[period.stop].add(kpi.report_id)
                period = previous(spec, period, -1)
        # Whether values of periods that run still change what the rule says.
        is_running_read = self.alert_type == "anomaly_detected" or (
            self.alert_type == "threshold_breach"
            and (self.condition == "no_data" or self.judge_running)
        )
        first = min(self._find_first_day(kpi.frame, date_from) for kpi in kpis.values())
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
        self._check_size(sum(map(len, history.steps.values())), MOST_STEPS)
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

    def _find_first_day(self, frame, date_from):
        """First day whose value the rule can look at on a day."""
        if self.alert_type in ANALYSED:
            past, _coming, days = REACH[frame.grain]
            first = max(date_from - timedelta(days=past * days), FIRST_DAY)
            return period_of(frame.spec, frame.grain, first).start
        then = Frame(0, 0, frame.spec, frame.grain, date_from)
        return then.find_year_before(COLUMNS - 1)

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
        statement = SQL(
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
        return self.env.execute_query(statement)

    def _list_earlier(self, history, looked_at):
        """``Earlier`` of KPIs that are analysed together, and day → rows looked at."""
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


def _is_quiet(alerts, most):
    """Whether no KPI has more alerts than it may have."""
    counts = Counter(alert.first.report_id for alert in alerts)
    return all(count <= most[report_id] for report_id, count in counts.items())


def _is_covered(alert, others):
    """Whether another alert of the KPI overlaps with one."""
    return any(
        other.key == alert.key
        and (alert.ended_on is None or other.fired_on <= alert.ended_on)
        and (other.ended_on is None or other.ended_on >= alert.fired_on)
        for other in others
    )


def _judge_by(judge, answers):
    """Steps, and the judge of what an analysis would have said on each day."""
    return answers, lambda watched, day, _ended: judge(watched, answers.get(day, {}))


def _find_end(spec, day):
    """Last moment of a local day; naive UTC."""
    return utc_bounds(spec, period_of(spec, "day", day))[1] - INSTANT


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
