"""Targets of KPIs in their periods, by the numbers and rules that hold today."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine import spread

from ...engine.targets import Targets, align_targets, change_by_percent
from ...engine.zones import THRESHOLD_FIELDS


@dataclass
class TargetEvaluation:
    """Targets of ``reports`` in their own ``periods``.

    :param reports: KPIs of one calendar, as superuser
    :param periods: oldest first, of one grain
    :param rows: what ``fetch_target_rows`` returns, where it has been read already
    :param settled: to how many of the first periods no rule is applied, as what the
        rules say of them is known
    :param values: ``FormulaEvaluation`` of that grain that reads the values which rules
        refer to; made where it is needed
    :param entered: codes of the formulas that are being evaluated for these targets
    """

    reports: object
    periods: list
    values: object = None
    rows: list | None = None
    settled: int = 0
    entered: list = field(default_factory=list)

    def targets(self) -> Targets:
        """A row per report."""
        targets, rules = align_targets(self._rows, self.reports.ids, self.periods)
        if rules:
            rules.kind[:, : self.settled] = ""
            for kind in rules.kinds:
                self._apply(kind, rules, targets.target)
        return targets

    @cached_property
    def _rows(self):
        return fetch_target_rows(self.reports) if self.rows is None else self.rows

    def _apply(self, kind, rules, target):
        """Write what the rules of one kind say to their positions in ``target``."""
        rows = np.flatnonzero((rules.kind == kind).any(axis=1))
        found = np.full((len(rows), len(self.periods)), np.nan)
        definitions = self.reports.definition_id.browse(
            [self.reports[row].definition_id.id for row in rows]
        )
        for definition in set(definitions):
            own = [at for at, kpi in enumerate(definitions) if kpi == definition]
            found[own] = getattr(self, f"_by_{kind}")(definition, rows[own], rules)
        is_meant = rules.kind[rows] == kind
        target[rows] = np.where(is_meant, found, target[rows])

    def _by_previous_year(self, definition, rows, rules):
        before = [self._year_before(period) for period in self.periods]
        return change_by_percent(
            self._values(definition, rows, before), rules.change_percent[rows]
        )

    def _by_kpi(self, definition, rows, rules):
        found = np.full((len(rows), len(self.periods)), np.nan)
        for source_id in set(rules.source_id[rows].flat) - {0}:
            source = definition.browse(int(source_id))
            values = self._values(source, rows, self.periods)
            found = np.where(rules.source_id[rows] == source_id, values, found)
        return change_by_percent(found, rules.change_percent[rows])

    def _by_annual(self, definition, rows, rules):
        shares = np.full((len(rows), len(self.periods)), np.nan)
        calendar = definition.calendar_id
        years = [calendar._period("year", period.start) for period in self.periods]
        for year in set(years):
            parts = calendar._periods_within(self.periods[0].grain, [year])
            index_of = {period: index for index, period in enumerate(parts)}
            before = [self._year_before(period) for period in parts]
            season = spread.season_shares(self._values(definition, rows, before))
            for at, period in enumerate(self.periods):
                if period in index_of:
                    shares[:, at] = season[:, index_of[period]]
        return rules.annual_total[rows] * shares

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
            self.values._entered = self.entered
        reports = [self.reports[row] for row in rows]
        scopes = [(kpi.scope_type, kpi.scope_id, kpi.company_id.id) for kpi in reports]
        known = self.values.values_at(definition, scopes).values
        index_of = {period: index for index, period in enumerate(self.values.periods)}
        indexes = [index_of.get(period, -1) for period in wanted]
        return np.where(np.array(indexes) < 0, np.nan, known[:, indexes])


def fetch_target_rows(reports):
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
            target_numbers_sql(is_five=True),
            reports.ids,
        )
    )


def target_numbers_sql(is_five=False):
    """SQL columns of ``Targets`` over tables called ``target`` and ``definition``.

    :param is_five: whether the zones are given as 1 or 0 instead of by their key
    """
    zones = SQL("COALESCE(target.zones, definition.zones)")
    thresholds = [
        SQL(
            "CASE WHEN target.zones IS NULL THEN %s ELSE %s END AS %s",
            *(SQL.identifier(table, name) for table in ("definition", "target")),
            SQL.identifier(name),
        )
        for name in THRESHOLD_FIELDS
    ]
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
        %s AS zones, %s
        """,
        SQL("CASE WHEN %s = 'five' THEN 1 ELSE 0 END", zones) if is_five else zones,
        SQL(", ").join(thresholds),
    )
