from bisect import bisect_left
from collections import defaultdict
from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import (
    GRAINS,
    period_of,
    periods_between,
    previous,
    utc_bounds,
)
from odoo.addons.kpi_base.engine.worktime import Timeline, to_instants, work_seconds
from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.repeat import LATE
from odoo.addons.kpi_tracking.models.fact.kpi_measurement import ROUNDING
from odoo.addons.kpi_tracking.models.restatement.kpi_restatement import (
    SETTLED,
    WAS_EMPTY,
)

from ...engine.judging import COMPARED, CONDITIONS, Conditions
from ...engine.restatement import Restatement
from ..rule.kpi_smart_alert import CHOSEN, JUDGED_BY, PATHS
from .finding import Frame, OpenAlert, Watched, WatchedKpi
from .judges import (
    judge_anomalies,
    judge_missing,
    judge_restated,
    judge_risks,
    judge_trends,
)
from .pair_values import PairValues

# applies_to → how tracked KPIs are found by what rules have chosen
PAIRS = {
    "kpi": "JOIN tracked ON tracked.id = chosen.kpi_report_id",
    "definition": "JOIN tracked ON tracked.definition_id = chosen.kpi_definition_id",
    "category": """
          JOIN tracked ON tracked.category_id = chosen.kpi_definition_category_id""",
    "tag": """
          JOIN kpi_definition_kpi_tag_rel AS held
            ON held.kpi_tag_id = chosen.kpi_tag_id
          JOIN tracked ON tracked.definition_id = held.kpi_definition_id""",
    "scorecard": """
          JOIN kpi_report_group_line AS held
            ON held.group_id = chosen.kpi_report_group_id
          JOIN tracked ON tracked.id = held.report_id""",
    "department": """
          JOIN hr_department AS top ON top.id = chosen.hr_department_id
          JOIN hr_department AS below
            ON starts_with(below.parent_path, top.parent_path)
          JOIN tracked ON tracked.department_id = below.id""",
}
# of these no KPI is found twice
ONCE = ("kpi", "definition", "category")
DAY = timedelta(days=1)
DAYS_PER_WORKING_DAY = 3  # looked back, so that holidays and part-time weeks fit
MORE_DAYS = 60
CHUNK = 10_000  # KPIs looked at in one transaction
LOCK = 1_262_570_850  # of evaluations
BUSY = timedelta(seconds=2)  # until another server is done with its chunk
MOST_PAIRS = 2_000_000  # of a rule and a KPI evaluated together
READ = (*JUDGED_BY.difference(CHOSEN), "name", "severity", "turned_on_at")
THRESHOLDS = ("threshold", "threshold_high", "clear_threshold", "clear_threshold_high")


class KpiSmartAlert(models.Model):
    """Which tracked KPIs rules watch, for all rules by one statement."""

    _inherit = "kpi.smart.alert"

    def _watched_sql(self, report_ids=None):
        """Pairs ``alert_id``, ``report_id`` of these rules, on or off, of some KPIs
        or all, as ``_get_watched_domain`` has them of one.
        """
        asked = SQL("TRUE")
        if report_ids is not None:
            asked = SQL("report.id = ANY(%s)", list(report_ids))
        branches = SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT %(distinct)s rule.id AS alert_id, tracked.id AS report_id
                  FROM kpi_smart_alert AS rule
                  JOIN %(chosen)s AS chosen ON chosen.kpi_smart_alert_id = rule.id
                  %(joins)s
                   AND (rule.company_id IS NULL
                        OR rule.company_id = tracked.company_id)
                 WHERE rule.applies_to = %(kind)s
                   AND rule.id = ANY(%(ids)s)
                """,
                distinct=SQL() if kind in ONCE else SQL("DISTINCT"),
                chosen=SQL.identifier(self._fields[PATHS[kind][0]].relation),
                joins=SQL(joins),
                kind=kind,
                ids=self.ids,
            )
            for kind, joins in PAIRS.items()
        )
        return SQL(
            """
            WITH tracked AS MATERIALIZED (
                SELECT report.id, report.company_id, report.definition_id,
                       report.department_id, definition.category_id
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                 WHERE report.active
                   AND definition.active
                   AND %(asked)s
            )
            %(branches)s
            """,
            asked=asked,
            branches=branches,
        )

    def _find_readable_by_owners(self, report_ids):
        """Rule of somebody's own → those of ``report_ids`` that its owner sees."""
        found = {}
        for owner, rules in self.filtered("is_personal").grouped("owner_id").items():
            visible = set()
            # As the owner, in any of their companies, as when they are told.
            reports = self.env["kpi.report"].with_user(owner)
            reports = reports.with_context(allowed_company_ids=None)
            if owner.active and reports.has_access("read"):
                visible = set(reports.search([("id", "in", report_ids)]).ids)
            found.update(dict.fromkeys(rules.ids, visible))
        return found

    @api.model
    def _find_threshold_breach(self, watched):
        """Findings of rules that compare a number with limits."""
        conditions = watched.rules._get_conditions()
        values = PairValues(watched, conditions)
        values.fill(self.env.execute_query(values.facts_sql()))
        findings = list(values.find())
        least = {
            rule.id: rule.least_facts for rule in watched.rules if rule.least_facts
        }
        asked = {
            each.report_id for each in findings if each.fires and each.alert_id in least
        }
        if not asked:
            return findings
        statement = """
            SELECT fact.report_id, count(*)
              FROM kpi_measurement AS fact
              JOIN kpi_report AS report ON report.id = fact.report_id
             WHERE fact.report_id = ANY(%s)
               AND fact.grain = report.frequency
          GROUP BY fact.report_id
        """
        rows = self.env.execute_query(SQL(statement, list(asked)))
        count = dict(rows)
        return [
            each
            for each in findings
            if not each.fires
            or each.key in watched.open_alerts
            or count.get(each.report_id, 0) >= least.get(each.alert_id, 0)
        ]

    def _get_conditions(self):
        """Conditions of these rules as arrays, in their order."""

        def numbers(name):
            # A number that may be missing is False then.
            return np.array(
                [np.nan if rule[name] is False else rule[name] for rule in self], float
            )

        def places(name, keys):
            return np.array([keys.index(rule[name]) for rule in self], int)

        return Conditions(
            compared=places("compared", COMPARED),
            condition=places("condition", CONDITIONS),
            threshold=numbers("threshold"),
            threshold_high=numbers("threshold_high"),
            clear=numbers("clear_threshold"),
            clear_high=numbers("clear_threshold_high"),
            periods=np.array([rule.periods for rule in self], int),
            recent=np.array([rule.recent_periods for rule in self], int),
            least_weight=numbers("least_weight"),
            has_running=np.array([rule.judge_running for rule in self], bool),
        )

    @api.model
    def _find_no_data(self, watched):
        """Findings of rules that wait for a value that does not come."""
        statement = """
            SELECT DISTINCT ON (fact.report_id)
                   fact.report_id, fact.period_start, fact.value
              FROM kpi_measurement AS fact
              JOIN kpi_report AS report ON report.id = fact.report_id
             WHERE fact.report_id = ANY(%s)
               AND fact.grain = report.frequency
          ORDER BY fact.report_id, fact.period_start DESC
        """
        rows = self.env.execute_query(SQL(statement, watched.list_report_ids()))
        newest = {report_id: (start, value) for report_id, start, value in rows}
        return judge_missing(watched, newest, DuePeriods(watched).find)

    @api.model
    def _find_trend_deterioration(self, watched):
        """Findings of rules that wait for a KPI to get worse."""
        statement = """
            SELECT trend.kpi_id, trend.course, trend.trend_periods,
                   CASE WHEN report.has_value THEN report.current_value END,
                   trend.period_count
              FROM kpi_trend_analysis AS trend
              JOIN kpi_report AS report ON report.id = trend.kpi_id
             WHERE trend.kpi_id = ANY(%s)
        """
        rows = self.env.execute_query(SQL(statement, watched.list_report_ids()))
        return judge_trends(watched, {row[0]: row[1:] for row in rows})

    @api.model
    def _find_target_risk(self, watched):
        """Findings of rules that wait for a target to become unlikely."""
        reports = self.env["kpi.report"].browse(watched.list_report_ids())
        chances = {
            report_id: (outlook.period.start, outlook.chance, outlook.value)
            for report_id, outlook in reports._read_outlooks().items()
            if outlook.chance is not None
        }
        return judge_risks(watched, chances)

    @api.model
    def _find_anomaly_detected(self, watched):
        """Findings of rules that wait for a value that nobody has called usual."""
        statement = """
            SELECT report.id, newest.period_start, anomaly.period_start,
                   anomaly.period_last, anomaly.oddest_start, anomaly.kind,
                   anomaly.value, anomaly.expected, anomaly.margin
              FROM unnest(%s::int[]) AS asked(id)
              JOIN kpi_report AS report ON report.id = asked.id
         LEFT JOIN LATERAL (
                     SELECT fact.period_start
                       FROM kpi_measurement AS fact
                      WHERE fact.report_id = report.id
                        AND fact.grain = report.frequency
                   ORDER BY fact.period_start DESC
                      LIMIT 1
                   ) AS newest ON TRUE
         LEFT JOIN kpi_anomaly AS anomaly
                ON anomaly.report_id = report.id
               AND anomaly.state <> 'dismissed'
          ORDER BY anomaly.period_last DESC
        """
        rows = self.env.execute_query(SQL(statement, watched.list_report_ids()))
        found = {}
        for report_id, newest, *anomaly in rows:
            _newest, known = found.setdefault(report_id, (newest, []))
            if anomaly[0]:
                known.append(anomaly)
        return judge_anomalies(watched, found)

    @api.model
    def _find_restated(self, watched):
        """Findings of rules that wait for a closed period to change."""
        statement = """
            SELECT alert_id, report_id, max(resolved_at)
              FROM kpi_alert_event
             WHERE state = 'resolved'
               AND alert_id = ANY(%s)
               AND report_id = ANY(%s)
          GROUP BY alert_id, report_id
        """
        rows = self.env.execute_query(
            SQL(statement, watched.rules.ids, watched.list_report_ids())
        )
        seen_until = {(rule_id, report_id): ended for rule_id, report_id, ended in rows}
        since = {rule.id: rule.turned_on_at or None for rule in watched.rules}
        restatements = self._fetch_restatements(watched, since, seen_until)
        return judge_restated(watched, restatements, seen_until, since)

    @api.model
    def _fetch_restatements(self, watched, since, seen_until):
        """Pair → ``Restatement`` of its periods that changed since, not seen yet."""
        keys = watched.list_keys()
        days = {rule.id: rule.restated_after_days for rule in watched.rules}
        alerts = [watched.open_alerts.get(key) for key in keys]
        statement = SQL(
            """
            WITH asked AS MATERIALIZED (
                SELECT given.*, report.frequency AS grain,
                       calendar.shape, calendar.tz
                  FROM unnest(%(rule_ids)s::int[], %(report_ids)s::int[],
                              %(days)s::int[], %(since)s::timestamp[],
                              %(seen_until)s::timestamp[], %(open_periods)s::date[])
                       AS given(alert_id, report_id, days, since, seen_until,
                                open_period)
                  JOIN kpi_report AS report ON report.id = given.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar
                    ON calendar.id = definition.calendar_id
            ),
            candidate AS (
                SELECT asked.alert_id, revision.report_id, revision.period_start
                  FROM asked
                  JOIN kpi_measurement_revision AS revision
                    ON revision.report_id = asked.report_id
                   AND revision.grain = asked.grain
                   AND revision.replaced_at >= asked.since
                   AND (revision.replaced_at > asked.seen_until) IS NOT FALSE
                 UNION
                SELECT alert_id, report_id, open_period
                  FROM asked
                 WHERE open_period IS NOT NULL
            ),
            settling AS (
                SELECT asked.*, candidate.period_start,
                       GREATEST(
                         day.period_stop::timestamp AT TIME ZONE asked.tz
                           AT TIME ZONE 'UTC',
                         first.recorded_at) + asked.days * INTERVAL '1 day'
                         AS settled_on
                  FROM candidate
                  JOIN asked
                    ON asked.alert_id = candidate.alert_id
                   AND asked.report_id = candidate.report_id
                  JOIN kpi_calendar_day AS day
                    ON day.shape = asked.shape
                   AND day.grain = asked.grain
                   AND day.day = candidate.period_start
                  JOIN LATERAL (
                         SELECT recorded_at
                           FROM kpi_measurement_revision
                          WHERE report_id = asked.report_id
                            AND grain = asked.grain
                            AND period_start = candidate.period_start
                       ORDER BY id
                          LIMIT 1
                       ) AS first ON TRUE
            )
            SELECT settling.alert_id, settling.report_id, %(was_empty)s,
                   settling.period_start, settled.old_value, changed.moments,
                   changed.values, changed.causes
              FROM settling
              JOIN LATERAL (%(settled)s) AS settled
                ON settled.recorded_at <= settling.settled_on
              JOIN LATERAL (
                     SELECT array_agg(replaced_at ORDER BY id) AS moments,
                            array_agg(new_value ORDER BY id) AS values,
                            array_agg(cause ORDER BY id) AS causes
                       FROM kpi_measurement_revision
                      WHERE report_id = settling.report_id
                        AND grain = settling.grain
                        AND period_start = settling.period_start
                        AND replaced_at > settling.settled_on
                   ) AS changed ON TRUE
         LEFT JOIN (%(first_days)s) AS begun ON begun.report_id = settling.report_id
             WHERE settled.old_value IS NOT NULL
            """,
            rule_ids=[rule_id for rule_id, _report_id in keys],
            report_ids=[report_id for _rule_id, report_id in keys],
            days=[days[rule_id] for rule_id, _report_id in keys],
            since=[since[rule_id] for rule_id, _report_id in keys],
            seen_until=[seen_until.get(key) for key in keys],
            open_periods=[alert and alert.period_start for alert in alerts],
            settled=SQL(SETTLED),
            was_empty=SQL(WAS_EMPTY),
            first_days=self.env["kpi.restatement"]._first_days_sql(
                watched.list_report_ids()
            ),
        )
        rows = self.env.execute_query(statement)
        found = defaultdict(list)
        for rule_id, report_id, was_empty, *columns in rows:
            found[rule_id, report_id].append(Restatement(*columns, ROUNDING, was_empty))
        return found

    @api.model
    def _sweep_marks(self):
        """Evaluate the KPIs marked first; when to look again: now, or on a new day."""
        # Released with the transaction. Whoever began to read before that finds the
        # marks gone when taking them, and is run again.
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,))
        if not self.env.cr.fetchone()[0]:
            return fields.Datetime.now() + BUSY
        tomorrow = self._mark_new_days()
        statement = """
            WITH first AS (
                SELECT report_id
                  FROM kpi_alert_mark
              GROUP BY report_id
              ORDER BY min(id)
                 LIMIT %s
            ),
            taken AS (
                DELETE FROM kpi_alert_mark AS mark
                 USING first
                 WHERE first.report_id = mark.report_id
             RETURNING mark.report_id, mark.alert_id
            )
            SELECT report_id,
                   array_agg(DISTINCT alert_id) FILTER (WHERE alert_id IS NOT NULL)
              FROM taken
          GROUP BY report_id
        """
        marks = self.env.execute_query(SQL(statement, CHUNK))
        if not marks:
            return tomorrow
        initial = {
            (alert_id, report_id)
            for report_id, alert_ids in marks
            for alert_id in alert_ids or ()
        }
        self._evaluate([report_id for report_id, _alert_ids in marks], initial)
        return fields.Datetime.now() if len(marks) == CHUNK else tomorrow

    @api.model
    def _mark_new_days(self):
        """Mark what a new day of a calendar changes, once a day: KPIs whose periods
        have closed, and those that a rule looks at day by day.

        :return: when the next calendar has a new day, None without a rule
        """
        # Of calendars: moments, pairs with their day, and with the lengths of periods.
        moments, new, closed = [], [], []
        self.flush_model(["active", "state"])
        self.env["kpi.definition"].flush_model(["calendar_id"])
        for calendar_id, before in self.env.execute_query(
            SQL(
                """
                SELECT calendar.id, known.day
                  FROM kpi_calendar AS calendar
             LEFT JOIN kpi_alert_day AS known ON known.calendar_id = calendar.id
                 WHERE EXISTS (SELECT FROM kpi_definition
                                WHERE calendar_id = calendar.id)
                   AND EXISTS (SELECT FROM kpi_smart_alert
                                WHERE active AND state = 'on')
                """
            )
        ):
            calendar = self.env["kpi.calendar"].browse(calendar_id)
            spec, today = calendar._spec(), calendar._today()
            day = period_of(spec, "day", today)
            moments.append(utc_bounds(spec, day)[1])
            if before != today:
                new.append((calendar_id, today))
                closed += [
                    (calendar_id, grain)
                    for grain in GRAINS
                    if not before or before not in period_of(spec, grain, today)
                ]
        tomorrow = min(moments, default=None)
        if not new:
            return tomorrow
        rules = self.search([("state", "=", "on")])
        statement = SQL(
            """
            WITH new_day AS (
                INSERT INTO kpi_alert_day AS known (calendar_id, day)
                SELECT * FROM unnest(%(calendars)s::int[], %(days)s::date[])
                    ON CONFLICT (calendar_id) DO UPDATE SET day = excluded.day
             RETURNING calendar_id
            )
            INSERT INTO kpi_alert_mark (report_id)
            SELECT DISTINCT pair.report_id
              FROM (%(pairs)s) AS pair
              JOIN kpi_smart_alert AS rule ON rule.id = pair.alert_id
              JOIN kpi_report AS report ON report.id = pair.report_id
              JOIN kpi_definition AS definition
                ON definition.id = report.definition_id
              JOIN new_day ON new_day.calendar_id = definition.calendar_id
             WHERE rule.judge_running
                OR rule.condition = 'no_data'
                OR (definition.calendar_id, definition.frequency) IN (
                    SELECT * FROM unnest(%(closed)s::int[], %(grains)s::varchar[]))
            """,
            calendars=[calendar_id for calendar_id, _day in new],
            days=[day for _calendar_id, day in new],
            pairs=rules._watched_sql(),
            closed=[calendar_id for calendar_id, _grain in closed],
            grains=[grain for _calendar_id, grain in closed],
        )
        self.env.cr.execute(statement)
        return tomorrow

    @api.model
    def _evaluate(self, report_ids, initial=()):
        """Have the rules that are on look at KPIs, some gone; alerts fire and end.

        :param initial: pairs (rule id, report id) of rules that were turned on
        """
        self.env.flush_all()
        # Together with what is read of them: else a statement for each thousand.
        rules = self.search_fetch([("state", "=", "on")], [*READ])
        numbers = [[rule[name] for name in THRESHOLDS] for rule in rules]
        is_senseless = ~np.isfinite(np.array(numbers, float)).reshape(-1, 4).all(axis=1)
        failed = rules.browse([rules.ids[at] for at in np.flatnonzero(is_senseless)])
        if failed:
            failed._fail(rules.env._("The threshold must be a number."))
        rules -= failed
        self.flush_model(["state"])
        statement = """
            SELECT event.id, event.period_start, event.since_period, event.value,
                   event.measured, event.alert_id, event.report_id,
                   report.active AND definition.active,
                   coalesce(rule.state = 'failed', FALSE)
              FROM kpi_alert_event AS event
              JOIN kpi_report AS report ON report.id = event.report_id
              JOIN kpi_definition AS definition
                ON definition.id = report.definition_id
         LEFT JOIN kpi_smart_alert AS rule ON rule.id = event.alert_id
             WHERE event.state <> 'resolved'
               AND event.report_id = ANY(%s)
        """
        rows = self.env.execute_query(SQL(statement, list(report_ids)))
        alerts = [OpenAlert(*row) for row in rows]
        watched_ids = self._evaluate_rules(rules, report_ids, alerts, set(initial))
        ended = {True: [], False: []}  # as their rules watch their KPIs no more
        for each in alerts:
            if each.id not in watched_ids and not each.has_failed:
                ended[each.is_tracked].append(each.id)
        # Alerts are the engine's.
        events = self.env["kpi.alert.event"].sudo()
        events.browse(ended[True])._resolve("rule")
        events.browse(ended[False])._resolve("kpi")

    @api.model
    def _evaluate_rules(self, rules, report_ids, alerts, initial):
        """As ``_evaluate_together``; a rule that fails does not stop the others."""
        if not rules:
            return set()
        try:
            with self.env.cr.savepoint():
                return rules._evaluate_together(report_ids, alerts, initial)
        except LATE:  # of the transaction, not of a rule: all of it is done again
            raise
        except Exception as error:
            if len(rules) == 1:
                rules._fail(failure_text(self.env, error))
                return {each.id for each in alerts if each.alert_id == rules.id}
            middle = len(rules) // 2
            return set().union(
                *(
                    self._evaluate_rules(half, report_ids, alerts, initial)
                    for half in (rules[:middle], rules[middle:])
                )
            )

    def _evaluate_together(self, report_ids, alerts, initial):
        pairs = self._fetch_pairs(report_ids)
        if len(pairs) > MOST_PAIRS and len(report_ids) > 1:
            middle = len(report_ids) // 2
            return set().union(
                *(
                    self._evaluate_together(half, alerts, initial)
                    for half in (report_ids[:middle], report_ids[middle:])
                )
            )
        if not len(pairs):
            return set()
        kpis = self._fetch_watched_kpis(np.unique(pairs[:, 1]).tolist())
        open_alerts = {each.key: each for each in alerts if each.alert_id}
        watched = Watched(self, kpis, pairs, open_alerts)
        findings = self._find(watched)
        self.env["kpi.alert.event"]._apply(watched, findings, initial)
        return {open_alerts[key].id for key in watched.list_open()}

    @api.model
    def _find(self, watched):
        """Findings of all types, by ``_find_<alert_type>``; of missing values too."""
        findings = []
        for kind, rules in watched.rules.grouped(_get_kind).items():
            own = watched.of(rules)
            if len(own.pairs):
                findings += getattr(self, f"_find_{kind}")(own)
        return findings

    def _fetch_pairs(self, report_ids):
        """Pairs of these rules and their KPIs: shape (pairs, 2); ``MOST_PAIRS`` and
        one at most, which says that there are too many.
        """
        statement = """
            SELECT alert_id, array_agg(report_id)
              FROM (SELECT alert_id, report_id FROM (%s) AS pair LIMIT %s) AS pair
          GROUP BY alert_id
        """
        rows = self.env.execute_query(
            SQL(statement, self._watched_sql(report_ids), MOST_PAIRS + 1)
        )
        readable = self._find_readable_by_owners(list(report_ids))
        found = [np.zeros((0, 2), int)]
        for rule_id, kpi_ids in rows:
            if rule_id in readable:
                kpi_ids = [id_ for id_ in kpi_ids if id_ in readable[rule_id]]
            own = np.full((len(kpi_ids), 2), rule_id)
            own[:, 1] = kpi_ids
            found.append(own)
        return np.concatenate(found)

    @api.model
    def _fetch_watched_kpis(self, report_ids):
        """Report id → ``WatchedKpi``."""
        statement = """
            SELECT report.id, definition.calendar_id, definition.frequency,
                   definition.direction, definition.aggregation_time = 'sum',
                   report.company_id, report.create_date::date, definition.id
              FROM kpi_report AS report
              JOIN kpi_definition AS definition
                ON definition.id = report.definition_id
             WHERE report.id = ANY(%s)
        """
        rows = self.env.execute_query(SQL(statement, report_ids))
        definitions = self.env["kpi.definition"].browse({row[-1] for row in rows})
        calendars = self.env["kpi.calendar"]
        first_days, frames, kpis = definitions._find_first_days(), {}, {}
        for id_, calendar_id, grain, *others, company_id, tracked_on, kpi_id in rows:
            if (calendar_id, grain) not in frames:
                calendar = calendars.browse(calendar_id)
                spec, today = calendar._spec(), calendar._today()
                frames[calendar_id, grain] = Frame(
                    len(frames), calendar_id, spec, grain, today
                )
            first_day = first_days[kpi_id].get(company_id, tracked_on)
            kpis[id_] = WatchedKpi(
                id_,
                frames[calendar_id, grain],
                *others,
                company_id,
                max(tracked_on, first_day),
            )
        return kpis

    def _fail(self, reason):
        """Leave these rules out until somebody changes them or turns them on."""
        # As the engine: whose rule it is reads why.
        self.sudo().write({"state": "failed", "last_error": reason})


def _get_kind(rule):
    is_missing = rule.alert_type == "threshold_breach" and rule.condition == "no_data"
    return "no_data" if is_missing else rule.alert_type


class DuePeriods:
    """The newest periods that working days enough have passed since.

    :param watched: ``Watched`` of rules that wait for values
    :param first, last: days that are asked about; None = only that of the KPIs
    """

    def __init__(self, watched, first=None, last=None):
        self.companies = watched.rules.env["res.company"]
        most = max(rule.no_data_days for rule in watched.rules)
        self.last = last or max(kpi.frame.today for kpi in watched.kpis.values())
        back = timedelta(days=DAYS_PER_WORKING_DAY * most + MORE_DAYS)
        self.since = (first or self.last) - back
        ids = {watched.kpis[id_].company_id for id_ in watched.list_report_ids()}
        # When companies work is no secret.
        calendars = self.companies.sudo().browse(ids).resource_calendar_id
        self.works = calendars._kpi_work_calendars(self.since - DAY, self.last + DAY)
        self.known = {}
        self.days = {}

    def find(self, kpi, days):
        """The newest period that ended ``days`` working days ago; None: none did."""
        today = kpi.frame.today
        key = (kpi.frame.number, kpi.company_id, days, today)
        if key not in self.known:
            worked = self._list_working_days(kpi)
            passed, period = bisect_left(worked, today), None
            if passed >= days:
                stop = worked[passed - days]
                period = period_of(kpi.frame.spec, kpi.frame.grain, stop - DAY)
                if period.stop > stop:
                    period = previous(kpi.frame.spec, period)
            self.known[key] = period
        return self.known[key]

    def _list_working_days(self, kpi):
        """Days before the last one on which the KPI's company works, oldest first."""
        key = (kpi.frame.number, kpi.company_id)
        if key not in self.days:
            # As above.
            company = self.companies.sudo().browse(kpi.company_id)
            work = self.works.get(company.resource_calendar_id.id)
            spec = kpi.frame.spec
            days = periods_between(spec, "day", self.since, self.last - DAY)
            starts = [day.start for day in days]
            if work:
                bounds = [bound for day in days for bound in utc_bounds(spec, day)]
                opens, closes = to_instants(bounds).reshape(-1, 2).T
                seconds = work_seconds(Timeline(work), opens, closes)
                starts = [
                    start
                    for start, worked in zip(starts, seconds.tolist(), strict=True)
                    if worked
                ]
            self.days[key] = starts
        return self.days[key]
