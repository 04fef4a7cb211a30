from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.fact.kpi_measurement import ROUNDING
from odoo.addons.kpi_tracking.models.restatement.settled import CHANGED, SETTLED

from .finding import Finding


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
        keys = watched.list_keys()
        rules = {rule.id: rule for rule in watched.rules}
        alerts = [watched.open_alerts.get(key) for key in keys]
        rows = self.env.execute_query(
            SQL(
                self._get_restated_query(),
                rule_ids=[rule_id for rule_id, _report_id in keys],
                report_ids=[report_id for _rule_id, report_id in keys],
                percents=[rules[rule_id].restated_percent for rule_id, _id in keys],
                days=[rules[rule_id].restated_after_days for rule_id, _id in keys],
                since=[rules[rule_id].turned_on_at or None for rule_id, _id in keys],
                open_periods=[alert and alert.period_start for alert in alerts],
                settled=SQL(SETTLED),
                changed=SQL(CHANGED),
                rounding=ROUNDING,
            )
        )
        found = {(row[0], row[1]): _describe_restated(row) for row in rows}
        return [
            found.get(key) or Finding(*key, alert.period_start, resolution="cleared")
            for key, alert in zip(keys, alerts, strict=True)
            if alert or key in found
        ]

    @api.model
    def _get_restated_query(self):
        """The latest restated period of each pair of a rule and a KPI."""
        return """
            WITH asked AS MATERIALIZED (
                SELECT given.*, report.frequency AS grain, calendar.id AS calendar_id,
                       calendar.tz, (
                         SELECT max(ended.resolved_at)
                           FROM kpi_alert_event AS ended
                          WHERE ended.alert_id = given.alert_id
                            AND ended.report_id = given.report_id
                            AND ended.state = 'resolved') AS seen_until
                  FROM unnest(%(rule_ids)s::int[], %(report_ids)s::int[],
                              %(percents)s::float8[], %(days)s::int[],
                              %(since)s::timestamp[], %(open_periods)s::date[])
                       AS given(alert_id, report_id, percent, days, since, open_period)
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
            SELECT DISTINCT ON (settling.alert_id, settling.report_id)
                   settling.alert_id, settling.report_id, settling.period_start,
                   settled.old_value, fact.value, changed.cause, settling.percent
              FROM settling
              JOIN LATERAL (%(settled)s) AS settled
                ON settled.recorded_at <= settling.settled_on
              JOIN LATERAL (%(changed)s) AS changed ON TRUE
         LEFT JOIN kpi_measurement AS fact
                ON fact.report_id = settling.report_id
               AND fact.grain = settling.grain
               AND fact.period_start = settling.period_start
             WHERE settled.old_value IS NOT NULL
               AND (fact.value IS NULL
                    OR abs(fact.value - settled.old_value)
                       > abs(settled.old_value)
                         * (settling.percent / 100 + %(rounding)s))
          ORDER BY settling.alert_id, settling.report_id, changed.restated_on DESC,
                   settling.period_start DESC
            """


def _describe_restated(row):
    rule_id, report_id, start, old, new, cause, percent = row
    change = None
    if new is not None and old:
        change = 100 * (new - old) / abs(old)
    return Finding(
        rule_id,
        report_id,
        start,
        fires=True,
        value=new,
        measured=change,
        limit=percent,
        details={"old": old, "new": new, "cause": cause},
    )
