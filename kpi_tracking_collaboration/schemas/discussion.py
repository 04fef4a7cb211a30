"""Discussions of KPIs: what was seen, decided, and what came of it."""

from datetime import date
from typing import Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

DiscussionType = Literal[
    "performance_review", "improvement_plan", "target_adjustment", "escalation"
]
State = Literal["open", "closed"]


class DiscussionOut(base.Row):
    name: str
    kpi: base.Reference
    discussion_type: DiscussionType
    state: State
    grain: base.Grain | None
    period_start: date | None
    value: float | None = Field(description="When the discussion was opened")
    value_today: float | None = Field(description="Of the same period, as of today")
    decision: str | None
    outcome: str | None
    alert_event: base.Reference | None
    user: base.Reference = Field(description="Who opened it")
    action_items: list[base.Reference]


class DiscussionIn(base.Body):
    kpi_id: base.Id
    name: base.Name
    discussion_type: DiscussionType = "performance_review"
    grain: base.Grain | None = Field(None, description="Default: that of the KPI")
    period_start: base.Day | None = Field(
        None, description="A day of the period; default: that of the latest value"
    )
    alert_event_id: base.Id | None = None


class DiscussionChange(base.Body):
    name: base.Name | None = None
    discussion_type: DiscussionType | None = None
    decision: base.Text | None = None
    outcome: base.Text | None = None
    state: State | None = None
