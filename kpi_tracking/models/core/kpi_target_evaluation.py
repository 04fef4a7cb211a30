"""Targets of KPIs in their periods, by what holds today."""

from bisect import bisect_right
from dataclasses import dataclass, fields

import numpy as np

from odoo.tools import SQL

from .kpi_formula_evaluation import places_in


@dataclass(frozen=True)
class Targets:
    """What values are judged by: arrays of shape (KPIs, periods); NaN = none."""

    target: np.ndarray
    baseline: np.ndarray
    stretch: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def none(cls, kpis: int, periods: int) -> "Targets":
        return cls(*(np.full((kpis, periods), np.nan) for _column in fields(cls)))

    @property
    def columns(self) -> list[np.ndarray]:
        return [getattr(self, column.name) for column in fields(self)]

    def at(self, places) -> "Targets":
        """The targets in the periods at ``places``."""
        return Targets(*(column[:, places] for column in self.columns))

    def rolled_up(self, place, is_additive) -> "Targets":
        """Targets of longer periods: the sum of those of the parts, or the last one.

        :param place: for each period the place of the longer one that it is part of
        :param is_additive: for each KPI whether it adds up over time
        """
        firsts = np.flatnonzero(np.diff(place, prepend=-1))
        lasts = np.append(firsts[1:], len(place)) - 1
        added = np.asarray(is_additive)[:, None]
        return Targets(
            *(
                np.where(added, np.add.reduceat(column, firsts, axis=1), last)
                for column, last in zip(
                    self.columns, self.at(lasts).columns, strict=True
                )
            )
        )


def targets_in(reports, periods):
    """Targets of ``reports`` in their own ``periods``, in one query.

    :param reports: KPIs as superuser
    :param periods: oldest first, of one calendar and grain
    :return: ``Targets`` with a row per report
    """
    found = Targets.none(len(reports), len(periods))
    row_of = {report_id: row for row, report_id in enumerate(reports.ids)}
    stops = [period.stop for period in periods]
    for report_id, date_from, *numbers in _dated(reports):
        later = slice(bisect_right(stops, date_from), None)
        for column, number in zip(found.columns, numbers, strict=True):
            column[row_of[report_id], later] = np.nan if number is None else number
    return found


def rolled_targets_in(reports, periods, fine):
    """As :func:`targets_in`, for ``periods`` that the ``fine`` ones make up."""
    targets = targets_in(reports, fine)
    if fine is periods:
        return targets
    is_additive = [report.aggregation_time == "sum" for report in reports]
    return targets.rolled_up(places_in(periods, fine), is_additive)


def _dated(reports):
    """Rows (report id, valid from, numbers of ``Targets``), earlier ones first."""
    reports.env["kpi.target"].flush_model()
    reports.env["kpi.definition"].flush_model(["direction"])
    return reports.env.execute_query(
        SQL(
            """
            SELECT target.report_id, target.date_from,
                   CASE WHEN definition.direction <> 'range' THEN target.value END,
                   CASE WHEN target.has_baseline THEN target.baseline END,
                   target.stretch,
                   CASE WHEN definition.direction = 'range' THEN target.range_low END,
                   CASE WHEN definition.direction = 'range' THEN target.range_high END
              FROM kpi_target AS target
              JOIN kpi_report AS report ON report.id = target.report_id
              JOIN kpi_definition AS definition ON definition.id = report.definition_id
             WHERE target.report_id = ANY(%s)
          ORDER BY target.report_id, target.date_from
            """,
            reports.ids,
        )
    )
