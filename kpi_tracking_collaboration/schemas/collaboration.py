"""Discussions of KPIs, actions about them, meetings that review them."""

from datetime import date, datetime, timezone
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas import base

ActionStatus = Literal["open", "in_progress", "completed", "cancelled"]


class ActionOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.action.item",
        "description report assigned_to status due_date is_overdue discussion"
        " alert_event expected_effect expected_by effective_date completed_at",
        {
            "expected_effect": "In the unit of the KPI",
            "effective_date": "First day on which it works",
        },
    )


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
    low: float | None = Field(description="95% range")
    high: float | None
    text: str


DiscussionType = Literal[
    "performance_review", "improvement_plan", "target_adjustment", "escalation"
]
State = Literal["open", "closed"]


class DiscussionOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.discussion",
        "name kpi discussion_type state grain period_start value value_today decision"
        " outcome alert_event user action_items",
        {
            "value": "When the discussion was opened",
            "value_today": "Of the same period, current value",
            "user": "Author",
        },
    )
    grain: base.Grain | None
    period_start: date | None


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


class CoachingOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.performance.coaching",
        "employee coach company coaching_type state manager_feedback employee_response"
        " development_goals next_review_date shared_at coach_signed_at"
        " employee_signed_at is_over is_waiting_for_me can_answer can_sign",
        {
            "manager_feedback": "Written by the coach",
            "employee_response": "Written by the employee",
            "is_over": "One of the two has left, or the texts were erased",
            "is_waiting_for_me": "The key's user signs next",
        },
    )


class CoachingAnswerIn(base.Body):
    employee_response: Annotated[base.Text, Field(min_length=1, pattern=r"\S")]


FIRST = datetime(1990, 1, 1, tzinfo=timezone.utc)
LAST = datetime(9998, 12, 31, tzinfo=timezone.utc)


class MeetingOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.review.meeting",
        "name group state starts_at user participant minutes minutes_sent_at"
        " action_items",
        {
            "group": "Scorecard",
            "user": "Organiser",
        },
    )


class MeetingIn(base.Body):
    group_id: base.Id = Field(description="Scorecard")
    name: base.Name
    starts_at: Annotated[AwareDatetime, Field(ge=FIRST, lt=LAST), base.AsStored]
    participant_ids: list[base.Id] = Field([], max_length=200)
    has_agenda: bool = Field(
        False, description="Add what is off track, open alerts and due actions"
    )


class MinutesIn(base.Body):
    minutes: base.Text | None = Field(None, description="Default: as they are")
    is_sent: bool = Field(True, description="Mail them to those who take part")


class AgendaItemOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.review.meeting.line",
        "name! report alert_event action_item status! current_value note",
        {
            "note": "Notes",
        },
    )
    needs: ClassVar = ("has_value",)
    current_value: float | None = Field(description="Latest value of the KPI")
