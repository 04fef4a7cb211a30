"""What is to be done about KPIs, and what has changed since."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Number,
    Reference,
    Row,
    Text,
    query_of,
)

ActionStatus = Literal["open", "in_progress", "completed", "cancelled"]


class ActionOut(Row):
    description: str
    report: Reference
    assigned_to: Reference
    status: ActionStatus
    due_date: date | None
    is_overdue: bool
    discussion: Reference | None
    alert_event: Reference | None
    expected_effect: float | None = Field(description="In the unit of the KPI")
    expected_by: date | None
    effective_date: date | None = Field(description="First day on which it works")
    completed_at: datetime | None


ActionQuery = query_of(ActionOut)


class ActionsQuery(ListQuery):
    row: ClassVar = ActionOut
    sortable: ClassVar = ("due_date",)

    report_id: Annotated[Id | None, Filter("report_id")] = None
    discussion_id: Annotated[Id | None, Filter("discussion_id")] = None
    assigned_to: Annotated[Id | None, Filter("assigned_to")] = None
    status: Annotated[ActionStatus | None, Filter("status")] = None
    is_overdue: Annotated[bool | None, Filter("is_overdue")] = None


class ActionChange(Body):
    description: Annotated[Text, Field(min_length=1, pattern=r"\S")] | None = None
    assigned_to: Id | None = None
    due_date: Day | None = None
    status: ActionStatus | None = None
    expected_effect: Number | None = None
    expected_by: Day | None = None
    effective_date: Day | None = None


class ActionIn(ActionChange):
    description: Annotated[Text, Field(min_length=1, pattern=r"\S")]
    report_id: Id | None = Field(
        None, description="Default: the KPI of the discussion or the alert"
    )
    discussion_id: Id | None = None
    alert_event_id: Id | None = None


class EffectOut(Answer):
    change: float | None = Field(
        description="Mean of the periods after it, less what those before led to"
        " expect; null while it is too early"
    )
    low: float | None = Field(description="95 % range")
    high: float | None
    text: str
