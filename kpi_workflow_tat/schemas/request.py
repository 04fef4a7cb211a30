"""Requests, and what people do with them."""

from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas import base

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
Reason = Annotated[base.Text, Field(min_length=1, pattern=r"\S")]


class RequestOut(base.Row):
    number: str
    subject: str
    description: str | None = Field(description="HTML")
    template: base.Reference
    priority: Priority
    status: RequestStatus
    initiator: base.Reference
    company: base.Reference
    department: base.Reference | None
    amount: float = Field(description="In the currency of the company")
    currency: base.Reference
    due_at: datetime | None = Field(description="When the clock that ends first is due")
    approval_asked_at: datetime | None = Field(description="Submitted, the last time")
    approval_level: int = Field(description="That is asked now; 0: none")
    approval_round: int = Field(description="Number of times that it was submitted")
    decided_at: datetime | None
    can_decide: bool = Field(description="The key's user is asked now")
    is_test: bool = Field(description="Of the test mode: in no report")
    created_at: datetime


class RequestChange(base.Body):
    subject: base.Name | None = None
    description: base.Text | None = None
    template_id: base.Id | None = None
    priority: Priority | None = None
    department_id: base.Id | None = Field(
        None, description="Default: that of whoever makes it"
    )
    amount: Annotated[base.Number, Field(ge=0)] | None = None


class RequestIn(RequestChange):
    subject: base.Name
    template_id: base.Id
    submit: bool = Field(False, description="true: submit it at once")


class DecisionIn(base.Body):
    decision: Literal["approve", "reject", "return"]
    comment: base.Text = Field("", description="Required to reject and to return")


class DecisionOut(base.Answer):
    is_done: bool
    reason: str | None = Field(description="Why nothing was decided")
    request: RequestOut


class ReassignIn(base.Body):
    user_id: base.Id
    comment: base.Text = ""


class HoldIn(base.Body):
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
