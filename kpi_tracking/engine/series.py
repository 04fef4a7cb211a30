"""Values of many KPIs over periods, beside their targets, and what these make of them.

A ``Series`` is what screens, reports, formulas and analyses read: one row per KPI, one
column per period, as arrays. ``kpi.report._series`` reads it from the database.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Literal, Protocol

import numpy as np

from odoo.addons.kpi_base.engine.periods import Period, indexes_in

from . import status, zones
from .due import (
    CUMULATIVE,
    OPEN_TO_REACH,
    due_shares,
    elapsed_ratios,
    find_undecided,
)
from .rollup import roll_up_periods
from .status import Judged
from .targets import Targets

# How closed periods are shown:
# - judged: with the value, the target and the judgement of the day they were judged on
# - stored: with the value they have now, by the target stored for them
# - today: with the value they have now, by the targets that hold today
Basis = Literal["judged", "stored", "today"]
# How a period stands to a change of the way its KPI is computed:
# - new: the first one that is computed in the new way
# - mixed: it changed within; rolled up from values of both ways
# - whole: it changed within; all of it is computed in the new way
# - within: the same of a formula, whose parts may be either
Seam = Literal["", "new", "mixed", "whole", "within"]


class SeriesKpi(Protocol):
    """Properties of a KPI that a series needs: a definition, or a plain tuple.

    :param change_days: days in ISO format from which it is computed in another way
    """

    direction: str
    aggregation_time: str
    computation: str
    change_days: Sequence[str] | None


@dataclass(frozen=True)
class SeriesQuery:
    """KPIs of one calendar whose facts are read in the same periods.

    :param report_ids: in the order of the rows
    :param kpis: what each of them is made of
    :param periods: shown, oldest first, at least one
    :param fine: those of the facts, which make up ``periods``; the same list where
        facts are stored in the periods shown
    :param today: local day of the calendar
    """

    report_ids: list[int]
    kpis: Sequence[SeriesKpi]
    periods: list[Period]
    fine: list[Period]
    today: date

    @property
    def is_rolled_up(self) -> bool:
        return self.fine is not self.periods

    @property
    def begun_count(self) -> int:
        """Number of the periods of facts that have begun: their targets are stored."""
        return sum(period.start <= self.today for period in self.fine)

    @cached_property
    def is_additive(self) -> np.ndarray:
        """For each KPI whether it adds up over time."""
        return np.array([kpi.aggregation_time == "sum" for kpi in self.kpis], bool)

    @cached_property
    def is_cumulative(self) -> np.ndarray:
        """For each KPI whether a running period is not comparable with a whole one."""
        return np.array([kpi.aggregation_time in CUMULATIVE for kpi in self.kpis], bool)

    @cached_property
    def is_open(self) -> np.ndarray:
        """For each KPI whether a running period can still reach what it misses."""
        kinds = [(kpi.aggregation_time, kpi.direction) for kpi in self.kpis]
        return np.array([kind in OPEN_TO_REACH for kind in kinds], bool)

    @cached_property
    def rows_by_direction(self) -> dict[str, list[int]]:
        return _group_rows(kpi.direction for kpi in self.kpis)

    @cached_property
    def rows_by_roll_up(self) -> dict[tuple[str, bool], list[int]]:
        """Roll-up (aggregation over time, counts records) → rows of the KPIs."""
        return _group_rows(
            (kpi.aggregation_time, kpi.computation == "records") for kpi in self.kpis
        )

    def find_seams(self) -> np.ndarray:
        """Where the way of computing changes; shape (KPIs, periods), texts.

        Each a :data:`Seam`; empty in all other periods.
        """
        seams = np.full((len(self.kpis), len(self.periods)), "", "<U6")
        starts = [period.start for period in self.periods]
        for row, kpi in enumerate(self.kpis):
            for day in map(date.fromisoformat, kpi.change_days or ()):
                at = bisect_right(starts, day) - 1
                if at < 0 or day >= self.periods[at].stop:
                    continue
                if day == starts[at]:
                    seams[row, at] = "new"
                elif self.is_rolled_up:
                    seams[row, at] = "mixed"
                else:
                    is_formula = kpi.computation == "formula"
                    seams[row, at] = "within" if is_formula else "whole"
        return seams


@dataclass(frozen=True)
class SeriesRows:
    """Rows of the database that series of some KPIs are made of.

    :param report_ids: of all of them
    :param facts: report id, first day, value, weight, and what else was asked for
    :param targets: as for ``align_targets``
    :param stored: report id, first days of the periods that have all of what follows:
        the columns of ``Targets``, then value judged, achievement, status and band
        where they were read; None in an open period
    """

    report_ids: list[int]
    facts: list[tuple]
    targets: list[tuple]
    stored: list[tuple]

    def of(self, report_ids: list[int]) -> "SeriesRows":
        """Those of some of the KPIs."""
        if self.report_ids == report_ids:
            return self
        return SeriesRows(
            report_ids,
            *(
                [row for report_id in report_ids for row in rows.get(report_id, ())]
                for rows in self._by_report
            ),
        )

    @cached_property
    def _by_report(self) -> list[dict[int, list[tuple]]]:
        found = []
        for rows in (self.facts, self.targets, self.stored):
            found.append({})
            for row in rows:
                found[-1].setdefault(row[0], []).append(row)
        return found


@dataclass(frozen=True)
class Series:
    """Values of KPIs of one calendar over periods, and what they are judged by.

    Arrays have the shape (KPIs, periods) where nothing else is said; NaN = none.

    :param report_ids: of the rows
    :param periods: of the columns, oldest first, of one grain
    :param values: in the unit of the KPI; of longer periods rolled up from facts
    :param weights: of the facts behind a value: how many records an average is of
    :param targets: of full periods, also of a running one
    :param elapsed: share of each period's days that is over, 0 to 1; (periods,)
    :param due: shares of each target and upper limit as of ``due_shares``; (2, …)
    :param seams: texts: where the way of computing changes, see :data:`Seam`
    :param is_cumulative: for each KPI whether a running period is not comparable with
        a whole one; (KPIs,)
    :param parts: values of the same part of each period and of the running one: as many
        shorter periods as have closed in the running one, where facts are of such;
        (2, …); None where no period runs
    :param achievements: percent, of the part that is due so far; this and what follows
        is None where no status was asked for
    :param statuses: texts as in ``Judged.status``
    :param bands: texts as in ``Judged.band``; empty = none
    :param is_stretched: booleans: whether the stretch was reached
    """

    report_ids: list[int]
    periods: list[Period]
    values: np.ndarray
    weights: np.ndarray
    targets: Targets
    elapsed: np.ndarray
    due: np.ndarray
    seams: np.ndarray
    is_cumulative: np.ndarray
    parts: np.ndarray | None = None
    achievements: np.ndarray | None = None
    statuses: np.ndarray | None = None
    bands: np.ndarray | None = None
    is_stretched: np.ndarray | None = None

    @cached_property
    def row_of(self) -> dict[int, int]:
        """Report id → row."""
        return {report_id: row for row, report_id in enumerate(self.report_ids)}

    @cached_property
    def index_of(self) -> dict[date, int]:
        """First day → index of its period."""
        return {period.start: index for index, period in enumerate(self.periods)}

    def get_due(self, name: str, at: tuple) -> np.ndarray:
        """A column of the targets in some cells, as far as it is due."""
        return getattr(self.targets, name)[at] * self.due[int(name == "high")][at]

    def compare(self, earlier: int, later: int) -> np.ndarray:
        """Values of two periods of every KPI, like with like.

        While the later one runs, a KPI that is cumulative is compared by the parts of
        both that have closed in it; where there are none, it is not compared at all::

            before, after = series.compare(at - 1, at)

        :param earlier, later: indexes of two periods
        :return: shape (2, KPIs): the earlier and the later value; NaN = none
        """
        found = self.values[:, [earlier, later]].T
        if self.elapsed[later] < 1:
            parts = self.parts
            part = np.nan if parts is None else parts[:, :, earlier]
            found = np.where(self.is_cumulative, part, found)
        return found

    def list_compared(
        self, pairs: Iterable[tuple[date, date]]
    ) -> dict[int, dict[tuple[date, date], list[float | None]]]:
        """Values of pairs of periods, as of :meth:`compare`.

        :param pairs: first days of the earlier and the later period
        :return: report id → pair → the two values; pairs of other periods are left out
        """
        known = [pair for pair in pairs if self.index_of.keys() >= set(pair)]
        found = {report_id: {} for report_id in self.report_ids}
        for pair in known:
            both = self.compare(*(self.index_of[start] for start in pair))
            for report_id, values in zip(
                self.report_ids, as_json_numbers(both.T), strict=True
            ):
                found[report_id][pair] = values
        return found

    def list_points(
        self, row: int, shown: slice | list[int], labels: Sequence[str], direction: str
    ) -> list[dict[str, str | float | None]]:
        """Label, value and target of a KPI in some periods; its ends for a range."""
        columns = {"value": self.values, "target": self.targets.target}
        if direction == "range":
            columns |= {"low": self.targets.low, "high": self.targets.high}
        lists = [as_json_numbers(column[row, shown]) for column in columns.values()]
        return [
            dict(zip(("label", *columns), point, strict=True))
            for point in zip(labels, *lists, strict=True)
        ]

    def list_line(
        self, row: int, shown: slice | list[int], labels: Sequence[str], direction: str
    ) -> list[dict[str, str | float | None]]:
        """As :meth:`list_points`, for a line that is drawn."""
        points = self.list_points(row, shown, labels, direction)
        places = np.arange(len(self.periods))[shown]
        line = self.leave_out_fall(places, [point["value"] for point in points])
        return [
            {**point, "value": value} for point, value in zip(points, line, strict=True)
        ]

    def leave_out_fall(
        self, places: Iterable[int], values: Iterable[float | None]
    ) -> list[float | None]:
        """Values of a line, without the 0 of a period that began today.

        It has come to nothing yet: after others it would be a fall to 0.

        :param places: of the periods whose values these are
        """
        line: list[float | None] = []
        has_values = False
        for at, value in zip(places, values, strict=True):
            is_new = self.elapsed[at] == 0 and self.periods[at].days > 1
            line.append(None if is_new and has_values and value == 0 else value)
            has_values |= value is not None
        return line

    def narrow(self, row: int, values: Sequence[float]) -> None:
        """Let a KPI have other values, which no target is made for."""
        self.values[row] = values
        if self.parts is not None:
            self.parts[:, row] = np.nan
        for column in self.targets.columns:
            column[row] = np.nan
        self.achievements[row] = np.nan
        is_missing = np.isnan(self.values[row])
        self.statuses[row] = np.where(is_missing, status.NO_DATA, status.NO_TARGET)
        self.bands[row] = ""
        self.is_stretched[row] = False

    def list_values(self) -> dict[int, dict[date, float]]:
        """Report id → first day → value; without the periods that have none."""
        return {
            report_id: list_known(self.periods, row)
            for report_id, row in zip(
                self.report_ids, self.values.tolist(), strict=True
            )
        }

    def list_judged(
        self, rows: Sequence[int] | None = None, shown: slice = slice(None)
    ) -> dict[int, dict[date, Judged]]:
        """Report id → first day → what is known of the period.

        Without the periods that have neither value nor target.

        :param rows: of the KPIs that are asked for; default: all
        :param shown: places of their periods
        """
        rows = [*range(len(self.report_ids))] if rows is None else rows
        share = self.due[0][rows, shown]
        target = self.targets.target[rows, shown]
        numbers = [self.values, *self.targets.numbers, self.achievements]
        numbers = [column[rows, shown] for column in numbers]
        numbers.append(np.where(share < 1, target * share, np.nan))
        numbers = np.array(numbers).transpose(1, 2, 0)
        # A value, a target or an end of a range
        is_known = ~np.isnan(numbers[:, :, [0, 1, 4, 5]]).all(axis=2)
        cells = as_json_numbers(numbers)
        first = shown.indices(len(self.periods))[0]
        return {
            self.report_ids[row]: {
                self.periods[first + at].start: Judged(
                    *cells[place][at][:-1],
                    str(self.statuses[row, first + at]),
                    str(self.bands[row, first + at]),
                    bool(self.is_stretched[row, first + at]),
                    str(self.seams[row, first + at]),
                    cells[place][at][-1],
                )
                for at in np.flatnonzero(is_known[place])
            }
            for place, row in enumerate(rows)
        }


def make_series(
    query: SeriesQuery,
    rows: SeriesRows,
    targets: Targets | None = None,
    basis: Basis = "stored",
) -> Series:
    """Series of the KPIs of ``query``.

    :param rows: of these KPIs, and no others; of ``stored`` none for ``today``, and
        with their judgements for ``judged``
    :param targets: that hold today, in the periods of the facts, which take up those
        stored; None = neither targets nor status are asked for
    """
    values, weights = align_facts(rows.facts, query)
    then_judgement = []
    if targets is not None and rows.stored:
        cells, numbers, judgements = _align_stored(rows.stored, query)
        for column, stored in zip(targets.columns, numbers, strict=True):
            column[cells] = stored
        if basis == "judged":
            is_judged = ~np.isnan(judgements[0].astype(float))
            cells = tuple(place[is_judged] for place in cells)
            then_value, achieved, *texts = judgements[:, is_judged]
            values[cells] = then_value.astype(float)
            then_judgement = [achieved.astype(float), *texts]
    parts = _find_parts(values, weights, query)
    if query.is_rolled_up:
        values, weights = _roll_up(values, weights, query)
        if targets is not None:
            index = indexes_in(query.periods, query.fine)
            targets = targets.roll_up(index, query.is_additive)
    elapsed = elapsed_ratios(query.periods, query.today)
    is_additive = query.is_additive[:, None]
    is_lower = [[kpi.direction == "lower"] for kpi in query.kpis]
    due = due_shares(elapsed[:, None], is_additive, np.array(is_lower, bool))
    judgement = []
    if targets is not None:
        is_open = query.is_open[:, None] & (elapsed[0] < 1)
        undecided = find_undecided(values, targets.target, is_open, is_lower)
        due[0] = np.where(undecided, np.nan, due[0])
        is_final = ~is_additive | (elapsed[0] >= 1)
        judgement = _judge(values, targets, due, is_final, query.rows_by_direction)
    if not query.is_rolled_up:
        # The judgements of then, whatever has changed since.
        for found, then in zip(judgement, then_judgement, strict=False):
            found[cells] = then
    return Series(
        query.report_ids,
        query.periods,
        values,
        weights,
        Targets.empty(*values.shape) if targets is None else targets,
        elapsed[0],
        due,
        query.find_seams(),
        query.is_cumulative,
        parts,
        *judgement,
    )


def stack_series(parts: Sequence[Series]) -> Series:
    """One series of all KPIs of several, which have the same periods.

    :param parts: at least one; all with or all without status
    """
    if len(parts) == 1:
        return parts[0]
    first = parts[0]

    def join(name: str) -> np.ndarray | None:
        arrays = [getattr(part, name) for part in parts]
        return None if arrays[0] is None else np.concatenate(arrays, axis=-2)

    columns = zip(*(part.targets.columns for part in parts), strict=True)
    return Series(
        [report_id for part in parts for report_id in part.report_ids],
        first.periods,
        join("values"),
        join("weights"),
        Targets(*(np.concatenate(column) for column in columns)),
        first.elapsed,
        join("due"),
        join("seams"),
        np.concatenate([part.is_cumulative for part in parts]),
        join("parts"),
        *map(join, ("achievements", "statuses", "bands", "is_stretched")),
    )


def align_facts(
    facts: Sequence[tuple], query: SeriesQuery, count: int = 2
) -> np.ndarray:
    """Values, weights and other numbers in the periods of facts; NaN where none is.

    :param facts: report id, first day, value, weight and whatever else
    :param count: of the numbers that are asked for
    :return: shape (count, KPIs, periods of facts)
    """
    aligned = np.full((count, len(query.report_ids), len(query.fine)), np.nan)
    if facts:
        report_ids, starts, *columns = zip(*facts, strict=True)
        cells = _find_cells(report_ids, starts, query)
        for array, column in zip(aligned, columns, strict=False):
            array[cells] = _as_numbers(column)
    return aligned


def _align_stored(
    stored: Sequence[tuple], query: SeriesQuery
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray]:
    """Cells of stored targets, the targets, NaN = none, and what was judged by them.

    :param stored: as in ``SeriesRows``, at least one
    :return: rows and positions; shape (columns of ``Targets``, cells); shape
        (4, cells), or (0, cells) where judgements were not read
    """
    report_ids, starts, *columns = zip(*stored, strict=True)
    times = [len(days) for days in starts]
    count = len(fields(Targets))
    numbers = np.array([_as_numbers(column) for column in columns[:count]])
    judgements = np.array(columns[count:], object).reshape(-1, len(stored))
    days = [*chain.from_iterable(starts)]
    return (
        _find_cells(np.repeat(report_ids, times).tolist(), days, query),
        np.repeat(numbers, times, axis=1),
        np.repeat(judgements, times, axis=1),
    )


def list_known(periods: Sequence[Period], row: Iterable[float]) -> dict[date, float]:
    """First day → value of the periods that have one; NaN = none."""
    return {
        period.start: value
        for period, value in zip(periods, row, strict=True)
        if value == value
    }


def as_json_numbers(numbers: np.ndarray) -> list:
    """An array as (nested) lists that JSON can hold; None for NaN."""
    return np.where(np.isnan(numbers), None, numbers).tolist()


def _as_numbers(column: tuple) -> np.ndarray:
    """NaN for None; columns in which nothing is known are frequent."""
    if column.count(None) == len(column):
        return np.full(len(column), np.nan)
    return np.array(column, float)


def _find_cells(report_ids, starts, query) -> tuple[np.ndarray, np.ndarray]:
    """Rows and positions of rows of the database."""
    row_of = {report_id: row for row, report_id in enumerate(query.report_ids)}
    index_of = {period.start: index for index, period in enumerate(query.fine)}
    return (
        np.fromiter(map(row_of.__getitem__, report_ids), int, len(report_ids)),
        np.fromiter(map(index_of.__getitem__, starts), int, len(starts)),
    )


def _roll_up(
    values: np.ndarray, weights: np.ndarray, query: SeriesQuery
) -> tuple[np.ndarray, np.ndarray]:
    """Values and weights of the periods shown, KPIs that combine alike together."""
    index = indexes_in(query.periods, query.fine)
    rolled = np.full((len(values), len(query.periods)), np.nan)
    for (aggregation, is_counted), rows in query.rows_by_roll_up.items():
        rolled[rows] = roll_up_periods(
            values[rows],
            weights[rows],
            index,
            len(query.periods),
            aggregation,
            is_counted=is_counted,
        ).values
    firsts = np.flatnonzero(np.diff(index, prepend=-1))
    has_weight = np.logical_or.reduceat(~np.isnan(weights), firsts, axis=1)
    added = np.add.reduceat(np.nan_to_num(weights), firsts, axis=1)
    return rolled, np.where(has_weight & ~np.isnan(rolled), added, np.nan)


def _find_parts(
    values: np.ndarray, weights: np.ndarray, query: SeriesQuery
) -> np.ndarray | None:
    """The same part of each period and of the running one; see ``Series.parts``.

    The part has as many shorter periods as have closed in the running one, or as the
    other one has: of March 30 with February, 28 days of both.

    :param values, weights: of the periods of facts
    """
    running = next((at for at, p in enumerate(query.periods) if query.today in p), None)
    if running is None:
        return None
    parts = np.full((2, len(values), len(query.periods)), np.nan)
    if not query.is_rolled_up:
        return parts
    index = np.array(indexes_in(query.periods, query.fine))
    counts = np.bincount(index, minlength=len(query.periods))
    place = np.arange(len(index)) - np.searchsorted(index, index)
    own = index == running
    closed = sum(
        period.stop <= query.today
        for period, is_own in zip(query.fine, own, strict=True)
        if is_own
    )
    counts = np.minimum(counts, closed)
    for count in np.unique(counts[counts > 0]).tolist():
        cells = place < count
        rolled, _weights = _roll_up(
            np.where(cells, values, np.nan), np.where(cells, weights, np.nan), query
        )
        columns = counts == count
        parts[0][:, columns] = rolled[:, columns]
        parts[1][:, columns] = rolled[:, [running]]
    return parts


def _judge(
    values: np.ndarray,
    targets: Targets,
    due: np.ndarray,
    is_final: np.ndarray,
    rows_by_direction: dict[str, list[int]],
) -> list[np.ndarray]:
    """Achievement, status, band and whether the stretch is met, by targets due."""
    achieved, stretched = np.full(values.shape, np.nan), np.zeros(values.shape, bool)
    for direction, rows in rows_by_direction.items():
        share, limit = due[:, rows]
        target, baseline, stretch, low, high = (
            column[rows] for column in targets.numbers
        )
        achieved[rows] = status.achievement(
            values[rows],
            target * share,
            baseline * share,
            direction=direction,
            range_low=low * share,
            range_high=high * limit,
        )
        stretched[rows] = status.is_stretch_reached(
            values[rows], stretch, direction, is_final[rows]
        )
    statuses, bands = zones.judge(
        achieved, values, targets.is_five == 1, targets.thresholds
    )
    has_target = ~np.isnan([targets.target, targets.low, targets.high]).all(axis=0)
    is_early = np.isnan(due[0]) & has_target & (statuses == status.NO_TARGET)
    statuses = np.where(is_early, status.NOT_DUE, statuses)
    return [achieved, statuses.astype(object), bands.astype(object), stretched]


def _group_rows(keys: Iterable) -> dict:
    """Key → rows that have it."""
    rows_of = {}
    for row, key in enumerate(keys):
        rows_of.setdefault(key, []).append(row)
    return rows_of


def judge_value(
    series: Series, row: int, at: int, value: float, direction: status.Direction
) -> str:
    """Status that a KPI would have with another value in a period.

    :param row, at: of the KPI and the period; a running period is judged by the part
        of its target that is due
    :return: a key of ``RAG``, or ``no_target``
    """
    cell = slice(row, row + 1), slice(at, at + 1)
    targets = Targets(*(column[cell] for column in series.targets.columns))
    values = np.full((1, 1), float(value))
    _achieved, statuses, *_more = _judge(
        values,
        targets,
        series.due[(slice(None), *cell)],
        values == values,
        {direction: [0]},
    )
    return str(statuses[0, 0])
