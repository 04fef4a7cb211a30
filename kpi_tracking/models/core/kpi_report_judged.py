import numpy as np

from odoo import models

from ...engine import status
from ...engine.status import Judged
from .kpi_target_evaluation import rolled_targets_in


class KpiReport(models.Model):
    """Values of many KPIs beside their targets, and what these make of them."""

    _inherit = "kpi.report"

    def _judged_values(self, grain, first, last, as_judged=True):
        """Values of these KPIs, judged, in the periods that touch a range of days.

        The value of a longer period is rolled up as in ``_values``; its target is the
        sum of those of its parts where the KPI adds up, else the last of them. A
        running period is judged by the part of its target that is due. The number of
        queries does not depend on how many KPIs there are.

        :param grain: period length
        :param first, last: local days, both included; periods at the edges are whole
        :param as_judged: closed periods as they were judged then; else today's values
            by today's targets
        :return: dict report → {first day of the period: ``Judged``}, oldest first; a
            period with neither value nor target is left out
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        found = {}
        for periods, fine, kpis in self._by_fine_periods(grain, first, last):
            found |= kpis._judged_in(periods, fine)
        return {report: found.get(report.id, {}) for report in self}

    def _judged_in(self, periods, fine):
        """Report id → ``Judged`` in ``periods``, from facts and targets of ``fine``."""
        values, weights = self._fact_arrays(fine)
        if fine is not periods:
            values = self._rolled_values(values, weights, fine, periods)
        targets = rolled_targets_in(self, periods, fine)
        achieved, statuses = self._judge(periods, values, targets)
        numbers = np.array([values, *targets.columns, achieved]).transpose(1, 2, 0)
        is_known = ~np.isnan(numbers[:, :, [0, 1, 4, 5]]).all(axis=2)
        return {
            report_id: {
                periods[at].start: Judged(
                    *map(_number, numbers[row, at].tolist()), str(statuses[row, at])
                )
                for at in np.flatnonzero(is_known[row])
            }
            for row, report_id in enumerate(self.ids)
        }

    def _judge(self, periods, values, targets):
        """Achievement and status of each value, pro-rated where its period runs."""
        achieved = np.full(values.shape, np.nan)
        statuses = np.full(values.shape, status.NO_DATA, object)
        rows_of = {}
        for row, report in enumerate(self):
            rows_of.setdefault(report.definition_id, []).append(row)
        for definition, rows in rows_of.items():
            elapsed = definition.calendar_id._elapsed_ratios(periods)
            target, baseline, low, high = (
                status.prorate(column[rows], elapsed, definition.aggregation_time)
                for column in (
                    targets.target,
                    targets.baseline,
                    targets.low,
                    targets.high,
                )
            )
            achieved[rows] = status.achievement(
                values[rows],
                target,
                baseline,
                direction=definition.direction,
                range_low=low,
                range_high=high,
            )
            statuses[rows] = status.status(achieved[rows], value=values[rows])
        return achieved, statuses


def _number(value):
    """A number that JSON can hold; None for NaN."""
    return None if value != value else value
