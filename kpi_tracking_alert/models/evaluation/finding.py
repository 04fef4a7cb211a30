"""What evaluation passes on: pairs of a rule and a KPI, and what was found of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from odoo.addons.kpi_base.engine.periods import (
    CalendarSpec,
    Period,
    period_of,
    previous,
    same_period_last_year,
)
from odoo.addons.kpi_tracking.engine.due import elapsed_ratios

COLUMNS = 50  # as far back as a rule can look, and one more


@dataclass(frozen=True)
class Watched:
    """What is evaluated together.

    :ivar rules: ``kpi.smart.alert``, of one or of several types
    :ivar kpis: report id → ``WatchedKpi``
    :ivar pairs: shape (pairs, 2), int: rule id, report id; no pair twice
    :ivar open_alerts: (rule id, report id) → ``OpenAlert``
    """

    rules: Any
    kpis: dict[int, "WatchedKpi"]
    pairs: np.ndarray
    open_alerts: dict[tuple[int, int], "OpenAlert"]

    def of(self, rules: Any) -> "Watched":
        """The same of some of its rules."""
        own = self.pairs[np.isin(self.pairs[:, 0], [get_key(rule) for rule in rules])]
        return Watched(rules, self.kpis, own, self.open_alerts)

    def list_keys(self) -> list[tuple[int, int]]:
        return [(rule_id, report_id) for rule_id, report_id in self.pairs.tolist()]

    def walk(self) -> Iterator[tuple[tuple[int, int], Any, "WatchedKpi", Any]]:
        """Each pair with its rule, its KPI, and its open alert or None."""
        rules = {get_key(rule): rule for rule in self.rules}
        for key in self.list_keys():
            yield key, rules[key[0]], self.kpis[key[1]], self.open_alerts.get(key)

    def find_open(self) -> np.ndarray:
        """Of each pair whether it has an open alert."""
        return np.isin(_number(self.pairs), _number(self._get_open()))

    def list_open(self) -> list[tuple[int, int]]:
        """Keys of the open alerts that are of one of the pairs."""
        keys = self._get_open()
        is_own = np.isin(_number(keys), _number(self.pairs))
        return [(rule_id, report_id) for rule_id, report_id in keys[is_own].tolist()]

    def _get_open(self) -> np.ndarray:
        return np.array(list(self.open_alerts), int).reshape(-1, 2)

    def list_report_ids(self) -> list[int]:
        return np.unique(self.pairs[:, 1]).tolist()


def get_key(rule: Any) -> int:
    """Id of a rule; 0 of one that is tried before it is stored."""
    return rule.id or 0


def pair_with(rule: Any, report_ids: Iterable[int]) -> np.ndarray:
    """Pairs of one rule with KPIs, as in :class:`Watched`."""
    key = get_key(rule)
    return np.array([(key, id_) for id_ in report_ids], int).reshape(-1, 2)


def _number(pairs: np.ndarray) -> np.ndarray:
    """Pairs of ids as one number each."""
    return pairs[:, 0] * 2**32 + pairs[:, 1]


@dataclass(frozen=True)
class WatchedKpi:
    """A tracked KPI as rules see it.

    :ivar frame: its periods
    :ivar is_additive: whether its values add up over time
    :ivar tracked_since: day on which it began to be tracked, or there began to be what
        its company can measure; ``9999-12-31`` while there is nothing
    """

    report_id: int
    frame: "Frame"
    direction: str
    is_additive: bool
    company_id: int
    tracked_since: date


@dataclass(frozen=True)
class Frame:
    """Periods of a calendar, the newest first: column 0 is the one that runs now.

    :ivar number: of the frame, among those evaluated together
    :ivar today: local date of the calendar
    """

    number: int
    calendar_id: int
    spec: CalendarSpec
    grain: str
    today: date

    @cached_property
    def periods(self) -> list[Period]:
        running = period_of(self.spec, self.grain, self.today)
        return [previous(self.spec, running, step) for step in range(COLUMNS)]

    @cached_property
    def elapsed(self) -> tuple[float, float]:
        """Shares of the running period's days, as of ``elapsed_ratios``."""
        return tuple(elapsed_ratios(self.periods[:1], self.today)[:, 0])

    @cached_property
    def columns(self) -> dict[date, int]:
        """First day of a period → its column."""
        return {period.start: column for column, period in enumerate(self.periods)}

    def find_year_before(self, column: int) -> date:
        """First day of the period that one is compared with, a year earlier."""
        return same_period_last_year(self.spec, self.periods[column]).start


@dataclass(frozen=True)
class OpenAlert:
    """An alert that is not resolved, as stored.

    :ivar alert_id: its rule; None where that is gone
    :ivar is_tracked: whether its KPI is
    :ivar has_failed: whether its rule has, so that nothing of it changes
    """

    id: int
    period_start: date
    since_period: date | None
    value: float | None
    measured: float | None
    alert_id: int | None = None
    report_id: int = 0
    is_tracked: bool = True
    has_failed: bool = False

    @property
    def key(self) -> tuple[int | None, int]:
        return self.alert_id, self.report_id


@dataclass(frozen=True)
class Finding:
    """What the newest known period of a pair says.

    :ivar fires: the rule is broken: a new alert is due, or an open one goes on
    :ivar goes_on: an open one does, whether the rule is broken or not any more
    :ivar resolution: how an open one ends, a key of ``RESOLUTIONS``; empty: not yet
    :ivar since: first of the periods in a row
    :ivar limit: what was compared with, where that is one number
    :ivar details: what explains it: see ``kpi_alert_event_reason``
    """

    alert_id: int
    report_id: int
    period_start: date
    fires: bool = False
    goes_on: bool = False
    resolution: str = ""
    since: date | None = None
    value: float | None = None
    measured: float | None = None
    limit: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, int]:
        return self.alert_id, self.report_id

    def get_columns(self) -> dict[str, Any]:
        """What an alert shows of it, by the columns of ``kpi.alert.event``."""
        names = ("period_start", "value", "measured", "limit", "details")
        since = self.since or self.period_start
        return {"since_period": since, **{name: getattr(self, name) for name in names}}
