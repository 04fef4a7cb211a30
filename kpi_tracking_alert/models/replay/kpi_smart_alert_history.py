from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import FIRST_DAY, period_of, previous
from odoo.addons.kpi_tracking_analytics.models.analysis.kpi_predictive_run import REACH
from odoo.addons.kpi_tracking_analytics.models.analysis.kpi_report_levels import NESTED

from ..evaluation.finding import COLUMNS, make_frame
from .history import History

MOST_STEPS = 250_000  # KPIs times the days on which they are looked at
ANALYSED = ("trend_deterioration", "anomaly_detected", "target_risk")


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
        days = (date_from, date_to)
        read = self._find_analysed_with(reports)
        kpis = self._fetch_watched_kpis(read.ids)
        watched = {id_: kpis[id_] for id_ in reports.ids}
        history = History(days, as_known_then, watched, read.ids)
        if not watched:
            return history
        first = min(self._find_first_day(kpi, date_from) for kpi in kpis.values())
        for kpi in watched.values():
            for day in _list_closings(kpi.frame, *days):
                history.closings[day].add(kpi.report_id)
                history.steps[day].add(kpi.report_id)
        is_running_read = self._reads_running()
        facts = self._fetch_facts(read, first, date_to, as_known_then)
        for report_id, start, known_from, value, weight, *numbers in facts:
            frame = kpis[report_id].frame
            closed = period_of(frame.spec, frame.grain, start).stop
            day = known_from if as_known_then else closed
            history.versions[report_id][start].append((day, value, weight))
            history.judged_by[report_id][start] = tuple(numbers)
            seen_on = day if is_running_read else max(day, closed)
            if report_id in watched and date_from < seen_on <= date_to:
                history.steps[seen_on].add(report_id)
        self._check_step_count(sum(map(len, history.steps.values())))
        return history

    def _find_analysed_with(self, reports):
        """These KPIs, and those whose forecasts have to add up with theirs."""
        if self.alert_type != "target_risk":
            return reports
        summed = reports.filtered(
            lambda kpi: (
                kpi.definition_id.aggregation_scope == "sum"
                and kpi.scope_type in NESTED
            )
        )
        domain = [
            ("definition_id", "in", summed.definition_id.ids),
            ("company_id", "in", summed.company_id.ids),
            ("scope_type", "in", NESTED),
        ]
        return reports | reports.search(domain) if summed else reports

    def _reads_running(self):
        """Whether values of periods that run still change what the rule says."""
        is_missing = self.condition == "no_data" or self.judge_running
        if self.alert_type == "threshold_breach":
            return is_missing
        return self.alert_type == "anomaly_detected"

    def _find_first_day(self, kpi, date_from):
        """First day whose value the rule can look at on a day."""
        spec, grain = kpi.frame.spec, kpi.frame.grain
        if self.alert_type in ANALYSED:
            past, _coming, days = REACH[grain]
            first = max(date_from - timedelta(days=past * days), FIRST_DAY)
            return period_of(spec, grain, first).start
        frame = make_frame(0, 0, spec, grain, date_from)
        return frame.find_year_before(COLUMNS - 1)

    @api.model
    def _check_step_count(self, count):
        if count > MOST_STEPS:
            raise UserError(
                self.env._("There is too much to look at: choose fewer days.")
            )

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


def _list_closings(frame, date_from, date_to):
    """Days on which periods closed, after ``date_from``."""
    period = period_of(frame.spec, frame.grain, date_from)
    while period.stop <= date_to:
        yield period.stop
        period = previous(frame.spec, period, -1)
