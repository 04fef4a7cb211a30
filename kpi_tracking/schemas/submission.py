"""Values that people enter, and what became of them."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Day,
    Filter,
    Grain,
    Id,
    ListQuery,
    Name,
    Number,
    Reference,
    Row,
    Text,
    query_of,
)

from .measurement import KpiKey

State = Literal["draft", "submitted", "approved", "rejected"]


class SubmissionOut(Row):
    report: Reference
    grain: Grain
    period_start: date
    contributor: Reference | None
    value: float
    note: str | None
    state: State
    version: int
    is_current: bool
    entered_by: Reference
    submitted_at: datetime | None
    decided_by: Reference | None
    decided_at: datetime | None
    rejection_reason: str | None
    due_date: date | None


SubmissionQuery = query_of(SubmissionOut)


class SubmissionsQuery(ListQuery):
    row: ClassVar = SubmissionOut
    sortable: ClassVar = ("period_start",)

    report_id: Annotated[Id | None, Filter("report_id")] = None
    state: Annotated[State | None, Filter("state")] = None
    is_current: Annotated[bool | None, Filter("is_current")] = None
    first: Annotated[Day | None, Filter("period_start", ">=")] = None
    last: Annotated[Day | None, Filter("period_start", "<=")] = None


class SubmissionIn(KpiKey):
    day: Day = Field(description="Any day of the period")
    value: Number
    note: Text = Field(
        "", description="Stored with the value; needed where it corrects another one"
    )


class SubmissionsIn(Body):
    values: list[SubmissionIn] = Field(min_length=1, max_length=1000)


class SubmissionsOut(Answer):
    items: list[SubmissionOut]


class RejectionIn(Body):
    reason: Name
