"""Requests, and what people do with them."""

from datetime import datetime, timezone
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Filter,
    Id,
    ListQuery,
    Moment,
    Name,
    Number,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)

RequestStatus = Literal[
    "draft",
    "pending",
    "on_hold",
    "returned",
    "approved",
    "rejected",
    "withdrawn",
    "closed",
]
Priority = Literal["standard", "express"]
Reason = Annotated[Text, Field(min_length=1, pattern=r"\S")]


class RequestOut(Row):
    number: str
    subject: str
    description: str | None = Field(description="HTML")
    template: Reference
    priority: Priority
    status: RequestStatus
    initiator: Reference
    company: Reference
    department: Reference | None
    amount: float = Field(description="In the currency of the company")
    currency: Reference
    due_at: Moment | None = Field(description="When the clock that ends first is due")
    approval_asked_at: Moment | None = Field(description="Submitted, the last time")
    approval_level: int = Field(description="That is asked now; 0: none")
    approval_round: int = Field(description="Number of times that it was submitted")
    decided_at: Moment | None
    can_decide: bool = Field(description="The key's user is asked now")
    is_test: bool = Field(description="Of the test mode: in no report")
    created_at: Moment


RequestQuery = query_of(RequestOut)


class RequestsQuery(ListQuery):
    row: ClassVar = RequestOut

    status: Annotated[RequestStatus | None, Filter("status")] = None
    priority: Annotated[Priority | None, Filter("priority")] = None
    template_id: Annotated[Id | None, Filter("template_id")] = None
    initiator_id: Annotated[Id | None, Filter("initiator_id")] = None
    department_id: Annotated[Id | None, Filter("department_id", "child_of")] = Field(
        None, description="With the departments below it"
    )
    approver_id: Annotated[Id | None, Filter("level_ids.approver_id")] = Field(
        None, description="Who is, was or will be asked"
    )
    can_decide: Annotated[bool | None, Filter("can_decide")] = Field(
        None, description="true: those that wait for the key's user"
    )
    text: Annotated[Word | None, Filter("display_name", "ilike")] = Field(
        None, description="Part of the number or the subject"
    )


class RequestChange(Body):
    subject: Name | None = None
    description: Text | None = None
    template_id: Id | None = None
    priority: Priority | None = None
    department_id: Id | None = Field(
        None, description="Default: that of whoever makes it"
    )
    amount: Annotated[Number, Field(ge=0)] | None = None


class RequestIn(RequestChange):
    subject: Name
    template_id: Id
    submit: bool = Field(False, description="true: submit it at once")


class DecisionIn(Body):
    decision: Literal["approve", "reject", "return"]
    comment: Text = Field("", description="Required to reject and to return")


class DecisionOut(Answer):
    is_done: bool
    reason: str | None = Field(description="Why nothing was decided")
    request: RequestOut


class ReassignIn(Body):
    user_id: Id
    comment: Text = ""


class HoldIn(Body):
    reason: Reason
    limit_at: AwareDatetime | None = Field(
        None, description="It is resumed by itself then; with its time zone"
    )

    @property
    def limit(self) -> datetime | None:
        """The limit as Odoo stores moments: in UTC, without saying so."""
        return self.limit_at and self.limit_at.astimezone(timezone.utc).replace(
            tzinfo=None
        )
