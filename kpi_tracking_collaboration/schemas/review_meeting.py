"""Review meetings: who looks at a scorecard when, at what, and what was said."""

from datetime import datetime, timezone
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas import base

MeetingState = Literal["planned", "held", "cancelled"]
FIRST = datetime(1990, 1, 1, tzinfo=timezone.utc)
LAST = datetime(9998, 12, 31, tzinfo=timezone.utc)


class MeetingOut(base.Row):
    name: str
    group: base.Reference = Field(description="Scorecard")
    state: MeetingState
    starts_at: datetime
    user: base.Reference = Field(description="Organiser")
    participant: list[base.Reference]
    minutes: str | None
    minutes_sent_at: datetime | None
    action_items: list[base.Reference]


class MeetingIn(base.Body):
    group_id: base.Id = Field(description="Scorecard")
    name: base.Name
    starts_at: AwareDatetime = Field(ge=FIRST, lt=LAST)
    participant_ids: list[base.Id] = Field([], max_length=200)
    has_agenda: bool = Field(
        False, description="Add what is off track, open alerts and due actions"
    )


class MinutesIn(base.Body):
    minutes: base.Text | None = Field(None, description="Default: as they are")
    is_sent: bool = Field(True, description="Mail them to those who take part")


class AgendaItemOut(base.Row):
    needs: ClassVar = ("has_value",)

    name: str
    report: base.Reference
    alert_event: base.Reference | None
    action_item: base.Reference | None
    status: base.Status
    current_value: float | None = Field(description="Latest value of the KPI")
    note: str | None = Field(description="What was said about it")
