from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.fact.kpi_measurement import ROUNDING
from odoo.addons.kpi_tracking.models.restatement.settled import SETTLED

from ...engine.restatement import Restatement
from .judges import judge_restated


class KpiSmartAlert(models.Model):
    """Rules that wait for a closed period to become another, or to vanish.

    Compared is the value that it had so many days after closing. Changes from before a
    rule was turned on are none of its business, nor are those that somebody resolved.
    """

    _inherit = "kpi.smart.alert"

    @api.model
    def _find_restated(self, watched):
        """Findings of rules that wait for a closed period to change."""
        watched = watched.of(watched.rules._of_type("restated"))
        if not len(watched.pairs):
            return []
        seen_until = self._fetch_seen_until(watched)
        since = {rule.id: rule.turned_on_at or None for rule in watched.rules}
        restatements = self._fetch_restatements(watched, since, seen_until)
        return judge_restated(watched, restatements, seen_until, since)

    @api.model
    def _fetch_seen_until(self, watched):
        """Pair of a rule and a KPI → when its last alert was over."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT alert_id, report_id, max(resolved_at)
                  FROM kpi_alert_event
                 WHERE state = 'resolved'
                   AND alert_id = ANY(%s)
                   AND report_id = ANY(%s)
              GROUP BY alert_id, report_id
                """,
                watched.rules.ids,
                watched.list_report_ids(),
            )
        )
        return {(rule_id, report_id): ended for rule_id, report_id, ended in rows}

    @api.model
    def _fetch_restatements(self, watched, since, seen_until):
        """Pair of a rule and a KPI → ``Restatement`` of its periods that changed.

        :param since: rule id → moment from which on changes are looked at
        :param seen_until: pair → moment that they have to come after
        """
        keys = watched.list_keys()
        days = {rule.id: rule.restated_after_days for rule in watched.rules}
        alerts = [watched.open_alerts.get(key) for key in keys]
        rows = self.env.execute_query(
            SQL(
                self._get_restated_query(),
                rule_ids=[rule_id for rule_id, _report_id in keys],
                report_ids=[report_id for _rule_id, report_id in keys],
                days=[days[rule_id] for rule_id, _report_id in keys],
                since=[since[rule_id] for rule_id, _report_id in keys],
                seen_until=[seen_until.get(key) for key in keys],
                open_periods=[alert and alert.period_start for alert in alerts],
                settled=SQL(SETTLED),
            )
        )
        found = defaultdict(list)
        for rule_id, report_id, *columns in rows:
            found[rule_id, report_id].append(Restatement(*columns, ROUNDING))
        return found

    @api.model
    def _get_restated_query(self):
        """Periods of each pair that changed, and how after they had settled."""
        return """
            WITH asked AS MATERIALIZED (
                SELECT given.*, report.frequency AS grain, calendar.id AS calendar_id,
                       calendar.tz
                  FROM unnest(%(rule_ids)s::int[], %(report_ids)s::int[],
                              %(days)s::int[], %(since)s::timestamp[],
                              %(seen_until)s::timestamp[], %(open_periods)s::date[])
                       AS given(alert_id, report_id, days, since, seen_until,
                                open_period)
                  JOIN kpi_report AS report ON report.id = given.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
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
                    ON day.calendar_id = asked.calendar_id
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
            SELECT settling.alert_id, settling.report_id, settling.period_start,
                   settled.old_value, changed.moments, changed.values, changed.causes
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
             WHERE settled.old_value IS NOT NULL
            """
