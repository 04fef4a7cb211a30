"""Review meetings: who looks at a scorecard when, at what, and what was said."""

from datetime import datetime, timezone
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas.base import (
    Body,
    Filter,
    Id,
    ListQuery,
    Moment,
    Name,
    Reference,
    Row,
    Status,
    Text,
    query_of,
)

MeetingState = Literal["planned", "held", "cancelled"]
FIRST = datetime(1990, 1, 1, tzinfo=timezone.utc)
LAST = datetime(9998, 12, 31, tzinfo=timezone.utc)


class MeetingOut(Row):
    name: str
    group: Reference = Field(description="Scorecard")
    state: MeetingState
    starts_at: Moment
    user: Reference = Field(description="Organiser")
    participant: list[Reference]
    minutes: str | None
    minutes_sent_at: Moment | None
    action_items: list[Reference]


MeetingQuery = query_of(MeetingOut)


class MeetingsQuery(ListQuery):
    row: ClassVar = MeetingOut
    sortable: ClassVar = ("starts_at",)

    group_id: Annotated[Id | None, Filter("group_id")] = None
    state: Annotated[MeetingState | None, Filter("state")] = None


class MeetingIn(Body):
    group_id: Id = Field(description="Scorecard")
    name: Name
    starts_at: AwareDatetime = Field(ge=FIRST, lt=LAST)
    participant_ids: list[Id] = Field([], max_length=200)
    has_agenda: bool = Field(
        False, description="Add what is off track, open alerts and due actions"
    )


class MinutesIn(Body):
    minutes: Text | None = Field(None, description="Default: as they are")
    is_sent: bool = Field(True, description="Mail them to those who take part")


class AgendaItemOut(Row):
    needs: ClassVar = ("has_value",)

    name: str
    report: Reference
    alert_event: Reference | None
    action_item: Reference | None
    status: Status
    current_value: float | None = Field(description="Latest value of the KPI")
    note: str | None = Field(description="What was said about it")


class AgendaQuery(ListQuery):
    row: ClassVar = AgendaItemOut
