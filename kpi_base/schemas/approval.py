"""What waits for somebody's approval, and what they decide."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .base import (
    Answer,
    Body,
    Filter,
    Id,
    ListQuery,
    Moment,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)

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


class ApprovalOut(Row):
    kind: str = Field(description="Model of the document")
    document_id: int
    document_name: str
    submitter: Reference
    for_user: Reference | None = Field(description="In place of whom")
    workflow: Reference | None
    level: int
    state: ApprovalState = Field(description="asked: it waits for the key's user")
    asked_at: Moment | None
    due_at: Moment | None = Field(description="When the manager may decide too")
    decided_at: Moment | None
    comment: str | None


ApprovalQuery = query_of(ApprovalOut)


class ApprovalsQuery(ListQuery):
    row: ClassVar = ApprovalOut

    kind: Annotated[Word | None, Filter("res_model")] = None
    document_id: Annotated[Id | None, Filter("res_id")] = None
    submitter_id: Annotated[Id | None, Filter("submitter_id")] = None
    state: Annotated[ApprovalState | None, Filter("state")] = None


class ApprovalDecision(Body):
    decision: Literal["approve", "reject", "return"]
    comment: Text = Field("", description="Required to reject and to return")


class ApprovalForward(Body):
    user_id: Id
    comment: Text = ""


class ApprovalResultOut(Answer):
    is_done: bool
    reason: str | None = Field(description="Why nothing was decided")
    approval: ApprovalOut
