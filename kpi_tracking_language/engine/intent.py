"""What a question asks for: one closed model, of which an answer or an action is made.

Nothing else reaches an answer, and an answer uses all of it: see ``ledger``.
"""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

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
    "about",
    "summary",
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
    "change_unit",
    "too_late",
    "no_comparison",
    "no_limit",
    "no_group",
]
StatusName = Literal[
    "off_target",
    "at_risk",
    "on_target",
    "above_target",
    "no_data",
    "improving",
    "declining",
]
Grain = Literal["day", "week", "month", "quarter", "year"]
Figure = Annotated[float, Field(allow_inf_nan=False)]
Key = Annotated[str, Field(min_length=1, max_length=200)]
# more than a question can hold
Keys = Annotated[tuple[Key, ...], Field(max_length=100)]

# How often something comes, as questions say it → the length of a period.
GRAINS = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}
# What answers and the REST API have always called these groups.
GROUPS = {"person": "employee"}
# the operator of conditions that leave something out
NEGATED = "not in"
# kinds that propose to change something
ACTIONS = ("create_alert", "disable_alert", "schedule_report")
CLOSED = ConfigDict(extra="forbid", frozen=True)


class Closed(BaseModel):
    """Has the keys that are declared, and no others."""

    model_config = CLOSED

    def with_(self, **values: Any) -> Self:
        """A copy in which some values are others.

        :raises ValidationError: an unknown key, or a value that it cannot have
        """
        return type(self)(**{**dict(self), **values})


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
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


class Scope(Closed):
    """Whose KPIs: those of departments, teams, companies or people, or the user's.

    :param ids: keys of those that were named
    :param excluded: keys of those left out
    """

    kind: Literal[
        "company",
        "me",
        "owned",
        "my_team",
        "department",
        "team",
        "person",
        "everyone",
    ]
    ids: Keys = ()
    excluded: Keys = ()

    def as_filters(self) -> list[list]:
        filters = []
        if self.ids:
            name = "owner" if self.kind == "person" else "department"
            filters.append(_filter(name, "in", self.ids))
        elif self.kind in ("me", "owned"):
            filters.append(["owner", "=", "me"])
        elif self.kind == "my_team":
            filters.append(["owner", "=", "my_team"])
        if self.excluded:
            filters.append(_filter("department", "not in", self.excluded))
        return filters


class Status(Closed):
    field: Literal["status"] = "status"
    operator: Literal["in", "not in"] = "in"
    value: tuple[StatusName, ...]


class Number(Closed):
    """A limit; ``unit`` is that of the question where it is not that of the KPI."""

    field: Literal["value", "target", "achievement", "forecast_chance"]
    operator: Literal["<", "<=", ">", ">=", "="]
    value: Figure
    unit: str = ""


class Streak(Closed):
    """The same status for so many periods in a row, the last of which is over."""

    field: Literal["streak"] = "streak"
    status: Literal["off_target", "on_target"] = "off_target"
    periods: Annotated[int, Field(ge=1, le=60)]
    grain: Grain = "month"


class Forecast(Closed):
    """What the running period will probably come to."""

    field: Literal["forecast"] = "forecast"
    value: Literal["off_target", "on_target"]


class Owner(Closed):
    """People by key, ``me`` or ``my_team``."""

    field: Literal["owner"] = "owner"
    operator: Literal["in", "not in"] = "in"
    value: Keys


class NotOf(Closed):
    """KPIs that are left out, by code."""

    field: Literal["metric"] = "metric"
    operator: Literal["not in"] = "not in"
    value: Keys


class Frequency(Closed):
    field: Literal["frequency"] = "frequency"
    operator: Literal["in", "not in"] = "in"
    value: tuple[Literal["daily", "weekly", "monthly", "quarterly", "yearly"], ...]


class LastUpdate(Closed):
    field: Literal["last_update"] = "last_update"
    operator: Literal["<", ">="]
    value: dt.date


class WithoutTarget(Closed):
    field: Literal["without_target"] = "without_target"
    value: bool = True


Condition = Annotated[
    Status
    | Number
    | Streak
    | Forecast
    | Owner
    | NotOf
    | Frequency
    | LastUpdate
    | WithoutTarget,
    Field(discriminator="field"),
]


def describe_condition(one: Condition) -> list:
    """A condition as JSON has it: field, operator, value."""
    match one:
        case Streak():
            name = f"{one.status}_streak_{one.grain}s"
            return [name, ">=", one.periods]
        case Forecast() | WithoutTarget():
            return [one.field, "=", one.value]
        case Number():
            whole = one.value == int(one.value)
            return [one.field, one.operator, int(one.value) if whole else one.value]
        case LastUpdate():
            return [one.field, one.operator, one.value.isoformat()]
    return _filter(one.field, one.operator, one.value)


def _filter(name: str, operator: str, values: tuple) -> list:
    """One value is compared, several are a list."""
    if len(values) == 1:
        return [name, "=" if operator == "in" else "!=", values[0]]
    return [name, operator, list(values)]


class AlertWish(Closed):
    """An alert that is asked for.

    :param condition: ``below`` or ``above`` a value; ``change_below``,
        ``change_above``: a change in percent against the ``window`` before
    :param unit: that of the threshold, which is the KPI's own except for changes
    :param consecutive: for so many periods in a row
    :param recipients: keys of people, departments and teams; none: the user
    """

    metric: Key
    condition: Literal["below", "above", "change_below", "change_above"]
    threshold: Figure
    unit: str | None
    window: Grain | None = None
    consecutive: Annotated[int, Field(ge=1, le=60)] = 1
    recipients: Keys = ()

    def as_dict(self) -> dict[str, Any]:
        values = self.model_dump(exclude={"recipients"})
        number = self.threshold
        values["threshold"] = int(number) if number == int(number) else number
        return values | {"recipient": _one_or_list(self.recipients)}


class Schedule(Closed):
    """How often a report is sent.

    :param day: name of a weekday, or number of a day of the month
    :param time: ``HH:MM``
    :param recipients: keys of people; none: the user
    """

    frequency: Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
    day: str | int | None = None
    time: str | None = None
    recipients: Keys = ()

    def as_dict(self) -> dict[str, Any]:
        values = self.model_dump(exclude={"recipients"})
        return values | {"recipient": _one_or_list(self.recipients)}


def _one_or_list(values: tuple) -> Any:
    return list(values) if len(values) > 1 else next(iter(values), None)


class Intent(Closed):
    """A question that was read.

    :param metrics: codes of KPIs
    :param compare_to: a period, or ``"target"``
    :param group_by: a place each; a period only in a ranking
    :param granularity: a value each
    :param order: ``asc``, ``desc`` or ``both``
    :param offset: so many of the ranking are left out
    :param direction: how the KPI has moved, by the question
    :param about: what is asked about a KPI itself
    :param reason: why there is a question back
    :param words: those that nobody has read, or that may mean several things
    :param candidates: codes of KPIs that may be meant
    """

    kind: Kind
    metrics: Keys = ()
    scope: Scope | None = None
    period: Span | None = None
    compare_to: Span | Literal["target"] | None = None
    conditions: tuple[Condition, ...] = ()
    aggregate: Literal["total", "mean", "min", "max", "count"] | None = None
    group_by: Grain | Literal["kpi", "department", "team", "person"] | None = None
    granularity: Grain | None = None
    order: Literal["asc", "desc", "both"] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    offset: Annotated[int, Field(ge=1, le=1000)] | None = None
    rank_by: Literal["value", "achievement", "change"] | None = None
    direction: Literal["up", "down"] | None = None
    about: Literal["meaning", "formula", "owner", "target", "source"] | None = None
    alerts: tuple[AlertWish, ...] = ()
    schedule: Schedule | None = None
    language: str = "en"
    reason: Reason = ""
    words: tuple[str, ...] = ()
    candidates: tuple[Key, ...] = ()

    def list_slots(self) -> list[str]:
        """The slots that have a value."""
        return [name for name in SLOTS if getattr(self, name) not in (None, ())]

    def as_dict(self) -> dict[str, Any]:
        """The slots as JSON has them; a filter is a list of field, operator, value."""
        filters = self.scope.as_filters() if self.scope else []
        filters += [describe_condition(one) for one in self.conditions]
        compared = self.compare_to
        return {
            "intent": self.kind,
            "metrics": list(self.metrics),
            "filters": filters,
            "period": self.period and self.period.as_dict(),
            "compare_to": compared.as_dict()
            if isinstance(compared, Span)
            else compared,
            "group_by": GROUPS.get(self.group_by or "", self.group_by),
            "granularity": self.granularity,
            "order": self.order,
            "limit": self.limit,
            "offset": self.offset,
            "rank_by": self.rank_by,
            "alerts": [alert.as_dict() for alert in self.alerts],
            "schedule": self.schedule and self.schedule.as_dict(),
            "aggregate": self.aggregate,
            "direction": self.direction,
            "about": self.about,
        }

    def as_context(self, asked_at: dt.datetime) -> dict[str, Any]:
        """What a question that follows up on this one sends, as JSON has it."""
        values = {name: getattr(self, name) for name in self.list_slots()}
        whole = Context(kind=self.kind, language=self.language, asked_at=asked_at)
        whole = whole.with_(**values)
        names = {"kind", "language", "asked_at", *values}
        return whole.model_dump(mode="json", include=names)

    def list_keys(self) -> tuple[set[str], set[str]]:
        """Codes of all KPIs, and keys of all people, departments and teams in it."""
        codes = {*self.metrics, *(alert.metric for alert in self.alerts)}
        scope = self.scope or Scope(kind="everyone")
        keys = {*scope.ids, *scope.excluded}
        for one in self.conditions:
            if one.field == "metric":
                codes.update(one.value)
            elif one.field == "owner":
                keys.update(one.value)
        for wish in (*self.alerts, *filter(None, (self.schedule,))):
            keys.update(wish.recipients)
        return codes, keys - {"me", "my_team"}


class Context(Intent):
    """A question that was answered, on which another one follows up.

    :param asked_at: when it was answered
    """

    asked_at: AwareDatetime


# What an answer is made of; the rest is of the question.
SLOTS = tuple(
    name
    for name in Intent.model_fields
    if name not in ("kind", "language", "reason", "words", "candidates")
)
