"""KPIs of one calendar that are shown in the same periods, with their numbers."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from ...engine import periods as calendars
from ...engine.status import prorate


@dataclass(frozen=True)
class Group:
    """KPIs of one calendar that are shown in the same periods.

    :param course: their numbers, a row per KPI
    :param elapsed: share of each period's days that has passed, 0 to 1
    :param is_growing: for each KPI whether it adds up over time
    """

    calendar: object
    grain: str
    course: object
    elapsed: np.ndarray
    today: date
    is_growing: np.ndarray
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
    def due(self):
        """Target, baseline and range of each KPI and period, as far as they are due."""
        targets, growing = self.course.targets, self.is_growing[:, None]
        return {
            name: np.where(
                growing,
                prorate(getattr(targets, name), self.elapsed, "sum"),
                getattr(targets, name),
            )
            for name in ("target", "baseline", "low", "high")
        }


def numbers(values):
    """Numbers that JSON can hold; None for NaN."""
    return [None if value != value else value for value in values.tolist()]


def number(value):
    """A number that JSON can hold; None for NaN."""
    value = float(value)
    return None if value != value else value
