from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import period_of, previous

from ..evaluation.finding import COLUMNS, make_frame
from .history import History

MOST_STEPS = 200_000  # KPIs times the days on which they are looked at


class KpiSmartAlert(models.Model):
    """Reads the values that rules would have looked at, and when they were known."""

    _inherit = "kpi.smart.alert"

    def _read_history(self, reports, date_from, date_to, as_known_then):
        """``History`` of KPIs over some days, by a constant number of statements.

        :param reports: ``kpi.report`` that somebody may read
        :param as_known_then: with the values known on each day; else those of today,
            from the day on which their periods closed
        :raises UserError: too many days for so many KPIs
        """
        kpis = self._fetch_watched_kpis(reports.ids)
        first = min(
            (_find_first(kpi, date_from) for kpi in kpis.values()), default=None
        )
        if not first:
            return History({}, {}, {}, {}, {})
        closings, steps = defaultdict(set), defaultdict(set)
        for kpi in kpis.values():
            for day in _list_closings(kpi.frame, date_from, date_to):
                closings[day].add(kpi.report_id)
                steps[day].add(kpi.report_id)
        facts = self._fetch_facts(reports, first, date_to, as_known_then)
        versions = defaultdict(lambda: defaultdict(list))
        judged_by = defaultdict(dict)
        for report_id, start, known_from, value, weight, *numbers in facts:
            frame = kpis[report_id].frame
            closed = period_of(frame.spec, frame.grain, start).stop
            day = max(known_from, closed) if as_known_then else closed
            versions[report_id][start].append((day, value, weight))
            judged_by[report_id][start] = tuple(numbers)
            if date_from < day <= date_to:
                steps[day].add(report_id)
        if sum(map(len, steps.values())) > MOST_STEPS:
            raise UserError(
                self.env._("There is too much to look at: choose fewer days.")
            )
        return History(kpis, versions, judged_by, closings, steps)

    @api.model
    def _fetch_facts(self, reports, first, last, as_known_then):
        """Values of some days: KPI, period, day from which it was known, value, weight,
        and what the period is judged by; each period's in the order of time.
        """
        now = SQL(
            """
            SELECT fact.report_id, fact.grain, fact.period_start, fact.recorded_at,
                   fact.value, fact.weight
              FROM kpi_measurement AS fact
             WHERE fact.report_id = ANY(%s)
            """,
            reports.ids,
        )
        before = SQL(
            """
            SELECT revision.report_id, revision.grain, revision.period_start,
                   revision.recorded_at, revision.old_value, NULL
              FROM kpi_measurement_revision AS revision
             WHERE revision.report_id = ANY(%(ids)s)
               AND revision.old_value IS NOT NULL
             UNION ALL
            SELECT revision.report_id, revision.grain, revision.period_start,
                   revision.replaced_at, NULL, NULL
              FROM kpi_measurement_revision AS revision
             WHERE revision.report_id = ANY(%(ids)s)
               AND revision.new_value IS NULL
            """,
            ids=reports.ids,
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT known.report_id, known.period_start,
                       (known.recorded_at AT TIME ZONE 'UTC'
                         AT TIME ZONE calendar.tz)::date,
                       known.value, known.weight, stored.target, stored.baseline,
                       stored.range_low, stored.range_high
                  FROM (%(known)s) AS known
                  JOIN kpi_report AS report
                    ON report.id = known.report_id
                   AND report.frequency = known.grain
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
             LEFT JOIN kpi_target_value AS stored
                    ON stored.report_id = known.report_id
                   AND stored.grain = known.grain
                   AND stored.period_start = known.period_start
                 WHERE known.period_start BETWEEN %(first)s AND %(last)s
              ORDER BY known.report_id, known.period_start, known.recorded_at
                """,
                known=SQL("%s UNION ALL %s", now, before) if as_known_then else now,
                first=first,
                last=last,
            )
        )


def _find_first(kpi, date_from):
    """First day whose value a rule can look at on ``date_from``, or a year before."""
    spec, grain = kpi.frame.spec, kpi.frame.grain
    frame = make_frame(0, 0, spec, grain, date_from)
    return frame.find_year_before(COLUMNS - 1)


def _list_closings(frame, date_from, date_to):
    """Days on which periods closed, after ``date_from``."""
    period = period_of(frame.spec, frame.grain, date_from)
    while period.stop <= date_to:
        yield period.stop
        period = previous(frame.spec, period, -1)
