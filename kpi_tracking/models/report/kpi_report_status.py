from odoo import models
from odoo.tools import SQL

from ...engine import status, stretch, zones
from ...engine.due import due_share_sql
from ...engine.zones import THRESHOLD_FIELDS

SPARKLINE_PERIODS = 12


class KpiReport(models.Model):
    """Current value, achievement and status, stored on the report by one statement."""

    _inherit = "kpi.report"

    def _refresh_current(self, first=None):
        """Bring the stored values of these reports in line with facts and targets.

        A period that is still running is judged by the share of its target that has
        become due, where the KPI adds up over time; one that has closed by the target
        that was stored of it.

        :param first: nothing has changed in periods that ended before this day
        :return: these, and the KPIs whose targets follow from them
        """
        if not self.ids:
            return self
        self.env["kpi.target"].flush_model()
        self.env["kpi.definition"].flush_model()
        self.env["kpi.report"].flush_model()
        # The engine judges for everybody.
        reports = self.sudo()._judge_periods(first)
        self.env.cr.execute(reports._current_update_sql())
        reports.invalidate_recordset()
        self.env["kpi.event"]._current_changed(reports)
        return reports

    def _current_update_sql(self):
        achieved = status.achievement_sql(
            "due.value",
            "due.due_target",
            "due.due_baseline",
            direction="due.direction",
            range_low="due.due_low",
            range_high="due.due_high",
        )
        reached, band = zones.status_and_band_sql(
            "scored.achievement", "scored.value", "scored.zones", THRESHOLD_FIELDS
        )
        stretched = stretch.is_reached_sql(
            "scored.value", "scored.stretch", "scored.direction", "scored.is_final"
        )
        # The achievement is stored as it is shown, never below 0, so that an average is
        # that of the numbers seen; without value or target it is NULL and left out.
        # Both texts are made from the column names above: nothing a user wrote. Without
        # MATERIALIZED they are repeated where used, and take a second to plan.
        return SQL(
            """
            WITH latest AS MATERIALIZED (%(latest)s),
            due AS MATERIALIZED (%(due)s),
            scored AS MATERIALIZED (
                SELECT due.*, %(achieved)s AS achievement FROM due
            ),
            result AS MATERIALIZED (
                SELECT scored.*, %(reached)s AS status, %(band)s AS band,
                       %(stretched)s AS is_stretched,
                       CASE WHEN achievement < 0 THEN 0 ELSE achievement END AS shown,
                       CASE WHEN achievement IS NULL THEN -1
                            ELSE GREATEST(100 - achievement, 0) END AS distance
                  FROM scored
            )
            UPDATE kpi_report AS report
               SET current_value = COALESCE(result.value, 0),
                   has_value = result.value IS NOT NULL,
                   current_period_start = result.period_start,
                   current_period_stop = result.period_stop,
                   previous_value = COALESCE(result.previous_value, 0),
                   has_previous = result.previous_value IS NOT NULL,
                   target_value = COALESCE(result.due_target, 0),
                   achievement = result.shown,
                   distance_percent = result.distance,
                   status = result.status,
                   band = result.band,
                   is_stretch_reached = result.is_stretched,
                   unpriced_count = COALESCE(result.unpriced_count, 0),
                   last_measured_at = result.recorded_at
              FROM result
             WHERE report.id = result.report_id
               AND (report.current_value, report.has_value, report.current_period_start,
                    report.current_period_stop, report.previous_value,
                    report.has_previous, report.target_value, report.achievement,
                    report.distance_percent, report.status, report.band,
                    report.is_stretch_reached, report.unpriced_count,
                    report.last_measured_at)
                   IS DISTINCT FROM
                   (COALESCE(result.value, 0), result.value IS NOT NULL,
                    result.period_start, result.period_stop,
                    COALESCE(result.previous_value, 0),
                    result.previous_value IS NOT NULL, COALESCE(result.due_target, 0),
                    result.shown, result.distance, result.status, result.band,
                    result.is_stretched, COALESCE(result.unpriced_count, 0),
                    result.recorded_at)
            """,
            latest=self._latest_facts_sql(),
            due=self._due_facts_sql(),
            achieved=SQL(achieved),
            reached=SQL(reached),
            band=SQL(band),
            stretched=SQL(stretched),
        )

    def _latest_facts_sql(self):
        """The two latest facts of each report in one row, by the unique index."""
        return SQL(
            """
            SELECT report.id AS report_id, definition.direction, definition.frequency,
                   definition.aggregation_time, calendar.tz,
                   fact.period_start, fact.value, fact.unpriced_count, fact.recorded_at,
                   fact.previous_value, day.period_stop
              FROM kpi_report AS report
              JOIN kpi_definition AS definition ON definition.id = report.definition_id
              JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
         LEFT JOIN LATERAL (
                SELECT newest.*, lead(newest.value) OVER (
                         ORDER BY newest.period_start DESC) AS previous_value
                  FROM (
                    SELECT period_start, value, unpriced_count, recorded_at
                      FROM kpi_measurement
                     WHERE report_id = report.id
                       AND grain = definition.frequency
                       AND period_start <= (now() AT TIME ZONE calendar.tz)::date
                  ORDER BY period_start DESC
                     LIMIT 2
                  ) AS newest
              ORDER BY newest.period_start DESC
                 LIMIT 1
              ) AS fact ON TRUE
         LEFT JOIN kpi_calendar_day AS day
                ON day.calendar_id = definition.calendar_id
               AND day.grain = definition.frequency
               AND day.day = fact.period_start
             WHERE report.id = ANY(%s)
            """,
            self.ids,
        )

    def _due_facts_sql(self):
        """Each latest fact beside what its period is judged by, so far while it runs.

        As it is stored: the target that holds, or that of the day on which it closed.
        """
        return SQL(
            """
            SELECT latest.report_id, latest.period_start, latest.period_stop,
                   latest.value, latest.previous_value, latest.direction,
                   latest.unpriced_count, latest.recorded_at,
                   target.target, target.target * due.share AS due_target,
                   target.baseline * due.share AS due_baseline,
                   target.range_low * due.share AS due_low,
                   target.range_high * due.share AS due_high,
                   target.stretch, due.share = 1 AS is_final,
                   target.zones, target.threshold_1, target.threshold_2,
                   target.threshold_3, target.threshold_4
              FROM latest
         LEFT JOIN kpi_target_value AS target
                ON target.report_id = latest.report_id
               AND target.grain = latest.frequency
               AND target.period_start = latest.period_start
        CROSS JOIN LATERAL (
                SELECT %(share)s AS share
                  FROM (SELECT (now() AT TIME ZONE latest.tz)::date AS day) AS today
              ) AS due
            """,
            share=SQL(
                due_share_sql(
                    "latest.period_start",
                    "latest.period_stop",
                    "today.day",
                    "latest.aggregation_time",
                )
            ),
        )
