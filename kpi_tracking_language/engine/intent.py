"""What a question asks for: plain values, of which an answer or an action is made."""

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal[
    "value",
    "list_kpis",
    "count",
    "rank",
    "compare",
    "trend",
    "forecast",
    "explain",
    "anomaly",
    "create_alert",
    "disable_alert",
    "schedule_report",
    "clarify",
]
Reason = Literal[
    "",
    "not_permitted",
    "unknown_words",
    "ambiguous_name",
    "no_metric",
    "no_such_day",
    "unit",
    "incomplete",
    "too_long",
]

# How often something comes, as questions say it → the length of a period.
GRAINS = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}


@dataclass(frozen=True)
class Span:
    """The days from ``first`` to ``last``, both included.

    :param grain: its length where it is one period; empty = some days
    :param back: so many periods before the one of today, of whatever calendar a KPI
        has; None = days of the wall calendar
    """

    first: dt.date
    last: dt.date
    grain: str = ""
    back: int | None = None

    def as_dict(self) -> dict[str, str]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


@dataclass(frozen=True)
class Filter:
    """A condition; ``value`` is a text, a number or, for ``in``, a tuple of texts."""

    name: str
    operator: str
    value: Any


@dataclass(frozen=True)
class AlertWish:
    """An alert that is asked for.

    :param condition: ``below`` or ``above`` a value; ``change_below``,
        ``change_above``: a change in percent against the ``window`` before
    :param unit: that of the threshold, which is the KPI's own except for changes
    :param consecutive: for so many periods in a row
    :param recipient: a person; None = whoever asks
    """

    metric: str
    condition: str
    threshold: float
    unit: str | None
    window: str | None = None
    consecutive: int = 1
    recipient: str | None = None


@dataclass(frozen=True)
class Schedule:
    """How often a report is sent.

    :param day: name of a weekday, or number of a day of the month
    :param time: ``HH:MM``
    :param recipient: a person; None = whoever asks
    """

    frequency: str
    day: str | int | None = None
    time: str | None = None
    recipient: str | None = None


@dataclass(frozen=True)
class Intent:
    """A question that was read.

    :param metrics: codes of KPIs
    :param compare_to: a period, or ``"target"``
    :param order: ``asc``, ``desc`` or ``both``
    :param offset: so many of the ranking are left out
    :param scope: ``me`` or ``company`` where the question says so
    :param reason: why there is a question back
    :param words: those that nobody has read, or that may mean several things
    :param candidates: codes of KPIs that may be meant
    """

    intent: Kind
    metrics: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    period: Span | None = None
    compare_to: Span | Literal["target"] | None = None
    group_by: str | None = None
    granularity: str | None = None
    order: str | None = None
    limit: int | None = None
    offset: int | None = None
    rank_by: str | None = None
    alerts: tuple[AlertWish, ...] = ()
    schedule: Schedule | None = None
    scope: str | None = None
    language: str = field(default="en", compare=False)
    reason: Reason = ""
    words: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The slots as JSON has them; a filter is a list of field, operator, value."""
        filters = [[one.name, one.operator, _plain(one.value)] for one in self.filters]
        compared = self.compare_to
        return {
            "intent": self.intent,
            "metrics": list(self.metrics),
            "filters": filters,
            "period": self.period and self.period.as_dict(),
            "compare_to": compared.as_dict()
            if isinstance(compared, Span)
            else compared,
            "group_by": self.group_by,
            "granularity": self.granularity,
            "order": self.order,
            "limit": self.limit,
            "offset": self.offset,
            "rank_by": self.rank_by,
            "alerts": [asdict(alert) for alert in self.alerts],
            "schedule": self.schedule and asdict(self.schedule),
        }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
