"""Targets of KPIs in their periods, by the numbers and rules that hold today."""

from bisect import bisect_right
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np

from odoo.tools import SQL

from ...engine import periods as calendars
from ...engine import spread


@dataclass(frozen=True)
class Targets:
    """What values are judged by: arrays of shape (KPIs, periods); NaN = none.

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
                np.where(
                    added, np.add.reduceat(column, firsts, axis=1), column[:, lasts]
                )
                for column in self.numbers
            ),
            *(column[:, lasts] for column in self.columns[5:]),
        )


@dataclass
class _Rules:
    """Which rule sets each target: arrays of shape (KPIs, periods).

    :param kind: empty where the target is a number
    :param source: id of the other KPI
    """

    kind: np.ndarray
    source: np.ndarray
    change: np.ndarray
    total: np.ndarray


@dataclass
class TargetEvaluation:
    """Targets of ``reports`` in their own ``periods``.

    :param reports: KPIs of one calendar, as superuser
    :param periods: oldest first, of one grain
    :param rows: what ``target_rows`` returns, where it has been read already
    :param settled: to how many of the first periods no rule is applied, as what the
        rules say of them is known
    :param values: ``FormulaEvaluation`` of that grain that reads the values which rules
        refer to; made where it is needed
    """

    reports: object
    periods: list
    values: object = None
    rows: list | None = None
    settled: int = 0
    _scopes: list = field(default_factory=list)

    def targets(self) -> Targets:
        """A row per report."""
        shape = len(self.reports), len(self.periods)
        found = np.full((len(fields(Targets)), *shape), np.nan)
        rules = _Rules(
            np.full(shape, "", object),
            np.zeros(shape, int),
            *np.full((2, *shape), np.nan),
        )
        row_of = {report_id: row for row, report_id in enumerate(self.reports.ids)}
        stops = [period.stop for period in self.periods]
        has_rules = any(kind != "number" for _id, _day, kind, *_more in self._rows)
        for report_id, date_from, kind, source, change, total, *numbers in self._rows:
            row, first = row_of[report_id], bisect_right(stops, date_from)
            found[:, row, first:] = np.array(numbers, float)[:, None]
            if has_rules:
                later = row, slice(first, None)
                rules.kind[later] = "" if kind == "number" else kind
                rules.source[later] = source or 0
                rules.change[later] = change or 0
                rules.total[later] = np.nan if total is None else total
        targets = Targets(*found)
        rules.kind[:, : self.settled] = ""
        for kind in sorted(set(rules.kind.flat) - {""}) if has_rules else ():
            self._apply(kind, rules, targets.target)
        return targets

    @cached_property
    def _rows(self):
        return target_rows(self.reports) if self.rows is None else self.rows

    def _apply(self, kind, rules, target):
        """Put what the rules of one kind say in their places of ``target``."""
        rows = np.flatnonzero((rules.kind == kind).any(axis=1))
        found = np.full((len(rows), len(self.periods)), np.nan)
        definitions = self.reports.definition_id.browse(
            [self.reports[row].definition_id.id for row in rows]
        )
        for definition in set(definitions):
            own = np.array(
                [at for at, kpi in enumerate(definitions) if kpi == definition]
            )
            found[own] = getattr(self, f"_by_{kind}")(definition, rows[own], rules)
        is_meant = rules.kind[rows] == kind
        target[rows] = np.where(is_meant, found, target[rows])

    def _by_previous_year(self, definition, rows, rules):
        before = [self._year_before(period) for period in self.periods]
        return _changed(self._values(definition, rows, before), rules.change[rows])

    def _by_kpi(self, definition, rows, rules):
        found = np.full((len(rows), len(self.periods)), np.nan)
        for source_id in set(rules.source[rows].flat) - {0}:
            source = definition.browse(int(source_id))
            values = self._values(source, rows, self.periods)
            found = np.where(rules.source[rows] == source_id, values, found)
        return _changed(found, rules.change[rows])

    def _by_annual(self, definition, rows, rules):
        shares = np.full((len(rows), len(self.periods)), np.nan)
        calendar = definition.calendar_id
        years = [calendar._period("year", period.start) for period in self.periods]
        for year in set(years):
            parts = calendar._periods_within(self.periods[0].grain, [year])
            place_of = {period: place for place, period in enumerate(parts)}
            before = [self._year_before(period) for period in parts]
            season = spread.season_shares(self._values(definition, rows, before))
            for at, period in enumerate(self.periods):
                if period in place_of:
                    shares[:, at] = season[:, place_of[period]]
        return rules.total[rows] * shares

    def _year_before(self, period):
        """The period a year earlier; None before all calendars."""
        spec = self.reports.definition_id.calendar_id._spec()
        try:
            return calendars.same_period_last_year(spec, period)
        except calendars.PeriodError:
            return None

    def _values(self, definition, rows, wanted):
        """Values of a KPI at the scopes of ``rows`` in the ``wanted`` periods."""
        if self.values is None:
            self.values = definition._evaluation_back_to(self.periods)
        reports = [self.reports[row] for row in rows]
        scopes = [(kpi.scope_type, kpi.scope_id, kpi.company_id.id) for kpi in reports]
        known = self.values.values_at(definition, scopes).values
        place_of = {period: place for place, period in enumerate(self.values.periods)}
        places = [place_of.get(period, -1) for period in wanted]
        return np.where(np.array(places) < 0, np.nan, known[:, places])


def target_rows(reports):
    """Targets of KPIs, earlier ones first: report, valid from, rule and its numbers,
    then those of ``Targets``.
    """
    env = reports.env
    env["kpi.target"].flush_model()
    env["kpi.definition"].flush_model()
    return env.execute_query(
        SQL(
            """
            SELECT target.report_id, target.date_from, target.rule,
                   target.source_definition_id, target.change_percent,
                   target.annual_total, %s
              FROM kpi_target AS target
              JOIN kpi_report AS report ON report.id = target.report_id
              JOIN kpi_definition AS definition
                ON definition.id = report.definition_id
             WHERE target.report_id = ANY(%s)
          ORDER BY target.report_id, target.date_from
            """,
            target_numbers(is_five=True),
            reports.ids,
        )
    )


def target_numbers(is_five=False):
    """SQL columns of ``Targets`` over tables called ``target`` and ``definition``.

    :param is_five: whether the zones are given as 1 or 0 instead of by their key
    """
    zones = SQL("COALESCE(target.zones, definition.zones)")
    return SQL(
        """
        CASE WHEN definition.direction <> 'range' AND target.rule = 'number'
             THEN target.value END AS target,
        CASE WHEN target.has_baseline AND definition.direction <> 'range'
             THEN target.baseline END AS baseline,
        CASE WHEN definition.direction <> 'range' THEN target.stretch END AS stretch,
        CASE WHEN definition.direction = 'range' THEN target.range_low END AS range_low,
        CASE WHEN definition.direction = 'range' THEN target.range_high
             END AS range_high,
        %s AS zones,
        CASE WHEN target.zones IS NULL THEN definition.threshold_1
             ELSE target.threshold_1 END AS threshold_1,
        CASE WHEN target.zones IS NULL THEN definition.threshold_2
             ELSE target.threshold_2 END AS threshold_2,
        CASE WHEN target.zones IS NULL THEN definition.threshold_3
             ELSE target.threshold_3 END AS threshold_3,
        CASE WHEN target.zones IS NULL THEN definition.threshold_4
             ELSE target.threshold_4 END AS threshold_4
        """,
        SQL("CASE WHEN %s = 'five' THEN 1 ELSE 0 END", zones) if is_five else zones,
    )


def _changed(values, percent):
    """``values`` and so many percent of their size more; less where it is negative."""
    return values + np.abs(values) * percent / 100
