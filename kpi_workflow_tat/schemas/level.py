"""Clocks of the people who are asked, and the reminders they got."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base
from odoo.addons.kpi_base.schemas.approval import ApprovalState

Clock = Literal["waiting", "running", "held", "stopped"]


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
