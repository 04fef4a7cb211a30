from datetime import timedelta

import numpy as np

from odoo import fields, models

from odoo.addons.kpi_base.engine import periods

from ..report.kpi_report import JUDGED


class KpiReport(models.Model):
    """The scorecards that a KPI is on, and what it brings to them."""

    _inherit = "kpi.report"

    group_line_ids = fields.One2many(
        "kpi.report.group.line", "report_id", "On Scorecards", copy=False
    )

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self.env["kpi.report.group"]._refresh_with(self)
        return result

    def _current_achievements(self):
        """Stored achievements in percent; NaN where a KPI is not judged."""
        return [
            report.achievement if report.status in JUDGED else np.nan for report in self
        ]

    def _previous_achievements(self):
        """Achievements of the period before the latest one, as judged then.

        A KPI whose latest value is stale has not moved since.

        :return: dict report → percent; NaN = no value or no target
        """
        before = dict(zip(self, self._current_achievements(), strict=True))
        fresh = self.filtered(lambda kpi: kpi.current_period_start and not kpi.is_stale)
        by_periods = fresh.grouped(
            lambda kpi: (kpi.definition_id.calendar_id, kpi.frequency)
        )
        for (calendar, grain), reports in by_periods.items():
            previous = {
                report: periods.previous(calendar._spec(), report._current_period())
                for report in reports
            }
            starts = [period.start for period in previous.values()]
            judged = reports._get_judged_values(grain, min(starts), max(starts))
            for report, period in previous.items():
                before[report] = _percent(judged[report].get(period.start))
        return before

    def _achievements_in(self, shown):
        """Achievements in the periods of a scorecard, as judged then.

        A KPI that is not shown in such periods (a quarterly or a weekly one in months)
        counts with its own latest period that ended by then.

        :return: percent, shape (KPIs, periods); NaN = no value or no target
        """
        result = np.full((len(self), len(shown)), np.nan)
        groups = self.grouped(
            lambda report: report._get_calendar_and_grain(shown[0].grain)
        )
        row_of = {report: row for row, report in enumerate(self)}
        for (calendar, grain, is_direct), reports in groups.items():
            own = [_own_period(calendar, grain, each, is_direct) for each in shown]
            judged = reports._get_judged_values(grain, own[0].start, own[-1].start)
            for report in reports:
                result[row_of[report]] = [
                    _percent(judged[report].get(each.start)) for each in own
                ]
        return result

    def _get_calendar_and_grain(self, grain):
        """Calendar and grain that a scorecard by ``grain`` reads, and if its own."""
        kpi = self.definition_id
        is_direct = grain in kpi._get_shown_grains()
        return kpi.calendar_id, grain if is_direct else kpi.frequency, is_direct


def _own_period(calendar, grain, period, is_direct):
    """The period of a KPI's calendar that counts in a scorecard's period."""
    if is_direct:
        return calendar._period(grain, period.start + timedelta(days=period.days // 2))
    after = calendar._period(grain, period.stop)
    return periods.previous(calendar._spec(), after)


def _percent(judged):
    """Achievement of a judged value; NaN where there is none."""
    known = judged is not None and judged.achievement is not None
    return judged.achievement if known else np.nan
