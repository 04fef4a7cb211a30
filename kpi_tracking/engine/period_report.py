"""Figures of a table of KPIs by period: what stands beside each value.

A figure is None where one of the numbers behind it is missing, or where it would mean
nothing: there is no percentage of zero, and none across zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FIGURES = (
    "actual",
    "target",
    "variance",
    "variance_percent",
    "achievement",
    "previous",
    "previous_percent",
    "last_year",
    "last_year_percent",
    "ytd",
)
# Their unit is percent, whatever that of the KPI.
PERCENTAGES = frozenset(
    {"variance_percent", "achievement", "previous_percent", "last_year_percent"}
)
TO_DATE = frozenset({"sum", "average", "min", "max", "first", "last"})


@dataclass(frozen=True)
class PeriodFigures:
    """A value and those that it is compared with; None = missing.

    :param low, high: ends of the good range, instead of a target
    """

    actual: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    achievement: float | None = None
    previous: float | None = None
    last_year: float | None = None
    ytd: float | None = None

    @property
    def variance(self) -> float | None:
        """Value less target; for a range what lies outside of it, 0 inside."""
        if self.actual is None:
            return None
        if self.low is None and self.high is None:
            return None if self.target is None else self.actual - self.target
        if self.low is not None and self.actual < self.low:
            return self.actual - self.low
        if self.high is not None and self.actual > self.high:
            return self.actual - self.high
        return 0.0

    @property
    def variance_percent(self) -> float | None:
        return share_of(self.variance, self.target)

    @property
    def previous_percent(self) -> float | None:
        return change(self.actual, self.previous)

    @property
    def last_year_percent(self) -> float | None:
        return change(self.actual, self.last_year)


def row_note(row: Mapping) -> str:
    """What a file says about a KPI beside its numbers: its badge and its note."""
    return " · ".join(filter(None, (row["badge"], row["note"])))


def share_of(difference: float | None, base: float | None) -> float | None:
    """``difference`` in percent of the size of ``base``."""
    if difference is None or not base:
        return None
    return 100 * difference / abs(base)


def change(value: float | None, reference: float | None) -> float | None:
    """Change from ``reference`` to ``value``, in percent of ``reference``.

    None where the one is negative and the other positive: no share tells of that.
    """
    if value is None or not reference or value * reference < 0:
        return None
    return share_of(value - reference, reference)


def to_date(
    values: np.ndarray, weights: np.ndarray, year_index: np.ndarray, aggregation: str
) -> np.ndarray:
    """Combine the values of each year, up to and including every period.

    :param values: shape (KPIs, periods), oldest first; NaN = no data
    :param weights: shape of ``values``; read by ``average``, 1 where missing
    :param year_index: for each period the number of its year, ascending
    :param aggregation: one of :data:`TO_DATE`
    :return: shape of ``values``; NaN until a year has its first value
    :raises ValueError: another aggregation, which cannot be carried forward
    """
    if aggregation not in TO_DATE:
        raise ValueError(f"{aggregation} cannot be carried on through a year.")
    result = np.full_like(values, np.nan)
    for year in np.unique(year_index):
        of_year = year_index == year
        result[:, of_year] = _accumulate(
            values[:, of_year], weights[:, of_year], aggregation
        )
    return result


def last_parts(indexes: Sequence[int]) -> np.ndarray:
    """Index of the last part of each longer period.

    :param indexes: for each part the number of its longer period, ascending
    """
    return np.append(np.flatnonzero(np.diff(indexes)), -1)


def _accumulate(
    values: np.ndarray, weights: np.ndarray, aggregation: str
) -> np.ndarray:
    known = ~np.isnan(values)
    if aggregation == "min":
        return np.fmin.accumulate(values, axis=1)
    if aggregation == "max":
        return np.fmax.accumulate(values, axis=1)
    if aggregation in ("first", "last"):
        indexes = np.where(known, np.arange(values.shape[1]), -1)
        indexes = np.maximum.accumulate(indexes, axis=1)
        if aggregation == "first":
            first = known.argmax(axis=1)[:, None]
            indexes = np.where(indexes >= 0, first, -1)
        found = np.take_along_axis(values, np.maximum(indexes, 0), axis=1)
        return np.where(indexes >= 0, found, np.nan)
    weights = np.where(np.isnan(weights), 1.0, weights) * known
    total = np.where(known, values, 0.0)
    if aggregation == "average":
        total = np.cumsum(total * weights, axis=1)
        size = np.cumsum(weights, axis=1)
    else:
        total = np.cumsum(total, axis=1)
        size = np.cumsum(known, axis=1)
    count = size if aggregation == "average" else np.ones_like(total)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=size > 0)
