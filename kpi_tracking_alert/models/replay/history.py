from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from ..evaluation.finding import (
    OpenAlert,
    Watched,
    WatchedKpi,
    make_frame,
    pair_with,
)

DAY = timedelta(days=1)


@dataclass
class History:
    """Values of KPIs, and from which day on each was known.

    :ivar days: the first and the last one, both included
    :ivar as_known_then: whether values are those of each day; else those of today, as
        if each had come when its period closed
    :ivar kpis: report id → ``WatchedKpi``
    :ivar read_ids: of these KPIs, and of those that they are analysed with
    :ivar versions: report id → first day of a period → pairs (day from which it was
        known, value and weight), in order; None as the value = it was removed
    :ivar judged_by: report id → first day of a period → target, baseline and range
    :ivar closings: days on which periods closed → report ids
    :ivar steps: these, and days on which something changed → report ids
    """

    days: tuple[date, date]
    as_known_then: bool
    kpis: dict[int, WatchedKpi]
    read_ids: list[int]
    versions: dict[int, dict[date, list[tuple]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    judged_by: dict[int, dict[date, tuple]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    closings: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    steps: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    _starts: dict[int, list[date]] = field(default_factory=dict)

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

    def find_newest(self, report_id: int, day: date) -> tuple[date, float] | None:
        """First day and value of the newest period that had a value on a day."""
        for start in self._starts_of(report_id):
            known = self.find_known(report_id, start, day)
            if known:
                return start, known[0]
        return None

    def _starts_of(self, report_id: int) -> list[date]:
        """First days of the periods that ever had a value, the newest first."""
        if report_id not in self._starts:
            known = self.versions.get(report_id, {})
            self._starts[report_id] = sorted(known, reverse=True)
        return self._starts[report_id]

    def list_days(self) -> list[date]:
        """All days after the first one."""
        first, last = self.days
        return [first + DAY * at for at in range(1, (last - first).days + 1)]


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
    :param judge: what the rule says of each day, see :mod:`.past_judges`
    """

    def __init__(self, rule, history: History, judge):
        self.rule, self.history, self.judge = rule, history, judge
        self.frames = {}
        self.open: dict[tuple[int, int], PastAlert] = {}
        self.ended: dict[tuple[int, int], date] = {}
        self.alerts: list[PastAlert] = []

    def play(self) -> list[PastAlert]:
        """Alerts of all days, as if turned on on the first one."""
        if not self.history.kpis:
            return []
        first, last = self.history.days
        steps = self.judge.steps
        self._step(first, list(self.history.kpis))
        for day in sorted(day for day in steps if first < day <= last):
            self._step(day, sorted(steps[day]))
        return self.alerts

    def _step(self, day, report_ids):
        known = self.history.kpis
        kpis = {
            id_: replace(known[id_], frame=self._get_frame(known[id_].frame, day))
            for id_ in report_ids
        }
        watched = Watched(self.rule, kpis, pair_with(self.rule, kpis), self._get_open())
        for finding in self.judge.find(watched, day, self.ended):
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
                alert.first.since or alert.first.period_start,
                alert.last.value,
                alert.last.measured,
            )
            for key, alert in self.open.items()
        }

    def _apply(self, finding, day):
        alert = self.open.get(finding.key)
        if alert and finding.resolution:
            alert.ended_on, alert.resolution = day, finding.resolution
            self.ended[finding.key] = day
            del self.open[finding.key]
        elif alert and (finding.fires or finding.goes_on):
            alert.last = finding
            if finding.fires:
                alert.periods.add(finding.period_start)
        elif finding.fires:
            alert = PastAlert(finding, day, finding, periods={finding.period_start})
            self.open[finding.key] = alert
            self.alerts.append(alert)
