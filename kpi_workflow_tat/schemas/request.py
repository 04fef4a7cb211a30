"""Requests, what people do with them, their clocks and reminders."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas import base
from odoo.addons.kpi_base.schemas.approval import ApprovalState

RequestStatus = Literal[
    "draft",
    "pending",
    "on_hold",
    "returned",
    "approved",
    "rejected",
    "withdrawn",
    "closed",
]
Priority = Literal["standard", "express"]
Clock = Literal["waiting", "running", "held", "stopped"]
Reason = Annotated[base.Text, Field(min_length=1, pattern=r"\S")]


class RequestOut(base.Row):
    number: str
    subject: str
    description: str | None = Field(description="HTML")
    template: base.Reference
    priority: Priority
    status: RequestStatus
    initiator: base.Reference
    company: base.Reference
    department: base.Reference | None
    amount: float = Field(description="In the currency of the company")
    currency: base.Reference
    due_at: datetime | None = Field(description="When the clock that ends first is due")
    approval_asked_at: datetime | None = Field(description="Submitted, the last time")
    approval_level: int = Field(description="That is asked now; 0: none")
    approval_round: int = Field(description="Number of times that it was submitted")
    decided_at: datetime | None
    can_decide: bool = Field(description="The key's user is asked now")
    is_test: bool = Field(description="Of the test mode: in no report")
    created_at: datetime


class RequestChange(base.Body):
    subject: base.Name | None = None
    description: base.Text | None = None
    template_id: base.Id | None = None
    priority: Priority | None = None
    department_id: base.Id | None = Field(
        None, description="Default: that of whoever makes it"
    )
    amount: Annotated[base.Number, Field(ge=0)] | None = None


class RequestIn(RequestChange):
    subject: base.Name
    template_id: base.Id
    submit: bool = Field(False, description="true: submit it at once")


class DecisionIn(base.Body):
    decision: Literal["approve", "reject", "return"]
    comment: base.Text = Field("", description="Required to reject and to return")


class DecisionOut(base.Answer):
    is_done: bool
    reason: str | None = Field(description="Why nothing was decided")
    request: RequestOut


class ReassignIn(base.Body):
    user_id: base.Id
    comment: base.Text = ""


class HoldIn(base.Body):
    reason: Reason
    limit_at: Annotated[AwareDatetime, base.AsStored] | None = Field(
        None, description="It is resumed by itself then; with its time zone"
    )


class LevelOut(base.Row):
    request: base.Reference
    level_number: int
    attempt: int
    approver: base.Reference
    decision: ApprovalState
    decided_at: datetime | None
    clock: Clock
    level_start_time: datetime | None = Field(description="When the person was asked")
    tat_start_time: datetime | None = Field(description="Since when these hours count")
    tat_hours_allocated: float = Field(description="0 until the clock starts")
    tat_hours_elapsed: float
    tat_hours_remaining: float = Field(description="Negative when overdue")
    elapsed_percent: float
    due_at: datetime | None
    overdue_at: datetime | None = Field(description="The first second that is late")
    next_due_at: datetime | None = Field(description="When the next reminder is due")
    tat50_alert_sent: bool
    tat75_alert_sent: bool
    tat_breached: bool
    former: base.Reference | None = Field(
        description="Clock that it was taken over from"
    )


class IntervalOut(base.Answer):
    date_from: base.Moment
    date_to: base.Moment
    kind: Literal["counted", "held", "leave", "closed", "taken_over"]
    label: str
    seconds: int = Field(description="That count")


class StatementOut(base.Answer):
    items: list[IntervalOut]


class AlertsQuery(base.Query):
    level_id: base.Id | None = Field(None, description="Only those of this level")


class AlertOut(base.Answer):
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
    level_start_time: base.Moment | None
    due_at: base.Moment | None
    alert_sent_at: base.Moment
    expected_completion_time: base.Moment | None
    alert_message: str
    notification_sent: bool
    notification_channels: list[str]
    is_breached: bool
    was_completed_on_time: bool | None = Field(description="null until it is decided")
    completion_time: base.Moment | None
    metadata: dict[str, Any]
    created_at: base.Moment


class AlertsOut(base.Answer):
    items: list[AlertOut]
