"""Alerts, and what people say to them."""

from datetime import date, datetime, timezone
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas.base import (
    Body,
    Filter,
    Id,
    ListQuery,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)

Severity = Literal["info", "warning", "critical", "urgent"]
State = Literal["firing", "acknowledged", "snoozed", "resolved"]
# Moments between these are moments in every time zone.
FIRST = datetime(1990, 1, 1, tzinfo=timezone.utc)
LAST = datetime(9999, 1, 1, tzinfo=timezone.utc)


class AlertOut(Row):
    report: Reference
    severity: Severity
    message: str = Field(description="What and why, in one line")
    opened_at: datetime
    rule: str
    state: State
    reason: str | None
    period_start: date
    since: date | None = Field(description="First of the periods in a row")
    value: float | None
    assignee: Reference | None
    snoozed_until: datetime | None
    resolved_at: datetime | None


AlertQuery = query_of(AlertOut)


class AlertsQuery(ListQuery):
    row: ClassVar = AlertOut

    is_open: Annotated[
        bool, Filter("is_open"), Field(description="false: those that are resolved")
    ] = True
    state: Annotated[State | None, Filter("state")] = None
    severity: Annotated[Severity | None, Filter("severity")] = None
    report_id: Annotated[Id | None, Filter("report_id")] = None
    is_mine: Annotated[
        bool | None,
        Filter("is_mine"),
        Field(description="Sent to the key's user, or theirs to look after"),
    ] = None
    sort: Word = Field(
        "-id", description="Field to sort by; a minus in front reverses the order"
    )


class AlertReasonOut(Row):
    name: str


class AlertReasonsQuery(ListQuery):
    row: ClassVar = AlertReasonOut


class SnoozeIn(Body):
    until: AwareDatetime = Field(ge=FIRST, lt=LAST, description="Within the next year")


class ResolutionIn(Body):
    reason_id: Id | None = Field(None, description="One of /api/kpi/alert-reasons")
    note: Text = ""
