from collections import defaultdict

import numpy as np

from odoo import api, models
from odoo.tools import SQL

from .kpi_formula_evaluation import rolled_over_time


class KpiReport(models.Model):
    """Values of many KPIs at once, in their own periods or in longer ones."""

    _inherit = "kpi.report"

    def _values(self, grain, first, last):
        """Values of these KPIs in the periods of ``grain`` that touch a range of days.

        Facts kept in ``grain`` are taken as they are; else the facts of the KPI's own
        periods are rolled up as its additivity over time declares. One query per
        calendar and grain of the facts, however many KPIs there are.

        :param grain: period length
        :param first, last: local days, both included; periods at the edges are whole
        :return: dict report → {first day of the period: value}, oldest first; a period
            without a value is left out
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        found = {}
        for periods, fine, kpis in self._by_fine_periods(grain, first, last):
            found |= kpis._values_in(periods, fine)
        return {report: found.get(report.id, {}) for report in self}

    def _by_fine_periods(self, grain, first, last):
        """These KPIs by the periods of the facts that their values are read from.

        :return: yields the periods of ``grain``, those of the facts, which are the same
            list where facts are kept in ``grain``, and the KPIs as superuser
        """
        self.check_access("read")
        # What a KPI is made of is no secret to those who see it.
        reports = self.sudo()
        read_from = {
            kpi: (kpi.calendar_id, kpi._kept_grain(grain))
            for kpi in reports.definition_id
        }
        grouped = reports.grouped(lambda report: read_from[report.definition_id])
        for (calendar, kept_grain), kpis in grouped.items():
            periods = fine = calendar._periods(grain, first, last)
            if periods and kept_grain != grain:
                fine = calendar._periods_within(kept_grain, periods)
            if periods:
                yield periods, fine, kpis

    def _values_in(self, periods, fine):
        """Report id → values in ``periods``, from the facts of ``fine`` ones."""
        values, weights = self._fact_arrays(fine)
        if fine is not periods:
            values = self._rolled_values(values, weights, fine, periods)
        return {
            report_id: known_values(periods, row)
            for report_id, row in zip(self.ids, values.tolist(), strict=True)
        }

    def _fact_arrays(self, periods, facts=None):
        """Values and weights of the facts of ``periods``; NaN where there is none.

        :param facts: what ``_fact_rows`` returns, where it has been read already
        :return: two arrays of shape (reports, periods)
        """
        if facts is None:
            facts = self._fact_rows([(self.ids, periods)])
        row_of = {report_id: row for row, report_id in enumerate(self.ids)}
        place_of = {period.start: place for place, period in enumerate(periods)}
        values = np.full((len(self), len(periods)), np.nan)
        weights = values.copy()
        if facts:
            report_ids, starts, numbers, loads, *_more = zip(*facts, strict=True)
            cells = (
                [row_of[report_id] for report_id in report_ids],
                [place_of[start] for start in starts],
            )
            values[cells] = numbers
            weights[cells] = np.array(loads, float)
        return values, weights

    @api.model
    def _fact_rows(self, wanted):
        """Report id, first day, value and weight of facts, by one statement.

        :param wanted: pairs of ids of reports and the periods, of one grain, asked for
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, value, weight
                  FROM kpi_measurement
                 WHERE %s
                """,
                wanted_periods(wanted),
            )
        )

    def _rolled_values(self, values, weights, fine, coarse, made_of=None):
        """``values`` of these reports rolled up, those that combine alike together.

        :param made_of: the definition of each, or what has its fields
        """
        rows_of = defaultdict(list)
        for row, kpi in enumerate(made_of or self._made_of()):
            rows_of[kpi.aggregation_time, kpi.computation].append((row, kpi))
        rolled = np.full((len(self), len(coarse)), np.nan)
        for alike in rows_of.values():
            rows = [row for row, _kpi in alike]
            rolled[rows] = rolled_over_time(
                alike[0][1], values[rows], weights[rows], fine, coarse
            ).values
        return rolled

    def _made_of(self):
        """The definition of each report, in their order."""
        return [report.definition_id for report in self]


def wanted_periods(wanted):
    """Condition on rows that have a report, a grain and a first day.

    :param wanted: pairs of ids of reports and periods, of one grain and at least one
    """
    return SQL(" OR ").join(
        _wanted_rows(report_ids, periods[0].grain, [each.start for each in periods])
        for report_ids, periods in wanted
    )


def _wanted_rows(report_ids, grain, starts):
    """As ``wanted_periods``, of one pair; the index is read from day to day only."""
    return SQL(
        """
        (report_id = ANY(%(ids)s) AND grain = %(grain)s
         AND period_start BETWEEN %(first)s AND %(last)s
         AND period_start = ANY(%(starts)s))
        """,
        ids=list(report_ids),
        grain=grain,
        first=min(starts),
        last=max(starts),
        starts=starts,
    )


def known_values(periods, row):
    """First day → value of the periods that have one; NaN = none."""
    return {
        period.start: value
        for period, value in zip(periods, row, strict=True)
        if value == value
    }
