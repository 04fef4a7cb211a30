"""What is expected of coming periods, as charts go on with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine.periods import CalendarSpec, Period

SHARE = 4  # a quarter of the periods shown is room for coming ones
LATE = 2  # periods by which values may be late and their line still goes on


@dataclass(frozen=True)
class Expected:
    """The most probable value of a period.

    :param low, high: limits between which it lies with 80%; None = unknown
    :param status: how it will be judged, of the period that runs; else empty
    """

    value: float
    low: float | None
    high: float | None
    status: str = ""

    def as_json(self) -> dict[str, float | None]:
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass
class ExpectedValues:
    """What is expected of a KPI.

    :param is_stale: whether something has changed since it was worked out
    :param points: first day of a period → what is expected of it
    """

    is_stale: bool = False
    points: dict[date, Expected] = field(default_factory=dict)


def list_coming(
    spec: CalendarSpec,
    last: Period,
    today: date,
    shown: int,
    starts: Iterable[date],
) -> list[Period]:
    """Periods with which a chart goes on: the running and the next one, and a quarter
    of what it shows; none beyond what is known.

    :param last: the last period of the chart
    :param shown: number of its periods
    :param starts: first days of the periods of which something is expected
    :return: empty where the values are so old that no line leads on from them
    """
    running = calendars.period_of(spec, last.grain, today)
    furthest = max(starts, default=last.start)
    room = shown // SHARE
    found: list[Period] = []
    period = last
    while True:
        period = calendars.period_of(spec, last.grain, period.stop)
        if period.start > furthest:
            break
        if len(found) >= room and period.start > running.stop:
            break
        if period.start < running.start and len(found) >= max(room, LATE):
            return []
        found.append(period)
    return found


def as_arrays(
    points: Mapping[date, Expected],
    last: Period,
    coming: Sequence[Period],
    today: date,
) -> dict[str, list[float | None]] | None:
    """Values and limits of the last period shown and those that come after it.

    :return: ``values``, ``lows`` and ``highs``, one more than ``coming``: of the last
        period only while it runs; None where nothing is known
    """
    along = [last if today in last else None, *coming]
    found = [each and points.get(each.start) for each in along]
    if not any(found):
        return None
    return {
        "values": [each and each.value for each in found],
        "lows": [each and each.low for each in found],
        "highs": [each and each.high for each in found],
    }
