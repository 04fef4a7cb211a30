import numpy as np

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.repeat import LATE

from ..rule.kpi_smart_alert_scope import PATHS
from .finding import OpenAlert, Watched, WatchedKpi, make_frame
from .kpi_smart_alert_marks import JUDGED_BY

MOST_PAIRS = 2_000_000  # of a rule and a KPI evaluated together
READ = (
    *JUDGED_BY.difference(chosen for chosen, _path in PATHS.values()),
    "name",
    "severity",
    "turned_on_at",
)
THRESHOLDS = ("threshold", "threshold_high", "clear_threshold", "clear_threshold_high")


class KpiSmartAlert(models.Model):
    """Evaluation of all rules for some KPIs, by a constant number of statements."""

    _inherit = "kpi.smart.alert"

    @api.model
    def _evaluate(self, report_ids, initial=()):
        """Have the rules that are on look at KPIs; alerts fire and end.

        A rule that fails is marked and left out.

        :param report_ids: of KPIs, in any order; some may be gone
        :param initial: pairs (rule id, report id) of rules that were turned on
        """
        self.env.flush_all()
        # Together with what is read of them: else a statement for each thousand.
        rules = self.search_fetch([("state", "=", "on")], [*READ])
        rules -= rules._fail_senseless()
        alerts = self._fetch_open_alerts(report_ids)
        watched_ids = self._evaluate_rules(rules, report_ids, alerts, set(initial))
        self._end_unwatched(alerts, watched_ids)

    @api.model
    def _evaluate_rules(self, rules, report_ids, alerts, initial):
        """Of some rules; one that fails does not stop the others.

        :param alerts: list of ``OpenAlert`` of these KPIs
        :return: ids of those alerts that these rules watch, or that nobody can say
        """
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
        """Findings of all types; an addon adds those of its own."""
        return [
            *self._find_thresholds(watched),
            *self._find_no_data(watched),
            *self._find_trends(watched),
            *self._find_anomalies(watched),
            *self._find_risks(watched),
            *self._find_restated(watched),
        ]

    def _fetch_pairs(self, report_ids):
        """Pairs of these rules and their KPIs: shape (pairs, 2); ``MOST_PAIRS`` and
        one at most, which says that there are too many.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT alert_id, array_agg(report_id)
                  FROM (SELECT alert_id, report_id FROM (%s) AS pair LIMIT %s) AS pair
              GROUP BY alert_id
                """,
                self._watched_sql(report_ids),
                MOST_PAIRS + 1,
            )
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
    def _fetch_open_alerts(self, report_ids):
        """List of ``OpenAlert`` of these KPIs, of whatever rules."""
        self.flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """
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
                """,
                list(report_ids),
            )
        )
        return [OpenAlert(*row) for row in rows]

    @api.model
    def _fetch_watched_kpis(self, report_ids):
        """Report id → ``WatchedKpi``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report.id, definition.calendar_id, definition.frequency,
                       definition.direction, definition.aggregation_time = 'sum',
                       report.company_id, report.create_date::date
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                 WHERE report.id = ANY(%s)
                """,
                report_ids,
            )
        )
        calendars = self.env["kpi.calendar"]
        frames = {}
        for _id, calendar_id, grain, *_others in rows:
            if (calendar_id, grain) not in frames:
                calendar = calendars.browse(calendar_id)
                spec, today = calendar._spec(), calendar._today()
                frames[calendar_id, grain] = make_frame(
                    len(frames), calendar_id, spec, grain, today
                )
        return {
            id_: WatchedKpi(id_, frames[calendar_id, grain], *others)
            for id_, calendar_id, grain, *others in rows
        }

    def _fail_senseless(self):
        """Mark those whose numbers were changed past what checks them; these."""
        numbers = [[rule[name] for name in THRESHOLDS] for rule in self]
        is_senseless = ~np.isfinite(np.array(numbers, float)).reshape(-1, 4).all(axis=1)
        failed = self.browse([self.ids[at] for at in np.flatnonzero(is_senseless)])
        if failed:
            failed._fail(self.env._("A threshold is not a finite number."))
        return failed

    def _fail(self, reason):
        """Leave these rules out until somebody changes them or turns them on."""
        # As the engine: whose rule it is reads why.
        self.sudo().write({"state": "failed", "last_error": reason})

    @api.model
    def _end_unwatched(self, alerts, watched_ids):
        """End alerts whose rules watch their KPIs no more.

        :param alerts: list of ``OpenAlert``, as they were before the evaluation
        :param watched_ids: ids of those whose rules watch them
        """
        ended = {True: [], False: []}
        for each in alerts:
            if each.id not in watched_ids and not each.has_failed:
                ended[each.is_tracked].append(each.id)
        # Alerts are the engine's.
        events = self.env["kpi.alert.event"].sudo()
        events.browse(ended[True])._resolve("rule")
        events.browse(ended[False])._resolve("kpi")
