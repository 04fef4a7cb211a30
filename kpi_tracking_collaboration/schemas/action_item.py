"""What is to be done about KPIs, and what has changed since."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

ActionStatus = Literal["open", "in_progress", "completed", "cancelled"]


class ActionOut(base.Row):
    description: str
    report: base.Reference
    assigned_to: base.Reference
    status: ActionStatus
    due_date: date | None
    is_overdue: bool
    discussion: base.Reference | None
    alert_event: base.Reference | None
    expected_effect: float | None = Field(description="In the unit of the KPI")
    expected_by: date | None
    effective_date: date | None = Field(description="First day on which it works")
    completed_at: datetime | None


class ActionChange(base.Body):
    description: Annotated[base.Text, Field(min_length=1, pattern=r"\S")] | None = None
    assigned_to: base.Id | None = None
    due_date: base.Day | None = None
    status: ActionStatus | None = None
    expected_effect: base.Number | None = None
    expected_by: base.Day | None = None
    effective_date: base.Day | None = None


class ActionIn(ActionChange):
    description: Annotated[base.Text, Field(min_length=1, pattern=r"\S")]
    report_id: base.Id | None = Field(
        None, description="Default: the KPI of the discussion or the alert"
    )
    discussion_id: base.Id | None = None
    alert_event_id: base.Id | None = None


class EffectOut(base.Answer):
    change: float | None = Field(
        description="Mean of the periods after it, less what those before led to"
        " expect; null while it is too early"
    )
    low: float | None = Field(description="95 % range")
    high: float | None
    text: str
