from bisect import bisect_left
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import (
    period_of,
    periods_between,
    previous,
    utc_bounds,
)
from odoo.addons.kpi_base.engine.worktime import Timeline, to_instants, work_seconds

from .judges import judge_missing

DAY = timedelta(days=1)
DAYS_PER_WORKING_DAY = 3  # looked back, so that holidays and part-time weeks fit
MORE_DAYS = 60


class KpiSmartAlert(models.Model):
    """Rules that wait for a value: no new one so many working days after its period."""

    _inherit = "kpi.smart.alert"

    @api.model
    def _find_no_data(self, watched):
        """Findings of rules that wait for a value that does not come."""
        watched = watched.of(
            watched.rules.filtered(
                lambda rule: (
                    rule.alert_type == "threshold_breach"
                    and rule.condition == "no_data"
                )
            )
        )
        if not len(watched.pairs):
            return []
        newest = self._fetch_newest(watched.list_report_ids())
        return judge_missing(watched, newest, DuePeriods(watched).find)

    @api.model
    def _fetch_newest(self, report_ids):
        """Report id → first day and value of its newest period with a value."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (fact.report_id)
                       fact.report_id, fact.period_start, fact.value
                  FROM kpi_measurement AS fact
                  JOIN kpi_report AS report ON report.id = fact.report_id
                 WHERE fact.report_id = ANY(%s)
                   AND fact.grain = report.frequency
              ORDER BY fact.report_id, fact.period_start DESC
                """,
                report_ids,
            )
        )
        return {report_id: (start, value) for report_id, start, value in rows}


class DuePeriods:
    """The newest periods that working days enough have passed since.

    :param watched: ``Watched`` of rules that wait for values
    :param first, last: days that are asked about; None = only that of the KPIs
    """

    def __init__(self, watched, first=None, last=None):
        self.companies = watched.rules.env["res.company"]
        most = max(rule.no_data_days for rule in watched.rules)
        self.last = last or max(kpi.frame.today for kpi in watched.kpis.values())
        back = timedelta(days=DAYS_PER_WORKING_DAY * most + MORE_DAYS)
        self.since = (first or self.last) - back
        ids = {watched.kpis[id_].company_id for id_ in watched.list_report_ids()}
        # When companies work is no secret.
        calendars = self.companies.sudo().browse(ids).resource_calendar_id
        self.works = calendars._kpi_work_calendars(self.since - DAY, self.last + DAY)
        self.known = {}
        self.days = {}

    def find(self, kpi, days):
        """The newest period that ended ``days`` working days ago; None: none did."""
        return self.find_on(kpi, days, kpi.frame.today)

    def find_on(self, kpi, days, today):
        """The same as of another day."""
        key = (kpi.frame.number, kpi.company_id, days, today)
        if key not in self.known:
            self.known[key] = self._find(kpi, days, today)
        return self.known[key]

    def _find(self, kpi, days, today):
        worked = self._list_working_days(kpi)
        passed = bisect_left(worked, today)
        if passed < days:
            return None
        stop = worked[passed - days]
        period = period_of(kpi.frame.spec, kpi.frame.grain, stop - DAY)
        return period if period.stop <= stop else previous(kpi.frame.spec, period)

    def _list_working_days(self, kpi):
        """Days before the last one on which the KPI's company works, oldest first."""
        key = (kpi.frame.number, kpi.company_id)
        if key not in self.days:
            # As above.
            company = self.companies.sudo().browse(kpi.company_id)
            work = self.works.get(company.resource_calendar_id.id)
            spec = kpi.frame.spec
            days = periods_between(spec, "day", self.since, self.last - DAY)
            starts = [day.start for day in days]
            if work:
                bounds = [bound for day in days for bound in utc_bounds(spec, day)]
                opens, closes = to_instants(bounds).reshape(-1, 2).T
                seconds = work_seconds(Timeline(work), opens, closes)
                starts = [
                    start
                    for start, worked in zip(starts, seconds.tolist(), strict=True)
                    if worked
                ]
            self.days[key] = starts
        return self.days[key]
