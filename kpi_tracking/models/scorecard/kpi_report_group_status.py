from odoo import api, models
from odoo.tools import SQL

from ...engine import status
from ..report.kpi_report import JUDGED


class KpiReportGroup(models.Model):
    """Weighted achievement, status and label, stored on the scorecard.

    The rule is that of ``engine/scorecard.py``, over the latest value of each KPI.
    """

    _inherit = "kpi.report.group"

    @api.model
    def _refresh_with(self, reports):
        """Bring the scorecards of these KPIs in line with them."""
        # Who changes a KPI need not see the scorecards that it is on.
        lines = self.env["kpi.report.group.line"].sudo()
        groups = lines._read_group([("report_id", "in", reports.ids)], ["group_id"])
        self.browse(group.id for (group,) in groups)._refresh_current()

    def _refresh_current(self):
        if not self.ids:
            return
        self.env["kpi.report"].flush_model(["active"])
        self.env["kpi.report.group.line"].flush_model()
        self.flush_recordset()
        self.env.cr.execute(self._current_update_sql())
        self.env.cr.execute(self._points_update_sql())
        self.invalidate_recordset()
        self.env["kpi.report.group.line"].invalidate_model(["points_lost"])

    def _current_update_sql(self):
        # Both texts are made from the column names below: nothing a user wrote.
        reached = status.status_sql("scored.percent", "scored.value_count")
        label = status.status_sql("scored.percent", bands=status.FIVE_BANDS)
        return SQL(
            """
            WITH scored AS MATERIALIZED (%(scored)s),
            result AS MATERIALIZED (
                SELECT scored.*, %(reached)s AS status,
                       CASE WHEN percent IS NOT NULL THEN %(label)s END AS label,
                       CASE WHEN percent IS NULL THEN -1
                            ELSE GREATEST(100 - percent, 0) END AS distance
                  FROM scored
            )
            UPDATE kpi_report_group AS scorecard
               SET achievement = result.percent,
                   distance_percent = result.distance,
                   status = result.status,
                   score_label = result.label,
                   line_count = result.line_count,
                   value_count = COALESCE(result.value_count, 0),
                   counted_count = result.counted_count,
                   counted_weight = COALESCE(result.counted_weight, 0),
                   current_period_stop = result.period_stop,
                   last_measured_at = result.last_measured_at
              FROM result
             WHERE scorecard.id = result.group_id
               AND (scorecard.achievement, scorecard.distance_percent,
                    scorecard.status, scorecard.score_label, scorecard.line_count,
                    scorecard.value_count, scorecard.counted_count,
                    scorecard.counted_weight, scorecard.current_period_stop,
                    scorecard.last_measured_at)
                   IS DISTINCT FROM
                   (result.percent, result.distance, result.status, result.label,
                    result.line_count, COALESCE(result.value_count, 0),
                    result.counted_count, COALESCE(result.counted_weight, 0),
                    result.period_stop, result.last_measured_at)
            """,
            scored=self._scores_sql(),
            reached=SQL(reached),
            label=SQL(label),
        )

    def _scores_sql(self):
        """One row per scorecard."""
        return SQL(
            """
            SELECT scorecard.id AS group_id,
                   count(line.report_id) AS line_count,
                   NULLIF(count(*) FILTER (WHERE line.has_value), 0) AS value_count,
                   count(line.achievement) AS counted_count,
                   sum(line.weight) FILTER (WHERE line.achievement IS NOT NULL)
                       AS counted_weight,
                   sum(line.weight * LEAST(line.achievement, scorecard.achievement_cap))
                       FILTER (WHERE line.achievement IS NOT NULL)
                       / NULLIF(sum(line.weight) FILTER (
                           WHERE line.achievement IS NOT NULL), 0) AS percent,
                   max(line.current_period_stop) FILTER (
                       WHERE line.achievement IS NOT NULL) AS period_stop,
                   max(line.last_measured_at) AS last_measured_at
              FROM kpi_report_group AS scorecard
         LEFT JOIN (%(lines)s) AS line ON line.group_id = scorecard.id
             WHERE scorecard.id = ANY(%(ids)s)
          GROUP BY scorecard.id
            """,
            lines=self._judged_lines_sql(),
            ids=self.ids,
        )

    def _points_update_sql(self):
        """Update the points a KPI costs its scorecard; NULL where it does not count."""
        return SQL(
            """
            UPDATE kpi_report_group_line AS line
               SET points_lost = cost.points
              FROM (
                SELECT line.id,
                       CASE WHEN judged.achievement IS NOT NULL
                            THEN line.weight * GREATEST(100 - judged.achievement, 0)
                                 / NULLIF(scorecard.counted_weight, 0) END AS points
                  FROM kpi_report_group_line AS line
                  JOIN kpi_report_group AS scorecard ON scorecard.id = line.group_id
             LEFT JOIN (%(lines)s) AS judged ON judged.id = line.id
                 WHERE scorecard.id = ANY(%(ids)s)
              ) AS cost
             WHERE cost.id = line.id
               AND line.points_lost IS DISTINCT FROM cost.points
            """,
            lines=self._judged_lines_sql(),
            ids=self.ids,
        )

    def _judged_lines_sql(self):
        """Lines with what their KPI reached, from 0 on; NULL where it is not judged.

        Archived KPIs are history and count no more. (``LEAST`` and ``GREATEST`` take
        NULL for nothing to compare with, not for unknown.)
        """
        return SQL(
            """
            SELECT line.id, line.group_id, line.weight, line.report_id,
                   report.has_value, report.current_period_stop,
                   report.last_measured_at,
                   CASE WHEN report.status = ANY(%(judged)s)
                        THEN GREATEST(report.achievement, 0) END AS achievement
              FROM kpi_report_group_line AS line
              JOIN kpi_report AS report ON report.id = line.report_id AND report.active
             WHERE line.group_id = ANY(%(ids)s)
            """,
            judged=list(JUDGED),
            ids=self.ids,
        )
