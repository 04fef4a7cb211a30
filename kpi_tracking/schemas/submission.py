"""Values that people enter, and what became of them."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

from .measurement import KpiKey

State = Literal["draft", "submitted", "approved", "rejected"]


class SubmissionOut(base.Row):
    report: base.Reference
    grain: base.Grain
    period_start: date
    contributor: base.Reference | None
    value: float
    note: str | None
    state: State
    version: int
    is_current: bool
    entered_by: base.Reference
    submitted_at: datetime | None
    decided_by: base.Reference | None
    decided_at: datetime | None
    rejection_reason: str | None
    due_date: date | None


class SubmissionIn(KpiKey):
    day: base.Day = Field(description="Any day of the period")
    value: base.Number
    note: base.Text = Field(
        "", description="Stored with the value; needed where it corrects another one"
    )


class SubmissionsIn(base.Body):
    values: list[SubmissionIn] = Field(min_length=1, max_length=1000)


class SubmissionsOut(base.Answer):
    items: list[SubmissionOut]


class RejectionIn(base.Body):
    reason: base.Name
