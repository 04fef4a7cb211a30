from datetime import date, timedelta

import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ...engine import status, zones
from ...engine.zones import THRESHOLD_FIELDS
from ..target.target_numbers import TargetEvaluation, target_numbers_sql

NUMBERS = ("target", "baseline", "stretch", "range_low", "range_high")
JUDGED_BY = (*NUMBERS, "zones", *THRESHOLD_FIELDS)
JUDGEMENT = ("judged_value", "achievement", "status", "band", "judged_at")


class KpiReport(models.Model):
    """Keeps what each period is judged by, and judges the periods that have closed."""

    _inherit = "kpi.report"

    def _judge_periods(self, first=None):
        """Bring the targets of open periods up to date and judge what has closed.

        :param first: leave the periods before that of this day alone
        :return: the KPIs concerned: these, and those whose targets follow from them
        """
        reports, judged_ids = self, []
        for (
            report_ids,
            calendar_id,
            since,
            ruled_ids,
        ) in self._fetch_calendars_to_judge():
            calendar = self.env["kpi.calendar"].browse(calendar_id)
            today = calendar._today()
            calendar._ensure_days(min(since, today), today + timedelta(days=1))
            found = self.browse(ruled_ids)._evaluate_target_rules()
            rows = self.env.execute_query(
                _judgement_sql(report_ids, today, first, found)
            )
            judged_ids += [row_id for row_id, is_judged in rows if is_judged]
            reports |= self.browse(report_ids)
        values = self.env["kpi.target.value"]
        values.invalidate_model()
        if judged_ids:
            self.env["kpi.event"]._periods_judged(values.browse(judged_ids))
        return reports

    def _fetch_calendars_to_judge(self):
        """Of the KPIs that there is something to judge by, per calendar: their ids, the
        day of their first target, the ids of those with targets set by a rule.
        """
        return self.env.execute_query(
            SQL(
                """
                WITH concerned AS (
                    SELECT report_id FROM kpi_target WHERE report_id = ANY(%(ids)s)
                     UNION
                    SELECT report_id FROM kpi_target_value
                     WHERE report_id = ANY(%(ids)s) AND judged_at IS NULL
                     UNION
                    SELECT target.report_id
                      FROM kpi_report AS source
                      JOIN kpi_target AS target
                        ON target.source_definition_id = source.definition_id
                     WHERE source.id = ANY(%(ids)s)
                )
                SELECT array_agg(DISTINCT report.id), definition.calendar_id,
                       COALESCE(min(target.date_from), CURRENT_DATE),
                       COALESCE(array_agg(DISTINCT report.id)
                                FILTER (WHERE target.rule <> 'number'), '{}')
                  FROM concerned
                  JOIN kpi_report AS report ON report.id = concerned.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
             LEFT JOIN kpi_target AS target ON target.report_id = report.id
              GROUP BY definition.calendar_id
                """,
                ids=self.ids,
            )
        )

    def _evaluate_target_rules(self):
        """Evaluate target rules in all periods so far: lists of report ids, grains,
        first days and targets.
        """
        found = ([], [], [], [])
        for definition, reports in self.grouped("definition_id").items():
            for grain in definition._grains():
                reports._add_ruled_targets(definition.calendar_id, grain, found)
        return found

    def _add_ruled_targets(self, calendar, grain, found):
        first = min(self.target_ids.mapped("date_from"))
        periods = calendar._periods(grain, first, calendar._today())
        if not periods:
            return
        target = TargetEvaluation(self, periods).targets().target
        for row, at in np.argwhere(~np.isnan(target)).tolist():
            found[0].append(self[row].id)
            found[1].append(grain)
            found[2].append(periods[at].start)
            found[3].append(float(target[row, at]))

    @api.model
    def _judge_closed(self):
        """Judge the periods that have closed, and begin those that have not."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT stored.report_id, FALSE
                  FROM kpi_target_value AS stored
                  JOIN kpi_measurement AS fact
                    ON fact.report_id = stored.report_id
                   AND fact.grain = stored.grain
                   AND fact.period_start = stored.period_start
                  JOIN kpi_report AS report ON report.id = stored.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar
                    ON calendar.id = definition.calendar_id
                 WHERE stored.judged_at IS NULL
                   AND stored.period_stop <= (now() AT TIME ZONE calendar.tz)::date
                 UNION
                SELECT target.report_id, target.rule <> 'number'
                  FROM kpi_target AS target
                  JOIN kpi_report AS report ON report.id = target.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar
                    ON calendar.id = definition.calendar_id
                 WHERE report.active
                   AND target.date_from <= (now() AT TIME ZONE calendar.tz)::date
                   AND NOT EXISTS (
                         SELECT 1
                           FROM kpi_target AS later
                          WHERE later.report_id = target.report_id
                            AND later.date_from > target.date_from
                            AND later.date_from
                                <= (now() AT TIME ZONE calendar.tz)::date)
                   AND NOT EXISTS (
                         SELECT 1
                           FROM kpi_target_value AS stored
                          WHERE stored.report_id = target.report_id
                            AND stored.judged_at IS NULL
                            AND stored.grain = definition.frequency
                            AND stored.period_stop
                                > (now() AT TIME ZONE calendar.tz)::date)
                """
            )
        )
        by_rule = {is_ruled: [] for is_ruled in (False, True)}
        for report_id, is_ruled in rows:
            by_rule[is_ruled].append(report_id)
        begun = self.browse(by_rule[True])._filter_begun_by_rule()
        (self.browse(by_rule[False]) | begun)._refresh_current()

    def _filter_begun_by_rule(self):
        """Those whose rule says a target for the period that runs now.

        Others would be found, and told to have changed, again and again.
        """
        ids, grains, starts, _targets = self._evaluate_target_rules()
        known = set(zip(ids, grains, starts, strict=True))

        def has_begun(report):
            calendar, grain = report.definition_id.calendar_id, report.frequency
            start = calendar._period(grain, calendar._today()).start
            return (report.id, grain, start) in known

        return self.filtered(has_begun)


def _judgement_sql(report_ids, today, first, ruled):
    """The statement that keeps targets and judgements of KPIs of one calendar."""
    reached, band = zones.status_and_band_sql(
        "achievement", "judged_value", "zones", THRESHOLD_FIELDS
    )
    achieved = status.achievement_sql(
        "due.judged_value",
        "due.target",
        "due.baseline",
        direction="due.direction",
        range_low="due.range_low",
        range_high="due.range_high",
    )
    stored = ("report_id", "grain", "period_start", "period_stop")
    columns = (*stored, *JUDGED_BY, *JUDGEMENT)
    changing = columns[3:]
    # All texts are made from names in code: nothing a user wrote.
    return SQL(
        """
        WITH held AS MATERIALIZED (%(held)s),
        starts AS MATERIALIZED (
            SELECT grain, period_start, period_stop
              FROM kpi_calendar_day
             WHERE calendar_id IN (SELECT calendar_id FROM held)
               AND grain IN (SELECT frequency FROM held)
               AND day = period_start
               AND day <= %(today)s
        ),
        due AS MATERIALIZED (%(due)s),
        scored AS MATERIALIZED (
            SELECT due.*, %(achieved)s AS achievement FROM due
        ),
        judged AS MATERIALIZED (
            SELECT scored.*,
                   CASE WHEN judged_value IS NOT NULL THEN %(reached)s END AS status,
                   %(band)s AS band,
                   CASE WHEN judged_value IS NOT NULL
                        THEN now() AT TIME ZONE 'UTC' END AS judged_at
              FROM scored
        ),
        removed AS (
            DELETE FROM kpi_target_value AS stored
             WHERE stored.report_id = ANY(%(ids)s)
               AND stored.judged_at IS NULL
               AND stored.period_stop > %(today)s
               AND NOT EXISTS (
                     SELECT 1
                       FROM judged
                      WHERE judged.report_id = stored.report_id
                        AND judged.grain = stored.grain
                        AND judged.period_start = stored.period_start)
        )
        INSERT INTO kpi_target_value (%(columns)s)
        SELECT %(columns)s FROM judged
      ORDER BY report_id, grain, period_start
            ON CONFLICT (report_id, grain, period_start) DO UPDATE
           SET (%(changing)s) = ROW(%(incoming)s)
         WHERE kpi_target_value.judged_at IS NULL
           AND (%(current)s) IS DISTINCT FROM (%(incoming)s)
     RETURNING id, judged_at IS NOT NULL
        """,
        held=_target_spans_sql(report_ids, ruled),
        due=_due_periods_sql(report_ids, today, first, ruled),
        achieved=SQL(achieved),
        reached=SQL(reached),
        band=SQL(band),
        ids=report_ids,
        today=today,
        columns=_names(columns),
        changing=_names(changing),
        incoming=_names(changing, "excluded"),
        current=_names(changing, "kpi_target_value"),
    )


def _target_spans_sql(report_ids, ruled):
    """Targets with the day from which the next one holds."""
    return SQL(
        """
        SELECT target.report_id, target.rule, target.date_from,
               COALESCE(lead(target.date_from) OVER (
                          PARTITION BY target.report_id ORDER BY target.date_from),
                        'infinity') AS next_from,
               definition.direction, definition.frequency, definition.calendar_id,
               definition.aggregation_time,
               %(numbers)s
          FROM kpi_target AS target
          JOIN kpi_report AS report ON report.id = target.report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
         WHERE target.report_id = ANY(%(ids)s)
        """,
        numbers=target_numbers_sql(),
        ids=report_ids,
    )


def _due_periods_sql(report_ids, today, first, ruled):
    """Periods to store: open ones, closed ones that nothing was stored of, and those
    whose value has come late, which are judged by what was stored.
    """
    return SQL(
        """
        SELECT wanted.report_id, wanted.grain, wanted.period_start, wanted.period_stop,
               wanted.direction,
               COALESCE(wanted.target, ruled.target) AS target, %(wanted)s,
               CASE WHEN wanted.period_stop <= %(today)s
                    THEN fact.value END AS judged_value
          FROM (%(periods)s) AS wanted
     LEFT JOIN unnest(%(ruled_ids)s::int[], %(grains)s::varchar[],
                      %(starts)s::date[], %(targets)s::float8[])
               AS ruled(report_id, grain, period_start, target)
            ON ruled.report_id = wanted.report_id
           AND ruled.grain = wanted.grain
           AND ruled.period_start = wanted.period_start
           AND wanted.rule <> 'number'
     LEFT JOIN kpi_target_value AS stored
            ON stored.report_id = wanted.report_id
           AND stored.grain = wanted.grain
           AND stored.period_start = wanted.period_start
     LEFT JOIN kpi_measurement AS fact
            ON fact.report_id = wanted.report_id
           AND fact.grain = wanted.grain
           AND fact.period_start = wanted.period_start
         WHERE COALESCE(wanted.target, ruled.target, wanted.range_low,
                        wanted.range_high) IS NOT NULL
           AND (stored.id IS NULL
                OR stored.judged_at IS NULL AND stored.period_stop > %(today)s)
         UNION ALL
        SELECT stored.report_id, stored.grain, stored.period_start, stored.period_stop,
               definition.direction, stored.target, %(stored)s, fact.value
          FROM kpi_target_value AS stored
          JOIN kpi_report AS report ON report.id = stored.report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
          JOIN kpi_measurement AS fact
            ON fact.report_id = stored.report_id
           AND fact.grain = stored.grain
           AND fact.period_start = stored.period_start
         WHERE stored.report_id = ANY(%(ids)s)
           AND stored.judged_at IS NULL
           AND stored.period_stop <= %(today)s
           AND stored.period_stop > %(first)s
        """,
        wanted=_names(JUDGED_BY[1:], "wanted"),
        stored=_names(JUDGED_BY[1:], "stored"),
        periods=_target_periods_sql(today, first),
        ids=report_ids,
        today=today,
        first=first or date.min,
        ruled_ids=ruled[0],
        grains=ruled[1],
        starts=ruled[2],
        targets=ruled[3],
    )


def _target_periods_sql(today, first):
    """Each target beside the periods at whose end it holds: all of the KPI's own, and
    longer ones that have values of their own.
    """
    return SQL(
        """
        SELECT held.*, start.grain, start.period_start, start.period_stop
          FROM held
          JOIN starts AS start ON start.grain = held.frequency
         WHERE start.period_stop > %(first)s
           AND held.date_from < start.period_stop
           AND held.next_from >= start.period_stop
         UNION ALL
        SELECT held.*, fact.grain, fact.period_start, day.period_stop
          FROM held
          JOIN kpi_measurement AS fact
            ON fact.report_id = held.report_id
           AND fact.grain <> held.frequency
          JOIN kpi_calendar_day AS day
            ON day.calendar_id = held.calendar_id
           AND day.grain = fact.grain
           AND day.day = fact.period_start
         WHERE held.aggregation_time IN ('formula', 'none')
           AND fact.period_start <= %(today)s
           AND day.period_stop > %(first)s
           AND held.date_from < day.period_stop
           AND held.next_from >= day.period_stop
        """,
        today=today,
        first=first or date.min,
    )


def _names(columns, table=None):
    """Column names, of a table where one is named."""
    path = [table] if table else []
    return SQL(", ").join(
        SQL(".").join(map(SQL.identifier, [*path, column])) for column in columns
    )
