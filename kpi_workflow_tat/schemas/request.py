"""Requests, what people do with them, their clocks and reminders."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas import base

Priority = Literal["standard", "express"]
Clock = Literal["waiting", "running", "held", "stopped"]
Reason = Annotated[base.Text, Field(min_length=1, pattern=r"\S")]


class RequestOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.tat.request",
        "number! subject description template priority status initiator company"
        " department amount currency! due_at approval_asked_at approval_level"
        " approval_round decided_at can_decide is_test created_at!",
        {
            "description": "HTML",
            "amount": "In the currency of the company",
            "due_at": "When the clock that ends first is due",
            "approval_asked_at": "Submitted, the last time",
            "approval_level": "That is asked now; 0: none",
            "approval_round": "Number of times that it was submitted",
            "can_decide": "The key's user is asked now",
            "is_test": "Of the test mode: in no report",
        },
    )


class RequestChange(base.Body):
    subject: base.Name | None = None
    description: base.Text | None = None
    template_id: base.Id | None = None
    priority: Priority | None = None
    department_id: base.Id | None = Field(
        None, description="Default: that of the requester"
    )
    amount: Annotated[base.Number, Field(ge=0)] | None = None


class RequestIn(RequestChange):
    subject: base.Name
    template_id: base.Id
    submit: bool = Field(False, description="true: submit it at once")


class DelayReasonOut(base.Row):
    of: ClassVar = base.Fields("kpi.approval.delay.reason", "name! sequence")


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
    of: ClassVar = base.Fields(
        "kpi.tat.level",
        "request level_number attempt approver decision! decided_at clock"
        " level_start_time tat_start_time tat_hours_allocated tat_hours_elapsed"
        " tat_hours_remaining elapsed_percent due_at overdue_at next_due_at"
        " tat50_alert_sent tat75_alert_sent tat_breached delay_reason delay_note"
        " former",
        {
            "level_start_time": "When the person was asked",
            "tat_start_time": "Since when these hours count",
            "tat_hours_allocated": "0 until the clock starts",
            "tat_hours_remaining": "Negative when overdue",
            "overdue_at": "The first second that is late",
            "next_due_at": "When the next reminder is due",
            "delay_reason": "Of a late decision; null: in time, or not given",
            "former": "Clock that it was taken over from",
        },
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
