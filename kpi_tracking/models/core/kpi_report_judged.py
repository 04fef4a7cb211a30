from dataclasses import dataclass
from functools import cached_property

import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ...engine import periods as calendars
from ...engine import status, stretch, zones
from ...engine.status import Judged
from .kpi_report_values import wanted_periods
from .kpi_target_evaluation import TargetEvaluation, Targets, target_rows


@dataclass(frozen=True)
class _Kept:
    """Rows of ``kpi.target.value``, by column.

    :param rows, places: of the report and the period of each
    :param known: the numbers of ``Targets``; NaN = none
    :param judgements: value judged, achievement, status and band of each, where they
        were read
    """

    rows: np.ndarray
    places: np.ndarray
    known: np.ndarray
    judgements: np.ndarray

    def replace(self, targets):
        """Put what was kept in the place of what holds today."""
        for column, numbers in zip(targets.columns, self.known, strict=True):
            column[self.rows, self.places] = numbers

    @cached_property
    def is_judged(self):
        return ~np.isnan(self.judgements[0].astype(float))

    @property
    def judged_cells(self):
        return self.rows[self.is_judged], self.places[self.is_judged]

    @property
    def judged(self):
        """Value, achievement, status and band of the periods that were judged."""
        value, achieved, reached, band = self.judgements[:, self.is_judged]
        return value.astype(float), achieved.astype(float), reached, band


@dataclass(frozen=True)
class Judging:
    """What KPIs of one calendar are judged by beside their targets.

    :param calendar: record
    :param made_of: the definition of each KPI, or what has its fields
    """

    calendar: object
    made_of: list

    @cached_property
    def rows_by_kind(self):
        """(direction, additivity over time) → rows of the KPIs."""
        rows_of = {}
        for row, kpi in enumerate(self.made_of):
            rows_of.setdefault((kpi.direction, kpi.aggregation_time), []).append(row)
        return rows_of


@dataclass(frozen=True)
class KnownRows:
    """Rows of facts, of targets, and of what was kept of periods, of some KPIs.

    :param report_ids: of all of them
    """

    report_ids: list
    facts: list
    targets: list
    kept: list

    def of(self, reports):
        """Those of some of the KPIs."""
        if self.report_ids == reports.ids:
            return self
        kinds = self._by_report
        return KnownRows(reports.ids, *(_rows_of(rows, reports) for rows in kinds))

    @cached_property
    def _by_report(self):
        return [_by_report(rows) for rows in (self.facts, self.targets, self.kept)]


@dataclass(frozen=True)
class Course:
    """Values of KPIs over periods, what they are judged by, and the judgement.

    Arrays of shape (KPIs, periods); NaN = none.

    :param periods: oldest first
    :param targets: of whole periods, also of a running one
    :param achieved: percent, of the part that is due so far
    :param statuses, bands: as in ``Judged``
    :param stretched: whether the stretch was reached
    :param elapsed: share of each period's days that has passed, 0 to 1
    """

    periods: list
    values: np.ndarray
    targets: Targets
    achieved: np.ndarray
    statuses: np.ndarray
    bands: np.ndarray
    stretched: np.ndarray
    elapsed: np.ndarray

    def narrow(self, row, values):
        """Let a KPI have other values, which no target is made for."""
        self.values[row] = values
        for column in self.targets.columns:
            column[row] = np.nan
        self.achieved[row] = np.nan
        is_missing = np.isnan(self.values[row])
        self.statuses[row] = np.where(is_missing, status.NO_DATA, status.NO_TARGET)
        self.bands[row] = ""
        self.stretched[row] = False


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
        :param as_judged: closed periods, also as parts of longer ones, with the value
            and the target that they were judged by then; else today's values by
            today's targets
        :return: dict report → {first day of the period: ``Judged``}, oldest first; a
            period with neither value nor target is left out
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        found = {}
        for periods, fine, kpis in self._by_fine_periods(grain, first, last):
            found |= kpis._as_judged(kpis._course(periods, fine, as_judged))
        return {report: found.get(report.id, {}) for report in self}

    @api.model
    def _known_rows(self, wanted, as_judged=True):
        """What courses of KPIs are made of, by three statements for all of them.

        :param wanted: pairs of KPIs and the periods, of one grain, of their facts
        :param as_judged: as in ``_judged_values``
        :return: ``KnownRows``, to be handed to ``_course``
        """
        by_ids = [(reports.ids, periods) for reports, periods in wanted]
        everything = self.union(*(reports for reports, _periods in wanted))
        return KnownRows(
            everything.ids,
            self._fact_rows(by_ids),
            target_rows(everything),
            self._kept_rows(by_ids) if as_judged else [],
        )

    def _course(
        self,
        periods,
        fine,
        as_judged=True,
        known=None,
        with_corrections=False,
        judging=None,
    ):
        """``Course`` in ``periods``, from facts and targets of ``fine`` ones.

        :param as_judged: as in ``_judged_values``
        :param known: what ``_known_rows`` has read for these KPIs
        :param with_corrections: closed periods with the value that they have now, by
            the target that was kept: as the KPI itself and its lists say
        :param judging: ``Judging``, where what the KPIs are made of has been read
        """
        if known is None:
            known = self._known_rows([(self, fine)], as_judged)
        if judging is None:
            judging = Judging(self.definition_id.calendar_id, self._made_of())
        known = known.of(self)
        values, weights = self._fact_arrays(fine, known.facts)
        kept = self._kept_judgements(fine, known.kept)
        targets = TargetEvaluation(
            self,
            fine,
            rows=known.targets,
            settled=_begun(judging.calendar, fine) if as_judged else 0,
        ).targets()
        if kept:
            kept.replace(targets)
            if not with_corrections:
                values[kept.judged_cells] = kept.judged[0]
        if fine is not periods:
            made_of = judging.made_of
            values = self._rolled_values(values, weights, fine, periods, made_of)
            place = calendars.places_in(periods, fine)
            is_additive = [kpi.aggregation_time == "sum" for kpi in made_of]
            targets = targets.rolled_up(place, is_additive)
        elapsed = judging.calendar._elapsed_ratios(periods)
        judgement = _judge(judging, elapsed, values, targets)
        if kept and fine is periods and not with_corrections:
            # The judgements of then, whatever has changed since.
            for found, then in zip(judgement, kept.judged[1:], strict=True):
                found[kept.judged_cells] = then
        stretched = _stretched(judging, elapsed, values, targets)
        return Course(periods, values, targets, *judgement, stretched, elapsed)

    def _kept_targets(self, periods):
        """``Targets`` of these KPIs: of closed periods those that were kept."""
        kept = self._kept_judgements(periods) if periods else None
        settled = _begun(self.definition_id.calendar_id, periods) if periods else 0
        targets = TargetEvaluation(self, periods, settled=settled).targets()
        if kept:
            kept.replace(targets)
        return targets

    @api.model
    def _kept_rows(self, wanted, with_judgements=True):
        """What periods were judged by, also open ones, by one statement.

        :param wanted: as for ``_fact_rows``
        :param with_judgements: also the values judged, and what was made of them
        """
        judgements = SQL(", judged_value, achievement, status, COALESCE(band, '')")
        return self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, target, baseline, stretch, range_low,
                       range_high, (zones = 'five')::int, threshold_1, threshold_2,
                       threshold_3, threshold_4%s
                  FROM kpi_target_value
                 WHERE %s
                """,
                judgements if with_judgements else SQL(),
                wanted_periods(wanted),
            )
        )

    def _kept_judgements(self, periods, rows=None):
        """What periods are judged by; None where nothing is kept.

        That of an open period follows the target that holds, also one set by a rule.

        :param rows: what ``_kept_rows`` returns, where it has been read already
        """
        if rows is None:
            rows = self._kept_rows([(self.ids, periods)])
        if not rows:
            return None
        row_of = {report_id: row for row, report_id in enumerate(self.ids)}
        place_of = {period.start: place for place, period in enumerate(periods)}
        report_ids, starts, *columns = zip(*rows, strict=True)
        return _Kept(
            np.array([row_of[report_id] for report_id in report_ids]),
            np.array([place_of[start] for start in starts]),
            np.array(columns[:10], float),
            np.array(columns[10:], object),
        )

    def _as_judged(self, course):
        """Report id → {first day of the period: ``Judged``}."""
        numbers = np.array([course.values, *course.targets.numbers, course.achieved])
        numbers = numbers.transpose(1, 2, 0)
        # A value, a target or an end of a range
        is_known = ~np.isnan(numbers[:, :, [0, 1, 4, 5]]).all(axis=2)
        return {
            report_id: {
                course.periods[at].start: Judged(
                    *map(_number, numbers[row, at].tolist()),
                    str(course.statuses[row, at]),
                    str(course.bands[row, at]),
                    bool(course.stretched[row, at]),
                )
                for at in np.flatnonzero(is_known[row])
            }
            for row, report_id in enumerate(self.ids)
        }


def _begun(calendar, periods):
    """How many of ``periods`` have begun: what rules say of them is kept."""
    today = calendar._today()
    return sum(period.start <= today for period in periods)


def _judge(judging, elapsed, values, targets):
    """Achievement, status and band of each value, pro-rated in a running period."""
    achieved = np.full(values.shape, np.nan)
    for (direction, aggregation), rows in judging.rows_by_kind.items():
        target, baseline, _stretch, low, high = (
            status.prorate(column[rows], elapsed, aggregation)
            for column in targets.numbers
        )
        achieved[rows] = status.achievement(
            values[rows],
            target,
            baseline,
            direction=direction,
            range_low=low,
            range_high=high,
        )
    is_five = targets.is_five == 1
    statuses, bands = zones.judge(achieved, values, is_five, targets.thresholds)
    return achieved, statuses.astype(object), bands.astype(object)


def _stretched(judging, elapsed, values, targets):
    """Whether each value has reached its stretch."""
    reached = np.zeros(values.shape, bool)
    for (direction, aggregation), rows in judging.rows_by_kind.items():
        is_final = (elapsed >= 1) | (aggregation != "sum")
        reached[rows] = stretch.is_reached(
            values[rows], targets.stretch[rows], direction, is_final
        )
    return reached


def _rows_of(rows, reports):
    return [row for report_id in reports.ids for row in rows.get(report_id, ())]


def _by_report(rows):
    """Report id → its rows."""
    found = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _number(value):
    """A number that JSON can hold; None for NaN."""
    return None if value != value else value
