from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from ..evaluation.finding import OpenAlert, Watched, WatchedKpi, make_frame
from ..evaluation.pair_values import PairValues


@dataclass
class History:
    """Values of KPIs, and from which day on each was known.

    :ivar kpis: report id → ``WatchedKpi``
    :ivar versions: report id → first day of a period → pairs (day from which it was
        known, value and weight), in order; None as the value = it was removed
    :ivar judged_by: report id → first day of a period → target, baseline and range
    :ivar closings: days on which periods closed → report ids
    :ivar steps: these, and days on which something changed → report ids
    """

    kpis: dict[int, WatchedKpi]
    versions: dict[int, dict[date, list[tuple]]]
    judged_by: dict[int, dict[date, tuple]]
    closings: dict[date, set[int]]
    steps: dict[date, set[int]]

    def find_known(self, report_id: int, start: date, day: date) -> tuple | None:
        """Value and weight of a period as known on a day; None where there was none."""
        versions = self.versions.get(report_id, {}).get(start)
        if not versions:
            return None
        at = bisect_right(versions, day, key=lambda version: version[0])
        if not at or versions[at - 1][1] is None:
            return None
        return versions[at - 1][1:]

    def count_known(self, report_id: int, day: date) -> int:
        """How many periods had a value on a day."""
        periods = self.versions.get(report_id, {})
        return sum(
            self.find_known(report_id, start, day) is not None for start in periods
        )


@dataclass
class PastAlert:
    """An alert that would have been.

    :ivar fired_on, ended_on: days; None: it goes on
    :ivar first, last: its findings when it fired, and the latest
    """

    first: Any
    fired_on: date
    last: Any
    ended_on: date | None = None
    resolution: str = ""
    periods: set[date] = field(default_factory=set)

    @property
    def key(self) -> tuple[int, int]:
        return self.first.key


class Player:
    """Evaluates a rule day by day, as the sweep does with the values of each day.

    :param rule: ``kpi.smart.alert``
    :param conditions: of that rule, or others to be tried
    """

    def __init__(self, rule, conditions, history: History):
        self.rule, self.conditions, self.history = rule, conditions, history
        self.frames = {}
        self.open: dict[tuple[int, int], PastAlert] = {}
        self.alerts: list[PastAlert] = []
        self.compared: list[float] = []  # of each period that closed

    def play(self, date_from: date, date_to: date) -> list[PastAlert]:
        """Alerts of these days, both included, as if turned on on the first one."""
        if not self.history.kpis:
            return []
        days = sorted(day for day in self.history.steps if date_from < day <= date_to)
        self._step(date_from, list(self.history.kpis))
        for day in days:
            self._step(day, sorted(self.history.steps[day]))
        return self.alerts

    def _step(self, day, report_ids):
        known = self.history.kpis
        kpis = {
            id_: replace(known[id_], frame=self._get_frame(known[id_].frame, day))
            for id_ in report_ids
        }
        pairs = np.array([(self.rule.id, id_) for id_ in kpis], int).reshape(-1, 2)
        watched = Watched(self.rule, kpis, pairs, self._get_open())
        values = PairValues(watched, self.conditions)
        values.fill(self._list_facts(values, day))
        self.compared += values.list_newest()
        for finding in values.find():
            self._apply(finding, day)

    def _get_frame(self, frame, day):
        """The periods as of a day; those of the day before are dropped."""
        known = self.frames.get(frame.number)
        if not known or known.today != day:
            known = make_frame(
                frame.number, frame.calendar_id, frame.spec, frame.grain, day
            )
            self.frames[frame.number] = known
        return known

    def _get_open(self):
        return {
            key: OpenAlert(
                0,
                alert.last.period_start,
                alert.first.since,
                alert.last.value,
                alert.last.measured,
            )
            for key, alert in self.open.items()
        }

    def _list_facts(self, values, day):
        """What ``PairValues.facts_sql`` would give on that day."""
        slots = defaultdict(list)
        for frame, _grain, column, is_before, start in values.list_slots():
            slots[frame].append((column, is_before, start))
        none = (None,) * 4
        for row, kpi in enumerate(values.kpis):
            judged_by = self.history.judged_by.get(kpi.report_id, {})
            for column, is_before, start in slots[kpi.frame.number]:
                if column >= values.depths[row]:
                    continue
                known = self.history.find_known(kpi.report_id, start, day)
                if known:
                    numbers = none if is_before else judged_by.get(start, none)
                    yield row, column, is_before, *known, *numbers

    def _apply(self, finding, day):
        alert = self.open.get(finding.key)
        if alert and finding.resolution:
            alert.ended_on, alert.resolution = day, finding.resolution
            del self.open[finding.key]
        elif alert and finding.fires:
            alert.last = finding
            alert.periods.add(finding.period_start)
        elif finding.fires and self._has_enough(finding, day):
            alert = PastAlert(finding, day, finding, periods={finding.period_start})
            self.open[finding.key] = alert
            self.alerts.append(alert)

    def _has_enough(self, finding, day):
        least = self.rule.least_facts
        return not least or self.history.count_known(finding.report_id, day) >= least
