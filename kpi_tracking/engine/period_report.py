"""Figures of a table of KPIs by period: what stands beside each value.

A figure is None where one of the numbers behind it is missing, or where it would mean
nothing: there is no percentage of zero, and none across zero.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from odoo.addons.kpi_base.engine.periods import Period

from .due import due_shares
from .rollup import EXTREMES
from .status import Judged

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
TO_DATE = frozenset({"sum", "average", "min", "max", "last"})


# A change in percent → the figure that it is a share of
SHARED_BY = {"previous_percent": "previous", "last_year_percent": "last_year"}

PERCENT_DIGITS = 1
NO_VALUE = Judged()
UNCOMPARED = (None, None)


@dataclass(frozen=True)
class PeriodColumn:
    """A period of the table.

    :param compared: figure → first day of the period that this one is compared with
    :param elapsed: shares of its days, as of ``elapsed_ratios``
    :param previous_start, previous_label: first day and name of the period before, of
        the column of :func:`find_latest` only
    """

    period: Period
    label: str
    is_running: bool
    compared: Mapping[str, date]
    elapsed: tuple[float, float]
    previous_start: date | None = None
    previous_label: str = ""

    @property
    def head(self) -> tuple[str, str, bool, str]:
        """First day, label, whether it runs, the period before; for JSON."""
        start = self.period.start.isoformat()
        return start, self.label, self.is_running, self.previous_label


def find_latest(columns: Sequence[PeriodColumn]) -> int:
    """Index of the running period, or of the last one."""
    running = (at for at, column in enumerate(columns) if column.is_running)
    return next(running, len(columns) - 1)


@dataclass(frozen=True)
class KnownValues:
    """Values known of some KPIs: id of a KPI → first day → value or ``Judged``.

    :param to_date: values of the year up to and including each period
    :param compared: id of a KPI → first days of an earlier and a later period → what
        they have in common, like with like: see ``Series.compare``
    :param figures: figures shown in each cell
    :param write: number and decimals → text
    :param restated: id of a KPI → first days of its own periods that were restated
    :param added: id of a KPI and first day → figure of an addon → number or text
    :param trends: id of a KPI → label, value and target of its last periods
    """

    judged: Mapping[int, Mapping[date, Judged]]
    to_date: Mapping[int, Mapping[date, float]]
    compared: Mapping[int, Mapping[tuple[date, date], Sequence[float | None]]]
    figures: Sequence[str]
    write: Callable[[float, int], str]
    restated: Mapping[int, Sequence[date]] = field(default_factory=dict)
    added: Mapping[tuple[int, date], Mapping[str, float | str]] = field(
        default_factory=dict
    )
    trends: Mapping[int, Sequence[Mapping]] = field(default_factory=dict)


@dataclass(frozen=True)
class KpiLine:
    """Properties shared by the cells of a KPI.

    :param digits: decimals of its values
    :param is_additive: whether it adds up over time, so that a running period is judged
        by the share of its target that is due
    :param judged, to_date, compared: as in :class:`KnownValues`, of this KPI
    """

    digits: int
    unit: str
    direction: str
    is_additive: bool
    judged: Mapping[date, Judged]
    to_date: Mapping[date, float]
    compared: Mapping[tuple[date, date], Sequence[float | None]]

    def get_pair(self, figure: str, column: PeriodColumn) -> Sequence[float | None]:
        """Value of the period that a column is compared with, and its own, like with
        like; None = none.

        :param figure: a key of ``column.compared``
        """
        pair = column.compared.get(figure), column.period.start
        return self.compared.get(pair, UNCOMPARED)

    def digits_of(self, figure: str) -> int:
        """Decimals of a figure."""
        return PERCENT_DIGITS if figure in PERCENTAGES else self.digits


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
    if aggregation in EXTREMES:
        return EXTREMES[aggregation].accumulate(values, axis=1)
    known = ~np.isnan(values)
    if aggregation == "last":
        positions = np.where(known, np.arange(values.shape[1]), 0)
        positions = np.maximum.accumulate(positions, axis=1)
        return np.take_along_axis(values, positions, axis=1)
    is_even = np.isnan(weights) | (aggregation == "sum")
    loads = np.where(is_even, 1.0, weights) * known
    total = np.cumsum(np.where(known, values, 0.0) * loads, axis=1)
    size = np.cumsum(loads, axis=1)
    count = size if aggregation == "average" else np.ones_like(size)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=size > 0)


def measure_variance(
    actual: float | None,
    target: float | None,
    low: float | None = None,
    high: float | None = None,
) -> float | None:
    """Value less target; for a range what lies outside of it, 0 inside."""
    if actual is None:
        return None
    if low is None and high is None:
        return None if target is None else actual - target
    if low is not None and actual < low:
        return actual - low
    if high is not None and actual > high:
        return actual - high
    return 0.0


def build_figures(line: KpiLine, column: PeriodColumn) -> dict[str, float | None]:
    """Figures of one cell, and ``low`` and ``high``, the ends of the good range.

    The target, or the range, is the part due so far, and what a running period is
    compared with the same part of the other one.
    """
    start = column.period.start
    judged = line.judged.get(start, NO_VALUE)
    due = due_shares(column.elapsed, line.is_additive, line.direction == "lower")
    target, low, high = (
        None if number is None or np.isnan(share) else number * float(share)
        for number, share in zip(
            (judged.target, judged.low, judged.high), due[[0, 0, 1]], strict=True
        )
    )
    previous, last_year = (
        line.get_pair(figure, column) for figure in ("previous", "last_year")
    )
    variance = measure_variance(judged.value, target, low, high)
    return {
        "actual": judged.value,
        "target": target,
        "low": low,
        "high": high,
        "variance": variance,
        "variance_percent": share_of(variance, target),
        "achievement": judged.achievement,
        "previous": previous[0],
        "previous_percent": change(previous[1], previous[0]),
        "last_year": last_year[0],
        "last_year_percent": change(last_year[1], last_year[0]),
        "ytd": line.to_date.get(start),
    }


def range_text(
    low: float | None,
    high: float | None,
    digits: int,
    write: Callable[[float, int], str],
) -> dict[str, str]:
    """The good range instead of a target: “4 – 7”, “≥ 4”, “≤ 7”; no number.

    :return: the text as ``target``; empty where neither end is known
    """
    ends = [None if end is None else write(end, digits) for end in (low, high)]
    if None not in ends:
        return {"target": f"{ends[0]} – {ends[1]}"}
    if low is not None:
        return {"target": f"≥ {ends[0]}"}
    if high is not None:
        return {"target": f"≤ {ends[1]}"}
    return {}
