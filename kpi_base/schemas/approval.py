"""Approvals, decisions and proposed changes."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from . import base

MAX_NOTE = 2000  # characters on a delay


class ApprovalFactOut(base.Answer):
    label: str
    text: str


class ApprovalOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.approval.step",
        "kind document_id document_name! submitter for_user workflow level state"
        " asked_at due_at decided_at is_late comment delay_reason delay_note amount",
        {
            "amount": "Value or amount of the document",
            "delay_reason": "Of a late decision; null: in time, or not given",
            "for_user": "On behalf of this user",
            "state": "asked: it waits for the key's user",
            "is_late": "A decision now is late and may name a delay reason",
            "due_at": "Due date, or when the manager can decide too",
        },
    )
    sources: ClassVar = {"due_at": "decide_by"}
    kind: str = Field(description="Model of the document")
    details: list[ApprovalFactOut] | None = Field(
        description="What is decided on, such as value and due time, as people read it"
    )


class ApprovalDecision(base.Body):
    decision: Literal["approve", "reject", "return"]
    comment: base.Text = Field("", description="Required to reject and to return")
    delay_reason_id: base.Id | None = Field(
        None, description="Why the decision is late; only where it is overdue"
    )
    delay_note: Annotated[base.Text, Field(max_length=MAX_NOTE)] = ""


class ApprovalForward(base.Body):
    user_id: base.Id
    comment: base.Text = ""


class ApprovalResultOut(base.Answer):
    is_done: bool
    reason: str | None = Field(description="Why nothing was decided")
    approval: ApprovalOut


class ChangeOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.approval.change",
        "operation record_name! summary reason valid_from user company approval_state"
        " approval_asked_at",
        {"summary": "Before and after of each field", "user": "Submitter"},
    )
