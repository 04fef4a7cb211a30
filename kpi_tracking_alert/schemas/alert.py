"""Alerts, and what people say to them."""

from datetime import datetime, timezone
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas import base

# Moments between these are moments in every time zone.
FIRST = datetime(1990, 1, 1, tzinfo=timezone.utc)
LAST = datetime(9999, 1, 1, tzinfo=timezone.utc)


IS_OPEN = (
    Annotated[bool, base.Filter("is_open")],
    Field(True, description="false: those that are resolved"),
)


class AlertOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.alert.event",
        "report severity message! opened_at! rule! state reason period_start since"
        " value assignee snoozed_until resolved_at",
        {
            "message": "What and why, in one line",
            "since": "First of the periods in a row",
        },
    )


class AlertReasonOut(base.Row):
    of: ClassVar = base.Fields("kpi.alert.reason", "name")


class SnoozeIn(base.Body):
    until: Annotated[AwareDatetime, Field(ge=FIRST, lt=LAST), base.AsStored] = Field(
        description="Within the next year"
    )


class ResolutionIn(base.Body):
    reason_id: base.Id | None = Field(None, description="One of /api/kpi/alert-reasons")
    note: base.Text = ""
