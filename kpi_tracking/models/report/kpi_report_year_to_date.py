from dataclasses import replace

import numpy as np

from odoo import api, models

from odoo.addons.kpi_base.engine.periods import indexes_in

from ...engine import formula as formulas
from ...engine.period_report import TO_DATE, last_parts, to_date
from ...engine.series import list_known
from ..formula.formula_year_to_date import ToDateEvaluation


class KpiReport(models.Model):
    """Values of KPIs for the fiscal year to date."""

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
        for _calendar, query in carried._series_queries(grain, year.start, last):
            found |= self._accumulate_to_date(calendar, query)
        # How a KPI is made up is no secret to those who see it.
        evaluated = (self - carried).filtered(
            lambda kpi: kpi.sudo().definition_id._is_carried_to_date()
        )
        since = calendar._periods(grain, year.start, last)
        found |= evaluated._evaluate_to_date(since)
        remaining = self - carried - evaluated
        found |= remaining._get_year_values(calendar._periods(grain, first, last))
        return {report: found.get(report.id, {}) for report in self}

    @api.model
    def _accumulate_to_date(self, calendar, query):
        """Report id → values to date, from the facts of shorter periods."""
        fine = query.fine
        facts = replace(query, periods=fine)
        (series,) = self._read_series([facts], with_targets=False)
        years = calendar._periods("year", fine[0].start, fine[-1].start)
        year_index = np.array(indexes_in(years, fine))
        carried = np.full_like(series.values, np.nan)
        for (aggregation, _is_counted), rows in query.rows_by_roll_up.items():
            carried[rows] = to_date(
                series.values[rows], series.weights[rows], year_index, aggregation
            )
        # Each longer period has what its last part has.
        lasts = last_parts(indexes_in(query.periods, fine))
        rows = carried[:, lasts].tolist()
        return {
            report_id: list_known(query.periods, row)
            for report_id, row in zip(query.report_ids, rows, strict=True)
        }

    def _evaluate_to_date(self, periods):
        """Report id → first day → value of the year up to and with each period.

        :param periods: of one grain and calendar, from a year's beginning on
        """
        if not self:
            return {}
        found = {}
        # Parts count whether or not the person who asks may see them.
        reports = self.sudo()
        definitions = reports.definition_id
        evaluation = ToDateEvaluation(
            reports.env, definitions.calendar_id, periods[0].grain, periods
        )
        parts = definitions._with_components()
        evaluation.preload(parts.filtered(lambda kpi: kpi.computation != "formula"))
        for definition, kpis in reports.grouped("definition_id").items():
            scopes = [(kpi.scope_type, kpi.scope_id, kpi.company_id.id) for kpi in kpis]
            try:
                result, _values = evaluation.evaluate(definition, scopes)
            except formulas.FormulaError:
                continue  # a part is archived: there is no value either
            for kpi, row in zip(kpis, result.values.tolist(), strict=True):
                found[kpi.id] = list_known(periods, row)
        return found

    def _get_year_values(self, periods):
        """Report id → the year's own value in its last period, or the running one."""
        yearly = self.filtered(
            lambda kpi: "year" in kpi.definition_id._get_shown_grains()
        )
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
