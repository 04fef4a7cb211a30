from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ..evaluation.finding import WatchedKpi

DAY = timedelta(days=1)


@dataclass
class History:
    """Values of KPIs, and from which day on each was known.

    :ivar days: the first and the last one, both included
    :ivar as_known_then: whether values are those of each day; else those of today, as
        if each had come when its period closed
    :ivar kpis: report id → ``WatchedKpi``
    :ivar read_ids: of these KPIs, and of those that they are analysed with
    :ivar versions: report id → first day of a period, in order → pairs (day from which
        it was known, value and weight), in order; None as the value = it was removed
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
        for start in reversed(self.versions.get(report_id, {})):
            known = self.find_known(report_id, start, day)
            if known:
                return start, known[0]
        return None

    def list_days(self) -> list[date]:
        """All days after the first one."""
        first, last = self.days
        return [first + DAY * at for at in range(1, (last - first).days + 1)]

    def list_facts(self, values: Any, day: date) -> Iterator[tuple]:
        """What the ``facts_sql`` of ``PairValues`` would have given on that day."""
        slots = defaultdict(list)
        for frame, _grain, column, is_before, start in values.list_slots():
            slots[frame].append((column, is_before, start))
        none = (None,) * 4
        for row, kpi in enumerate(values.kpis):
            judged_by = self.judged_by.get(kpi.report_id, {})
            for column, is_before, start in slots[kpi.frame.number]:
                if column >= values.depths[row]:
                    continue
                known = self.find_known(kpi.report_id, start, day)
                if known:
                    numbers = none if is_before else judged_by.get(start, none)
                    yield row, column, is_before, *known, *numbers


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
