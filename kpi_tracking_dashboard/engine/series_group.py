"""Series of KPIs that are shown in the same periods, as tiles are drawn from them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine.periods import CalendarSpec, Grain, Period
from odoo.addons.kpi_tracking.engine.series import Series, as_json_numbers
from odoo.addons.kpi_tracking.engine.zones import THRESHOLD_FIELDS

DUE = ("target", "baseline", "low", "high")
ZONES = {None: None, 0.0: "rag", 1.0: "five"}


@dataclass(frozen=True)
class SeriesGroup:
    """KPIs of one calendar with their numbers, each shown in a period of its own.

    :param spec: of the calendar
    :param today: local day
    :param shown: for each KPI the place of its period
    :param name_period: what people call a period
    """

    spec: CalendarSpec
    series: Series
    today: date
    shown: np.ndarray
    name_period: Callable[[Period], str]
    _labels: dict = field(default_factory=dict)
    _days: dict = field(default_factory=dict)
    _years: dict = field(default_factory=dict)

    @cached_property
    def periods(self) -> list[Period]:
        return self.series.periods

    @cached_property
    def grain(self) -> Grain:
        return self.periods[0].grain

    @cached_property
    def starts(self) -> list[date]:
        return [period.start for period in self.periods]

    @cached_property
    def current(self) -> Period:
        """The period that runs now."""
        return self.find_period(self.grain, self.today)

    def find_period(self, grain: Grain, day: date) -> Period:
        return calendars.period_of(self.spec, grain, day)

    def label(self, place: int) -> str:
        """The period as people call it; each is named once."""
        if place not in self._labels:
            self._labels[place] = self.name_period(self.periods[place])
        return self._labels[place]

    def labels_of(self, places: range) -> list[str]:
        """As ``label``, of a range of places; tiles share the lists."""
        if places not in self._labels:
            self._labels[places] = [self.label(place) for place in places]
        return self._labels[places]

    def days_of(self, places: range) -> list[str]:
        """First days of a range of places in ISO format; tiles share the lists."""
        if places not in self._days:
            self._days[places] = [self.starts[place].isoformat() for place in places]
        return self._days[places]

    def year_before(self, place: int) -> int | None:
        """Place of the same period last year; None where it is not read."""
        if place not in self._years:
            try:
                before = calendars.same_period_last_year(self.spec, self.periods[place])
            except calendars.PeriodError:
                before = None
            found = before and self.series.index_of.get(before.start)
            self._years[place] = found
        return self._years[place]

    @cached_property
    def values(self) -> list[list]:
        """For each KPI its values; None = no value."""
        return as_json_numbers(self.series.values)

    @cached_property
    def targets(self) -> list[list]:
        """For each KPI its targets of whole periods; None = none."""
        return as_json_numbers(self.series.targets.target)

    @cached_property
    def statuses(self) -> list[list[str]]:
        return self.series.statuses.tolist()

    @cached_property
    def achievements(self) -> list:
        """For each KPI the achievement of the period shown; None = unknown."""
        return as_json_numbers(self._get_shown(self.series.achievements))

    @cached_property
    def bands(self) -> list[str]:
        """For each KPI the band of the period shown."""
        return self._get_shown(self.series.bands).tolist()

    @cached_property
    def criteria(self) -> list[dict]:
        """For each KPI what its shown value is judged by.

        Target, baseline and range as far as they are due, the target of the whole
        period, the kind of zones and their thresholds; None = none.
        """
        targets = self.series.targets
        shown = {
            name: self._get_shown(getattr(targets, name))
            for name in (*DUE, *THRESHOLD_FIELDS)
        }
        cells = np.arange(len(self.shown)), self.shown
        due = {name: self.series.get_due(name, cells) for name in DUE}
        columns = {f"due_{name}": as_json_numbers(due[name]) for name in DUE}
        columns |= {
            name: as_json_numbers(shown[name]) for name in ("target", *THRESHOLD_FIELDS)
        }
        is_five = as_json_numbers(self._get_shown(targets.is_five))
        columns["zones"] = [ZONES[each] for each in is_five]
        rows = zip(*columns.values(), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _get_shown(self, column: np.ndarray) -> np.ndarray:
        """For each KPI what an array says of the period shown."""
        return column[np.arange(len(self.shown)), self.shown]
