"""Cells of a table of KPIs by period: from values and judgements to their figures."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from odoo.addons.kpi_base.engine.periods import Period

from .due import due_share
from .period_report import PERCENTAGES, PeriodFigures
from .status import Judged

PERCENT_DIGITS = 1
NO_VALUE = Judged()


@dataclass(frozen=True)
class PeriodColumn:
    """A period of the table.

    :param compared: figure → first day of the period that it is the value of
    :param elapsed: share of its days that has passed, 0 to 1
    """

    period: Period
    label: str
    is_running: bool
    compared: Mapping[str, date]
    elapsed: float

    @property
    def head(self) -> tuple[str, str, bool]:
        """First day, label and whether it runs, as JSON can hold them."""
        return self.period.start.isoformat(), self.label, self.is_running


@dataclass(frozen=True)
class KnownValues:
    """Values known of some KPIs: KPI → first day → value or ``Judged``.

    :param to_date: values of the year up to and including each period
    :param figures: figures shown in each cell
    :param write: number and decimals → text
    :param restated: id of a KPI → first days of its own periods that were restated
    :param added: id of a KPI and first day → figure of an addon → number or text
    """

    judged: Mapping[Hashable, Mapping[date, Judged]]
    to_date: Mapping[Hashable, Mapping[date, float]]
    figures: Sequence[str]
    write: Callable[[float, int], str]
    restated: Mapping[int, Sequence[date]] = field(default_factory=dict)
    added: Mapping[tuple[int, date], Mapping[str, float | str]] = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class KpiLine:
    """Properties shared by the cells of a KPI.

    :param digits: decimals of its values
    :param due: period → share of its target that is due so far, 0 to 1
    :param judged, to_date: as in :class:`KnownValues`, of this KPI
    """

    digits: int
    unit: str
    direction: str
    due: Mapping[Period, float]
    judged: Mapping[date, Judged]
    to_date: Mapping[date, float]

    def digits_of(self, figure: str) -> int:
        """Decimals of a figure."""
        return PERCENT_DIGITS if figure in PERCENTAGES else self.digits


def due_by_period(
    columns: Sequence[PeriodColumn], is_additive: bool
) -> dict[Period, float]:
    """Period → share of a target that is due so far, 0 to 1."""
    shares = due_share([column.elapsed for column in columns], is_additive).tolist()
    return {column.period: share for column, share in zip(columns, shares, strict=True)}


def build_figures(line: KpiLine, column: PeriodColumn) -> PeriodFigures:
    """Figures of one cell; the target, or the good range, is the part due so far."""
    judged = line.judged.get(column.period.start, NO_VALUE)
    due = line.due[column.period]
    target, low, high = (
        None if number is None else number * due
        for number in (judged.target, judged.low, judged.high)
    )
    return PeriodFigures(
        actual=judged.value,
        target=target,
        low=low,
        high=high,
        achievement=judged.achievement,
        ytd=line.to_date.get(column.period.start),
        **{
            figure: line.judged.get(start, NO_VALUE).value
            for figure, start in column.compared.items()
        },
    )


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
