"""Proposed changes, which apply once they are approved."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .base import Filter, ListQuery, Reference, Row, query_of

ChangeState = Literal["none", "pending", "approved", "rejected", "returned"]


class ChangeOut(Row):
    operation: Literal["write", "create", "unlink"]
    record_name: str
    summary: str | None = Field(description="Before and after of each field")
    reason: str
    valid_from: date | None
    user: Reference = Field(description="Who proposed it")
    company: Reference | None
    approval_state: ChangeState
    approval_asked_at: datetime | None


ChangeQuery = query_of(ChangeOut)


class ChangesQuery(ListQuery):
    row: ClassVar = ChangeOut

    approval_state: Annotated[ChangeState | None, Filter("approval_state")] = None
