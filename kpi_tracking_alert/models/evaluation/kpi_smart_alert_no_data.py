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

from .finding import Finding

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
        due = _DuePeriods(self, watched)
        days = {rule.id: rule.no_data_days for rule in watched.rules}
        findings = []
        for key in watched.list_keys():
            rule_id, report_id = key
            kpi = watched.kpis[report_id]
            start, value = newest.get(report_id, (None, None))
            period = due.find(kpi, days[rule_id])
            # One that never had a value is waited for since it is tracked.
            was_due = period and (start or kpi.tracked_since <= period.start)
            if was_due and (not start or start < period.start):
                findings.append(_describe_missing(key, period, start))
            elif key in watched.open_alerts and start:
                findings.append(Finding(*key, start, resolution="cleared", value=value))
        return findings

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


class _DuePeriods:
    """The newest periods that working days enough have passed since."""

    def __init__(self, rules, watched):
        self.companies = rules.env["res.company"]
        self.most = max(rule.no_data_days for rule in watched.rules)
        self.today = max(kpi.frame.today for kpi in watched.kpis.values())
        self.since = self.today - timedelta(
            days=DAYS_PER_WORKING_DAY * self.most + MORE_DAYS
        )
        ids = {watched.kpis[id_].company_id for id_ in watched.list_report_ids()}
        # When companies work is no secret.
        calendars = self.companies.sudo().browse(ids).resource_calendar_id
        self.works = calendars._kpi_work_calendars(self.since - DAY, self.today + DAY)
        self.known = {}
        self.days = {}

    def find(self, kpi, days):
        """The newest period that ended ``days`` working days ago; None: none did."""
        key = (kpi.frame.number, kpi.company_id, days)
        if key not in self.known:
            self.known[key] = self._find(kpi, days)
        return self.known[key]

    def _find(self, kpi, days):
        worked = self._list_working_days(kpi)
        if len(worked) < days:
            return None
        stop = worked[-days]
        period = period_of(kpi.frame.spec, kpi.frame.grain, stop - DAY)
        return period if period.stop <= stop else previous(kpi.frame.spec, period)

    def _list_working_days(self, kpi):
        """Days before today on which the KPI's company works, oldest first."""
        key = (kpi.frame.number, kpi.company_id)
        if key not in self.days:
            # As above.
            company = self.companies.sudo().browse(kpi.company_id)
            work = self.works.get(company.resource_calendar_id.id)
            spec, last = kpi.frame.spec, kpi.frame.today - DAY
            days = periods_between(spec, "day", self.since, last)
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


def _describe_missing(key, period, newest):
    return Finding(
        *key,
        period.start,
        fires=True,
        details={"newest": newest.isoformat() if newest else None},
    )
