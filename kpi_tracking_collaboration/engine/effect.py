"""How much a KPI has changed since an action, beyond the way it was going before.

A line is drawn through the periods before the action (Theil–Sen), and the mean of those
after is compared with it. It says how much higher the values are, never why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

from odoo.addons.kpi_tracking_analytics.analytics.trend import measure_slope

LEAST_BEFORE = 6
LEAST_AFTER = 3
MOST = 12  # periods on either side
ROUNDING = 1e-12  # of the values: smaller changes are those of the arithmetic
# Student's t, 97.5%, by degrees of freedom: NIST/SEMATECH e-Handbook, 1.3.6.7.2
STUDENT = {4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228}


class Dated(Protocol):
    """A period: a half-open range of days."""

    start: date
    stop: date


@dataclass(frozen=True)
class Effect:
    """What has changed since an action; the numbers are NaN where it is too early.

    :ivar before, after: values used on either side
    :ivar change: mean of those after, less that of the line there; unit of the KPI
    :ivar low, high: limits that hold it with 95%
    """

    before: int
    after: int
    change: float = np.nan
    low: float = np.nan
    high: float = np.nan

    @property
    def is_known(self) -> bool:
        return not np.isnan(self.change)

    @property
    def is_chance(self) -> bool:
        """Whether chance alone gives a change of this size."""
        return self.low <= 0 <= self.high


def find_sides(
    periods: Sequence[Dated], seams: np.ndarray, effective: date, today: date
) -> tuple[np.ndarray, np.ndarray]:
    """Indexes of the closed periods before and after a day, nearest ones only.

    The period that the day lies in belongs to neither, unless it begins with the day.
    Periods that are computed otherwise than the last one before are left out.

    :param periods: oldest first
    :param seams: shape (periods,): where values are computed otherwise than before
    :param effective: first day on which the action worked
    :param today: periods that have not ended by then are left out
    """
    closed = np.array([period.stop <= today for period in periods], bool)
    before = closed & [period.stop <= effective for period in periods]
    after = closed & [period.start >= effective for period in periods]
    if before.any():
        stretch = np.cumsum(seams)
        is_same = stretch == stretch[np.flatnonzero(before)[-1]]
        before, after = before & is_same, after & is_same
    return np.flatnonzero(before)[-MOST:], np.flatnonzero(after)[:MOST]


def measure_effect(values: np.ndarray, before: np.ndarray, after: np.ndarray) -> Effect:
    """Mean of the values after, less that of the line through those before.

    The line: Sen 1968 (JASA 63, 1379–1389), its height the median of what is left. The
    limits: those of the mean of new observations on a line (Draper & Smith 1998,
    "Applied Regression Analysis", 1.4), with the scatter about this one. A season and
    values that follow each other closely make them too narrow.

    :param values: shape (periods,), evenly spaced, oldest first; NaN = no data
    :param before, after: indexes as of :func:`find_sides`
    """
    values = np.asarray(values, float)
    before, after = (side[~np.isnan(values[side])] for side in (before, after))
    count = len(before), len(after)
    if count[0] < LEAST_BEFORE or count[1] < LEAST_AFTER:
        return Effect(*count)
    slope = measure_slope(values[before][None], before).per_day[0]
    height = np.median(values[before] - slope * before)
    left = values[before] - slope * before - height
    change = np.mean(values[after] - slope * after - height)
    if abs(change) < ROUNDING * np.max(np.abs(values[before])):
        change = 0.0
    distance = np.mean(after) - np.mean(before)
    spread = np.sum((before - np.mean(before)) ** 2)
    scatter = np.sum(left**2) / (count[0] - 2)
    error = np.sqrt(scatter * (1 / count[1] + 1 / count[0] + distance**2 / spread))
    half = STUDENT[count[0] - 2] * error
    return Effect(*count, *(float(x) for x in (change, change - half, change + half)))
