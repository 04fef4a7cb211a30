"""Targets of KPIs in their periods, placed by the day from which each holds."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from odoo.addons.kpi_base.engine.periods import Period

NUMBER = "number"  # the rule of a target that is a number of its own


@dataclass(frozen=True)
class Targets:
    """Targets that values are judged by: arrays of shape (KPIs, periods), NaN = none.

    The first five are in the unit of the KPI, thresholds in percent.

    :param low, high: ends of a range that is best
    :param is_five: 1 where the KPI has five bands, 0 where it has three zones
    """

    target: np.ndarray
    baseline: np.ndarray
    stretch: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_five: np.ndarray
    threshold_1: np.ndarray
    threshold_2: np.ndarray
    threshold_3: np.ndarray
    threshold_4: np.ndarray

    @classmethod
    def empty(cls, kpis: int, periods: int) -> "Targets":
        return cls(*np.full((len(fields(cls)), kpis, periods), np.nan))

    @property
    def columns(self) -> list[np.ndarray]:
        return [getattr(self, column.name) for column in fields(self)]

    @property
    def numbers(self) -> list[np.ndarray]:
        """The columns that are in the unit of the KPI."""
        return self.columns[:5]

    @property
    def thresholds(self) -> list[np.ndarray]:
        return self.columns[6:]

    def roll_up(self, index: ArrayLike, is_additive: ArrayLike) -> "Targets":
        """Targets of longer periods: the sum of those of the parts, or the last one.

        :param index: for each period the index of the longer one that it is part of
        :param is_additive: for each KPI whether it adds up over time
        """
        firsts = np.flatnonzero(np.diff(index, prepend=-1))
        lasts = np.append(firsts[1:], len(index)) - 1
        added = np.asarray(is_additive)[:, None]
        return Targets(
            *(
                np.where(
                    added, np.add.reduceat(column, firsts, axis=1), column[:, lasts]
                )
                for column in self.numbers
            ),
            *(column[:, lasts] for column in self.columns[5:]),
        )


@dataclass(frozen=True)
class TargetRules:
    """Rules that set each target: arrays of shape (KPIs, periods).

    :param kind: key of the rule; empty where the target is a number
    :param source_id: of the KPI that the target is taken from; 0 = none
    :param change_percent: by which it differs from what it is taken from
    :param annual_total: to be shared out over the year; NaN = none
    """

    kind: np.ndarray
    source_id: np.ndarray
    change_percent: np.ndarray
    annual_total: np.ndarray

    @property
    def kinds(self) -> list[str]:
        return sorted(set(self.kind.flat) - {""})


def align_targets(
    rows: Iterable[tuple], report_ids: Sequence[int], periods: Sequence[Period]
) -> tuple[Targets, TargetRules | None]:
    """Targets by the numbers entered, and the rules that set the others, if any.

    Of each period counts the target that holds at its end.

    :param rows: report id, day from which the target holds, rule, id of its source,
        percent of change, annual total, then the columns of ``Targets``; those of a
        KPI in the order of their days
    :param report_ids: of the rows of the arrays
    :param periods: oldest first
    """
    shape = len(report_ids), len(periods)
    found = np.full((len(fields(Targets)), *shape), np.nan)
    row_of = {report_id: row for row, report_id in enumerate(report_ids)}
    stops = [period.stop for period in periods]
    rows = list(rows)
    rules = None
    if any(row[2] != NUMBER for row in rows):
        numbers = np.full((2, *shape), np.nan)
        rules = TargetRules(np.full(shape, "", object), np.zeros(shape, int), *numbers)
    for report_id, date_from, kind, source_id, change, total, *numbers in rows:
        row, first = row_of[report_id], bisect_right(stops, date_from)
        found[:, row, first:] = np.array(numbers, float)[:, None]
        if rules:
            later = row, slice(first, None)
            rules.kind[later] = "" if kind == NUMBER else kind
            rules.source_id[later] = source_id or 0
            rules.change_percent[later] = change or 0
            rules.annual_total[later] = np.nan if total is None else total
    return Targets(*found), rules


def change_by_percent(values: ArrayLike, percent: ArrayLike) -> np.ndarray:
    """``values`` and so many percent of their size more; less where it is negative."""
    values = np.asarray(values, float)
    return values + np.abs(values) * percent / 100
