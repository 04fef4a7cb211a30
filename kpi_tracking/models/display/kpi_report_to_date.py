import numpy as np

from odoo import models

from ...engine.period_report import TO_DATE, last_parts, to_date
from ...engine.periods import places_in
from ..core.kpi_report_values import known_values


class KpiReport(models.Model):
    """What the values of a fiscal year come to."""

    _inherit = "kpi.report"

    def _year_to_date(self, grain, first, last):
        """Values of the fiscal year up to and with each period of ``grain``.

        Carried forward as the KPI's additivity over time declares, a formula on what
        its parts have come to; a week counts in the year that it begins in. What must
        be computed anew from records, such as a median, and formulas that look at other
        periods are known for the year's last period and for the running one.

        :param grain, first, last: as for ``_values``, of KPIs with one calendar
        :return: dict report → {first day of the period: value}
        """
        found = {}
        calendar = self.definition_id.calendar_id
        carried = self.filtered(lambda kpi: kpi.aggregation_time in TO_DATE)
        year = calendar._period("year", first)
        for periods, fine, kpis in carried._by_fine_periods(grain, year.start, last):
            found |= kpis._carried_to_date(periods, fine)
        # How a KPI is made up is no secret to those who see it.
        evaluated = (self - carried).filtered(
            lambda kpi: kpi.sudo().definition_id._is_carried_to_date()
        )
        since = calendar._periods(grain, year.start, last)
        found |= evaluated._evaluated_to_date(since)
        whole = self - carried - evaluated
        found |= whole._whole_years(calendar._periods(grain, first, last))
        return {report: found.get(report.id, {}) for report in self}

    def _carried_to_date(self, periods, fine):
        """Report id → values to date, from the facts of the ``fine`` periods."""
        calendar = self.definition_id.calendar_id
        years = calendar._periods("year", fine[0].start, fine[-1].start)
        values, weights = self._fact_arrays(fine)
        carried = np.full_like(values, np.nan)
        year_index = np.array(places_in(years, fine))
        rows_of = {}
        for row, report in enumerate(self):
            rows_of.setdefault(report.aggregation_time, []).append(row)
        for aggregation, rows in rows_of.items():
            carried[rows] = to_date(
                values[rows], weights[rows], year_index, aggregation
            )
        # Each longer period has what its last part has.
        lasts = last_parts(places_in(periods, fine))
        return {
            report_id: known_values(periods, row)
            for report_id, row in zip(self.ids, carried[:, lasts].tolist(), strict=True)
        }

    def _whole_years(self, periods):
        """Report id → the year's own value in its last period, or the running one."""
        yearly = self.filtered(lambda kpi: "year" in kpi.definition_id._shown_grains())
        if not yearly or not periods:
            return {}
        calendar = yearly.definition_id.calendar_id
        today = calendar._today()
        ends = {}
        for period in periods:
            year = calendar._period("year", period.start)
            if period.stop >= year.stop or today in period:
                ends[year.start] = period.start
        if not ends:
            return {}
        known = yearly._values("year", min(ends), max(ends))
        return {
            report.id: {ends[start]: values[start] for start in ends if start in values}
            for report, values in known.items()
        }
