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
        self._evaluate_rules(rules, report_ids, set(initial))
        self._end_unwatched(report_ids)

    @api.model
    def _evaluate_rules(self, rules, report_ids, initial):
        """Of some rules; one that fails does not stop the others."""
        if not rules:
            return
        try:
            with self.env.cr.savepoint():
                rules._evaluate_together(report_ids, initial)
        except LATE:  # of the transaction, not of a rule: all of it is done again
            raise
        except Exception as error:
            if len(rules) == 1:
                rules._fail(failure_text(self.env, error))
                return
            middle = len(rules) // 2
            for half in (rules[:middle], rules[middle:]):
                self._evaluate_rules(half, report_ids, initial)

    def _evaluate_together(self, report_ids, initial):
        pairs = self._fetch_pairs(report_ids)
        if len(pairs) > MOST_PAIRS and len(report_ids) > 1:
            middle = len(report_ids) // 2
            for half in (report_ids[:middle], report_ids[middle:]):
                self._evaluate_together(half, initial)
            return
        if not len(pairs):
            return
        alerts = self._fetch_open_alerts(report_ids)
        kpis = self._fetch_watched_kpis(np.unique(pairs[:, 1]).tolist())
        watched = Watched(self, kpis, pairs, alerts)
        findings = self._find(watched)
        self.env["kpi.alert.event"]._apply(watched, findings, initial)

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

    def _fetch_open_alerts(self, report_ids):
        """(rule id, report id) → ``OpenAlert`` of these rules and KPIs."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT alert_id, report_id, id, period_start, since_period, value,
                       measured
                  FROM kpi_alert_event
                 WHERE state <> 'resolved'
                   AND alert_id = ANY(%s)
                   AND report_id = ANY(%s)
                """,
                self.ids,
                list(report_ids),
            )
        )
        return {(row[0], row[1]): OpenAlert(*row[2:]) for row in rows}

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
    def _end_unwatched(self, report_ids):
        """End alerts whose rules watch their KPIs no more."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT event.id, report.active AND definition.active, event.alert_id,
                       event.report_id
                  FROM kpi_alert_event AS event
                  JOIN kpi_report AS report ON report.id = event.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
             LEFT JOIN kpi_smart_alert AS rule ON rule.id = event.alert_id
                 WHERE event.report_id = ANY(%s)
                   AND event.state <> 'resolved'
                   AND rule.state IS DISTINCT FROM 'failed'
                """,
                list(report_ids),
            )
        )
        if not rows:
            return
        rules = self.browse({rule for _id, _tracked, rule, _kpi in rows if rule})
        rules = rules.filtered(lambda rule: rule.active and rule.state == "on")
        pairs = rules._fetch_pairs([kpi for *_others, kpi in rows])
        watched = {(rule, kpi) for rule, kpi in pairs.tolist()}
        ended = {True: [], False: []}
        for id_, is_tracked, rule, kpi in rows:
            if (rule, kpi) not in watched:
                ended[is_tracked].append(id_)
        # Alerts are the engine's.
        events = self.env["kpi.alert.event"].sudo()
        events.browse(ended[True])._resolve("rule")
        events.browse(ended[False])._resolve("kpi")
