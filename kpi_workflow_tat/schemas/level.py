"""Clocks of the people who are asked, and the reminders they got."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Filter,
    Id,
    ListQuery,
    Moment,
    Query,
    Reference,
    Row,
    query_of,
)

Clock = Literal["waiting", "running", "held", "stopped"]
Decision = Literal[
    "later",
    "asked",
    "approved",
    "rejected",
    "returned",
    "forwarded",
    "replaced",
    "closed",
]


class LevelOut(Row):
    request: Reference
    level_number: int
    attempt: int
    approver: Reference
    decision: Decision
    decided_at: Moment | None
    clock: Clock
    level_start_time: Moment | None = Field(description="When the person was asked")
    tat_start_time: Moment | None = Field(description="Since when these hours count")
    tat_hours_allocated: float = Field(description="0 until the clock starts")
    tat_hours_elapsed: float
    tat_hours_remaining: float = Field(description="Negative when overdue")
    elapsed_percent: float
    due_at: Moment | None
    overdue_at: Moment | None = Field(description="The first second that is late")
    next_due_at: Moment | None = Field(description="When the next reminder is due")
    tat50_alert_sent: bool
    tat75_alert_sent: bool
    tat_breached: bool
    former: Reference | None = Field(description="Clock that it was taken over from")


LevelQuery = query_of(LevelOut)


class LevelsQuery(ListQuery):
    row: ClassVar = LevelOut

    request_id: Annotated[Id | None, Filter("request_id")] = None
    approver_id: Annotated[Id | None, Filter("approver_id")] = None
    clock: Annotated[Clock | None, Filter("clock")] = None
    decision: Annotated[Decision | None, Filter("decision")] = None
    tat_breached: Annotated[bool | None, Filter("tat_breached")] = None


class IntervalOut(Answer):
    date_from: Moment
    date_to: Moment
    kind: Literal["counted", "held", "leave", "closed", "taken_over"]
    label: str
    seconds: int = Field(description="That count")


class StatementOut(Answer):
    items: list[IntervalOut]


class AlertsQuery(Query):
    level_id: Id | None = Field(None, description="Only those of this level")


class AlertOut(Answer):
    """A reminder, by the names of the columns of ``tat_alerts``."""

    alert_id: int
    request_id: int
    level_id: int
    approver_id: int
    alert_type: str = Field(description="TAT_50, TAT_75, TAT_100")
    threshold_percentage: int
    tat_hours_allocated: float
    tat_hours_elapsed: float
    tat_hours_remaining: float
    level_start_time: Moment | None
    due_at: Moment | None
    alert_sent_at: Moment
    expected_completion_time: Moment | None
    alert_message: str
    notification_sent: bool
    notification_channels: list[str]
    is_breached: bool
    was_completed_on_time: bool | None = Field(description="null until it is decided")
    completion_time: Moment | None
    metadata: dict[str, Any]
    created_at: Moment


class AlertsOut(Answer):
    items: list[AlertOut]
