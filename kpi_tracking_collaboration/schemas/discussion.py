"""Discussions of KPIs: what was seen, decided, and what came of it."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Body,
    Day,
    Filter,
    Grain,
    Id,
    ListQuery,
    Name,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)

DiscussionType = Literal[
    "performance_review", "improvement_plan", "target_adjustment", "escalation"
]
State = Literal["open", "closed"]


class DiscussionOut(Row):
    name: str
    kpi: Reference
    discussion_type: DiscussionType
    state: State
    grain: Grain | None
    period_start: date | None
    value: float | None = Field(description="When the discussion was opened")
    value_today: float | None = Field(description="Of the same period, as of today")
    decision: str | None
    outcome: str | None
    alert_event: Reference | None
    user: Reference = Field(description="Who opened it")
    action_items: list[Reference]


DiscussionQuery = query_of(DiscussionOut)


class DiscussionsQuery(ListQuery):
    row: ClassVar = DiscussionOut

    kpi_id: Annotated[Id | None, Filter("kpi_id")] = None
    state: Annotated[State | None, Filter("state")] = None
    discussion_type: Annotated[DiscussionType | None, Filter("discussion_type")] = None
    sort: Word = Field(
        "-id", description="Field to sort by; a minus in front reverses the order"
    )


class DiscussionIn(Body):
    kpi_id: Id
    name: Name
    discussion_type: DiscussionType = "performance_review"
    grain: Grain | None = Field(None, description="Default: that of the KPI")
    period_start: Day | None = Field(
        None, description="A day of the period; default: that of the latest value"
    )
    alert_event_id: Id | None = None


class DiscussionChange(Body):
    name: Name | None = None
    discussion_type: DiscussionType | None = None
    decision: Text | None = None
    outcome: Text | None = None
    state: State | None = None
