from odoo import api, models
from odoo.tools import SQL

from .finding import Finding

# A forecast of so few values says nothing of a chance.
YOUNG = ("too_short", "no_data")


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
                       report.current_value, report.has_value, trend.period_count
                  FROM kpi_trend_analysis AS trend
                  JOIN kpi_report AS report ON report.id = trend.kpi_id
                 WHERE trend.kpi_id = ANY(%s)
                """,
                watched.list_report_ids(),
            )
        )
        trends = {row[0]: row[1:] for row in rows}
        least = {rule.id: rule.least_facts for rule in watched.rules}
        findings = []
        for key in watched.list_keys():
            rule_id, report_id = key
            if report_id not in trends:
                continue
            course, change, value, has_value, count = trends[report_id]
            fires = course == "worse" and count >= least[rule_id]
            if not fires and key not in watched.open_alerts:
                continue
            findings.append(
                Finding(
                    *key,
                    watched.kpis[report_id].frame.periods[1].start,
                    fires=fires,
                    resolution="" if course == "worse" else "cleared",
                    value=value if has_value else None,
                    measured=change,
                )
            )
        return findings

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
        chances = {row[0]: row[1:] for row in rows}
        limits = {rule.id: rule.chance_below for rule in watched.rules}
        findings = []
        for key in watched.list_keys():
            rule_id, report_id = key
            if report_id not in chances:
                continue
            start, chance, expected = chances[report_id]
            fires = chance < limits[rule_id]
            if fires or key in watched.open_alerts:
                findings.append(
                    Finding(
                        *key,
                        start,
                        fires=fires,
                        resolution="" if fires else "cleared",
                        value=expected,
                        measured=chance,
                        limit=limits[rule_id],
                    )
                )
        return findings

    @api.model
    def _find_anomalies(self, watched):
        """Findings of rules that wait for an unusual value."""
        watched = watched.of(watched.rules._of_type("anomaly_detected"))
        if not len(watched.pairs):
            return []
        found = self._fetch_anomalies(watched.list_report_ids())
        recent = {rule.id: rule.recent_periods for rule in watched.rules}
        findings = []
        for key in watched.list_keys():
            rule_id, report_id = key
            alert = watched.open_alerts.get(key)
            newest, known = found.get(report_id, (None, ()))
            frame = watched.kpis[report_id].frame
            first = frame.periods[recent[rule_id]].start
            current = [row for row in known if row[1] >= first]
            if current:
                findings.append(_describe_anomaly(key, current[0]))
            elif alert and newest:
                is_there = any(row[0] <= alert.period_start <= row[1] for row in known)
                # One of the last values, with none after it, is still news.
                if is_there and newest <= alert.period_start:
                    continue
                findings.append(
                    Finding(
                        *key,
                        newest,
                        resolution="cleared" if is_there else "corrected",
                    )
                )
        return findings

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


def _describe_anomaly(key, row):
    start, _last, oddest, kind, value, expected, margin = row
    return Finding(
        *key,
        oddest,
        fires=True,
        since=start,
        value=value,
        measured=value,
        limit=expected,
        details={"kind": kind, "margin": margin},
    )
