from dataclasses import dataclass

import numpy as np

from odoo.tools import SQL

from odoo.addons.kpi_base.engine.postgres import array_text

from ...engine import judging
from ...engine.judging import BETWEEN, BREACH, CLEAR, COMPARED, CONDITIONS
from .finding import Finding, Watched, get_key

LOOK_BACK = 12  # closed periods that may end an alert, or correct it
PAIRS_AT_ONCE = 200_000
SLOT_TYPES = ("int", "varchar", "int", "bool", "date")
RANGE_TYPES = ("int", "int", "int", "varchar", "int", "bool", "date", "date")


@dataclass
class PairValues:
    """Pairs of a rule and a KPI, and the values as far back as the rules look::

    values = PairValues(watched, conditions)
    values.fill(self.env.execute_query(values.facts_sql()))
    findings = list(values.find())

    :ivar watched: rules that compare a number with limits; at least one pair
    :ivar conditions: of its rules, in their order
    """

    watched: Watched
    conditions: judging.Conditions

    def __post_init__(self):
        rule_ids, report_ids = self.watched.pairs.T
        ids, self.row_of = np.unique(report_ids, return_inverse=True)
        self.kpis = [self.watched.kpis[id_] for id_ in ids.tolist()]
        keys = np.array([get_key(rule) for rule in self.watched.rules])
        order = np.argsort(keys)
        self.rule_of = order[np.searchsorted(keys[order], rule_ids)]
        self.is_open = self.watched.find_open()
        firing = self.conditions.periods + self.conditions.recent
        ending = np.maximum(firing, LOOK_BACK + 1)
        # Columns that each pair looks at, that of the running period included.
        self.look = np.where(self.is_open, ending[self.rule_of], firing[self.rule_of])
        self.depths = np.zeros(len(self.kpis), int)
        np.maximum.at(self.depths, self.row_of, self.look)
        # A change on the period before needs one more.
        self.depths += int(COMPARED.index("previous") in self.conditions.compared)

    def facts_sql(self):
        """Facts with what their periods are judged by, and those a year before.

        An index is read once for each KPI, or twice.
        """
        slots, spans, ranges = list(self.list_slots()), {}, []
        for row, kpi in enumerate(self.kpis):
            frame, depth = kpi.frame, int(self.depths[row])
            if (frame.number, depth) not in spans:
                spans[frame.number, depth] = list(self._list_spans(frame, depth))
            for span in spans[frame.number, depth]:
                ranges.append((row, kpi.report_id, frame.number, frame.grain, *span))
        return SQL(
            """
            WITH fact AS MATERIALIZED (
                SELECT kpi.*, found.period_start, found.value, found.weight
                  FROM unnest(%(ranges)s)
                       AS kpi(place, report_id, frame, grain, depth, is_before, first,
                              last)
                  JOIN kpi_measurement AS found
                    ON found.report_id = kpi.report_id
                   AND found.grain = kpi.grain
                   AND found.period_start BETWEEN kpi.first AND kpi.last
            )
            SELECT fact.place, slot.place, slot.is_before::int, fact.value,
                   fact.weight, stored.target, stored.baseline, stored.range_low,
                   stored.range_high
              FROM fact
              JOIN unnest(%(slots)s) AS slot(frame, grain, place, is_before, start)
                ON slot.frame = fact.frame
               AND slot.is_before = fact.is_before
               AND slot.start = fact.period_start
               AND slot.place < fact.depth
         LEFT JOIN kpi_target_value AS stored
                ON stored.report_id = CASE WHEN fact.is_before THEN NULL
                                           ELSE fact.report_id END
               AND stored.grain = fact.grain
               AND stored.period_start = fact.period_start
            """,
            ranges=_arrays_sql(ranges, RANGE_TYPES),
            slots=_arrays_sql(slots, SLOT_TYPES),
        )

    def _list_spans(self, frame, depth):
        """Depth, whether it is a year before, first and last day of the periods."""
        yield depth, False, frame.periods[depth - 1].start, frame.periods[0].start
        if COMPARED.index("last_year") in self.conditions.compared:
            first, last = frame.find_year_before(depth - 1), frame.find_year_before(0)
            yield depth, True, first, last

    def list_slots(self):
        """The periods whose values are read: see ``SLOT_TYPES``."""
        has_years = COMPARED.index("last_year") in self.conditions.compared
        first = 0 if self.conditions.has_running.any() else 1
        for frame in {kpi.frame.number: kpi.frame for kpi in self.kpis}.values():
            for column, period in enumerate(frame.periods[: self.depths.max()]):
                if column < first:
                    continue
                yield frame.number, frame.grain, column, False, period.start
                if has_years:
                    before = frame.find_year_before(column)
                    yield frame.number, frame.grain, column, True, before

    def fill(self, rows):
        """Take what ``facts_sql`` gives."""
        shape = (len(self.kpis), int(self.depths.max()))
        self.values = judging.fill_matrices(rows, shape)
        self.compared = self.values.compare(
            [kpi.direction for kpi in self.kpis],
            np.array([kpi.frame.elapsed for kpi in self.kpis]).T,
            np.array([kpi.is_additive for kpi in self.kpis]),
        )

    def list_newest(self):
        """What is compared of the periods that closed last, as far as it is known."""
        rules = self.conditions.take(self.rule_of)
        newest = judging.pick(self.compared, self.row_of, rules)[:, 1]
        return newest[~np.isnan(newest)].tolist()

    def find(self):
        """Findings of the pairs that fire, and of those with an open alert."""
        for start in range(0, len(self.row_of), PAIRS_AT_ONCE):
            yield from self._find_in(np.s_[start : start + PAIRS_AT_ONCE])

    def _find_in(self, part):
        rows, rules = self.row_of[part], self.conditions.take(self.rule_of[part])
        measured = judging.pick(self.compared, rows, rules)
        weight = self.values.numbers["weight"][rows]
        grades = judging.grade(measured, weight, rules)
        verdict = judging.judge(grades, rules, self.look[part])
        for at in np.flatnonzero(verdict.fires | self.is_open[part]).tolist():
            finding = self._describe(
                part.start + at,
                measured[at],
                grades[at],
                column=int(verdict.column[at]),
                run=int(verdict.run[at]),
                fires=bool(verdict.fires[at]),
            )
            if finding:
                yield finding

    def _describe(self, pair, measured, grades, *, column, run, fires):
        """The finding of one pair; None where nothing is known of it."""
        key = tuple(self.watched.pairs[pair].tolist())
        kpi, alert = self.kpis[self.row_of[pair]], self.watched.open_alerts.get(key)
        resolution = ""
        if alert and not fires:
            look = self.look[pair]
            resolution = _find_resolution(
                alert, kpi.frame, measured[:look], grades[:look], column
            )
        if column < 0:
            # Nothing is known any more; the value that fired may have been removed.
            return (
                Finding(*key, alert.period_start, resolution=resolution)
                if resolution
                else None
            )
        period, rule = kpi.frame.periods[column], self.rule_of[pair]
        is_older = alert and period.start < alert.period_start
        # The limit that was passed; of “outside” the nearer one.
        low, high = float(self.conditions.threshold[rule]), self._read_high(pair)
        is_above = high is not None and measured[column] > high
        return Finding(
            *key,
            period.start,
            fires=fires,
            goes_on=bool(alert) and not resolution and not is_older,
            resolution=resolution,
            since=kpi.frame.periods[column + max(run, 1) - 1].start,
            value=self._read("value", pair, column),
            measured=float(measured[column]),
            limit=high if is_above else low,
            details={
                "target": self._read("target", pair, column),
                "condition": CONDITIONS[self.conditions.condition[rule]],
                "limit_high": high,
                "not_yet": self._find_clear(pair, measured[column], grades[column]),
                "is_running": column == 0,
            },
        )

    def _read(self, name, pair, column):
        number = float(self.values.numbers[name][self.row_of[pair], column])
        return None if np.isnan(number) else number

    def _read_high(self, pair):
        """The upper limit, of “outside” only."""
        rule = self.rule_of[pair]
        if CONDITIONS[self.conditions.condition[rule]] != "outside":
            return None
        return float(self.conditions.threshold_high[rule])

    def _find_clear(self, pair, measured, grade):
        """From where on the alert ends, of a number between that and the limit."""
        if grade != BETWEEN:
            return None
        rule = self.rule_of[pair]
        low = float(self.conditions.clear[rule])
        is_low = self._read_high(pair) is None or measured < low
        return low if is_low else float(self.conditions.clear_high[rule])


def _find_resolution(alert, frame, measured, grades, column):
    """How an open alert ends that its rule would not fire again; empty: not yet.

    :param measured: the numbers of its pair, a column for each period looked at
    :param column: the newest known one, -1: none is
    """
    fired_in = frame.columns.get(alert.period_start, len(grades))
    is_in_sight = fired_in < len(grades)
    if column < 0 or column > fired_in:
        # Nothing newer is known; the value that fired may have been removed.
        is_gone = is_in_sight and np.isnan(measured[fired_in])
        return "corrected" if is_gone else ""
    if is_in_sight and grades[fired_in] == CLEAR:
        least = judging.ROUNDING * abs(alert.measured or 0.0)
        is_same = alert.measured is not None and (
            abs(measured[fired_in] - alert.measured) <= least
        )
        return "rule" if is_same else "corrected"
    if grades[column] == CLEAR:
        return "cleared"
    since = frame.columns.get(alert.since_period, fired_in)
    earlier = grades[fired_in + 1 : since + 1]
    if grades[column] == BREACH and (earlier == CLEAR).any():
        return "corrected"  # one of the periods in a row
    return ""


def _arrays_sql(rows, types):
    """Rows as arrays for ``unnest``, one of each type."""
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    return SQL(", ").join(
        SQL("%s::%s[]", array_text(column), SQL(kind))
        for column, kind in zip(columns, types, strict=True)
    )
