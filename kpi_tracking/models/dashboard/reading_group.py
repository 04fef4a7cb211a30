"""KPIs of one calendar that are shown in the same periods, with their numbers."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from ...engine import periods as calendars
from ...engine.status import prorate
from ..core.kpi_zones_mixin import THRESHOLD_FIELDS

DUE = ("target", "baseline", "low", "high")
ZONES = {None: None, 0.0: "rag", 1.0: "five"}


@dataclass(frozen=True)
class Group:
    """KPIs of one calendar that are shown in the same periods.

    :param course: their numbers, a row per KPI
    :param is_growing: for each KPI whether it adds up over time
    :param places: for each KPI the place of the period shown
    """

    calendar: object
    grain: str
    course: object
    today: date
    is_growing: np.ndarray
    places: np.ndarray
    labels: dict = field(default_factory=dict)
    years: dict = field(default_factory=dict)

    @property
    def periods(self):
        return self.course.periods

    @cached_property
    def starts(self):
        return [period.start for period in self.periods]

    @cached_property
    def spec(self):
        return self.calendar._spec()

    @cached_property
    def current(self):
        """The period that runs now."""
        return self.calendar._period(self.grain, self.today)

    def label(self, place):
        """The period as people call it; each is named once."""
        if place not in self.labels:
            self.labels[place] = self.calendar._period_label(self.periods[place])
        return self.labels[place]

    def labels_of(self, places):
        """As ``label``, of a range of places; tiles share the lists."""
        if places not in self.labels:
            self.labels[places] = [self.label(place) for place in places]
        return self.labels[places]

    def year_before(self, place):
        """Place of the same period last year; None where it is not read."""
        if place not in self.years:
            try:
                before = calendars.same_period_last_year(self.spec, self.periods[place])
            except calendars.PeriodError:
                before = None
            known = before and before.start in self.place_of
            self.years[place] = self.place_of[before.start] if known else None
        return self.years[place]

    @cached_property
    def place_of(self):
        """First day → place of its period."""
        return {start: place for place, start in enumerate(self.starts)}

    @cached_property
    def values(self):
        """For each KPI its values; None = no value."""
        return known(self.course.values)

    @cached_property
    def targets(self):
        """For each KPI its targets of whole periods; None = none."""
        return known(self.course.targets.target)

    @cached_property
    def statuses(self):
        return self.course.statuses.tolist()

    @cached_property
    def achieved(self):
        """For each KPI the achievement of the period shown; None = unknown."""
        return known(self._shown(self.course.achieved))

    @cached_property
    def bands(self):
        """For each KPI the band of the period shown."""
        return self._shown(self.course.bands).tolist()

    @cached_property
    def judged_by(self):
        """For each KPI what its shown value is judged by, as a dict.

        Target, baseline and range as far as they are due, the target of the whole
        period, the kind of zones and their thresholds; None = none.
        """
        targets = self.course.targets
        whole = {
            name: self._shown(getattr(targets, name))
            for name in (*DUE, *THRESHOLD_FIELDS)
        }
        columns = {f"due_{name}": known(self._due(whole[name])) for name in DUE}
        columns |= {name: known(whole[name]) for name in ("target", *THRESHOLD_FIELDS)}
        is_five = known(self._shown(targets.is_five))
        columns["zones"] = [ZONES[each] for each in is_five]
        rows = zip(*columns.values(), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _due(self, numbers):
        """The part of whole periods' numbers that is due so far."""
        due = prorate(numbers, self.course.elapsed[self.places], "sum")
        return np.where(self.is_growing, due, numbers)

    def _shown(self, column):
        """For each KPI what an array says of the period shown."""
        return column[np.arange(len(self.places)), self.places]


def known(numbers):
    """An array as lists that JSON can hold; None for NaN."""
    return np.where(np.isnan(numbers), None, numbers).tolist()
