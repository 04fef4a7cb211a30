from odoo import api, models
from odoo.tools import SQL

from .judges import YOUNG, judge_anomalies, judge_risks, judge_trends


class KpiSmartAlert(models.Model):
    """Rules over what analyses say: trends, unusual values, chances of targets."""

    _inherit = "kpi.smart.alert"

    def _of_type(self, alert_type):
        return self.filtered(lambda rule: rule.alert_type == alert_type)

    @api.model
    def _find_trends(self, watched):
        """Findings of rules that wait for a KPI to get worse."""
        watched = watched.of(watched.rules._of_type("trend_deterioration"))
        if not len(watched.pairs):
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT trend.kpi_id, trend.course, trend.trend_periods,
                       CASE WHEN report.has_value THEN report.current_value END,
                       trend.period_count
                  FROM kpi_trend_analysis AS trend
                  JOIN kpi_report AS report ON report.id = trend.kpi_id
                 WHERE trend.kpi_id = ANY(%s)
                """,
                watched.list_report_ids(),
            )
        )
        return judge_trends(watched, {row[0]: row[1:] for row in rows})

    @api.model
    def _find_risks(self, watched):
        """Findings of rules that wait for a target to become unlikely."""
        watched = watched.of(watched.rules._of_type("target_risk"))
        if not len(watched.pairs):
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT kpi_id, period_start, target_probability, expected_value
                  FROM kpi_predictive_analytics
                 WHERE kpi_id = ANY(%s)
                   AND target_probability IS NOT NULL
                   AND period_start IS NOT NULL
                   AND error IS NULL
                   AND origin <> ALL(%s)
                """,
                watched.list_report_ids(),
                [*YOUNG],
            )
        )
        return judge_risks(watched, {row[0]: row[1:] for row in rows})

    @api.model
    def _find_anomalies(self, watched):
        """Findings of rules that wait for an unusual value."""
        watched = watched.of(watched.rules._of_type("anomaly_detected"))
        if not len(watched.pairs):
            return []
        found = self._fetch_anomalies(watched.list_report_ids())
        return judge_anomalies(watched, found)

    @api.model
    def _fetch_anomalies(self, report_ids):
        """Report id → first day of its newest value, rows of its unusual ones.

        Those that somebody has called usual are left out.
        """
        rows = self.env.execute_query(
            SQL(
                """
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
                """,
                report_ids,
            )
        )
        found = {}
        for report_id, newest, *anomaly in rows:
            _newest, known = found.setdefault(report_id, (newest, []))
            if anomaly[0]:
                known.append(anomaly)
        return found
