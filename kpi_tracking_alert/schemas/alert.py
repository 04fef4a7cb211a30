"""Alerts, and what people say to them."""

from datetime import date, datetime, timezone
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas import base

Severity = Literal["info", "warning", "critical", "urgent"]
State = Literal["firing", "acknowledged", "snoozed", "resolved"]
# Moments between these are moments in every time zone.
FIRST = datetime(1990, 1, 1, tzinfo=timezone.utc)
LAST = datetime(9999, 1, 1, tzinfo=timezone.utc)


IS_OPEN = (
    Annotated[bool, base.Filter("is_open")],
    Field(True, description="false: those that are resolved"),
)


class AlertOut(base.Row):
    report: base.Reference
    severity: Severity
    message: str = Field(description="What and why, in one line")
    opened_at: datetime
    rule: str
    state: State
    reason: str | None
    period_start: date
    since: date | None = Field(description="First of the periods in a row")
    value: float | None
    assignee: base.Reference | None
    snoozed_until: datetime | None
    resolved_at: datetime | None


class AlertReasonOut(base.Row):
    name: str


class SnoozeIn(base.Body):
    until: Annotated[AwareDatetime, Field(ge=FIRST, lt=LAST), base.AsStored] = Field(
        description="Within the next year"
    )


class ResolutionIn(base.Body):
    reason_id: base.Id | None = Field(None, description="One of /api/kpi/alert-reasons")
    note: base.Text = ""
