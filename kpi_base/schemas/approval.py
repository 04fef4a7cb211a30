"""What waits for somebody's approval, and what they decide."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from . import base

ApprovalState = Literal[
    "later",
    "asked",
    "approved",
    "rejected",
    "returned",
    "forwarded",
    "replaced",
    "closed",
]


class ApprovalOut(base.Row):
    kind: str = Field(description="Model of the document")
    document_id: int
    document_name: str
    submitter: base.Reference
    for_user: base.Reference | None = Field(description="In place of whom")
    workflow: base.Reference | None
    level: int
    state: ApprovalState = Field(description="asked: it waits for the key's user")
    asked_at: datetime | None
    due_at: datetime | None = Field(description="When the manager may decide too")
    decided_at: datetime | None
    comment: str | None


class ApprovalDecision(base.Body):
    decision: Literal["approve", "reject", "return"]
    comment: base.Text = Field("", description="Required to reject and to return")


class ApprovalForward(base.Body):
    user_id: base.Id
    comment: base.Text = ""


class ApprovalResultOut(base.Answer):
    is_done: bool
    reason: str | None = Field(description="Why nothing was decided")
    approval: ApprovalOut
