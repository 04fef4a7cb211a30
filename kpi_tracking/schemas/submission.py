"""Values that people enter, and what became of them."""

from typing import ClassVar

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

from .measurement import KpiKey


class SubmissionOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.submission",
        "report grain period_start contributor value note state version is_current"
        " entered_by submitted_at decided_by decided_at rejection_reason due_date",
    )


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
