"""Values of KPIs, one per period, and those that people enter."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base

MOST_ROWS = 10_000


class MeasurementOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.measurement",
        "report grain period_start value weight source recorded_at recorded_by"
        " unpriced_count period_stop! target status unit currency company department"
        " team user",
        {
            "period_stop": "First day after the period",
            "target": "Of the whole period",
            "currency": "Its name is the ISO code",
        },
    )


class RestatementOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.restatement",
        "report grain period_start settled_on settled_value new_value cause"
        " restated_on",
    )
    cause: base.Word | None


class KpiKey(base.Body):
    """Reference to a KPI: by number, or by code and what it is tracked for."""

    report_id: base.Id | None = None
    code: base.Text | None = None
    scope_type: base.ScopeType = "company"
    scope_id: base.Id | None = Field(
        None, description="Company, department, team or user; default: one's company"
    )

    @model_validator(mode="after")
    def _is_named_once(self) -> "KpiKey":
        if (self.report_id is None) == (self.code is None):
            raise ValueError("give either report_id or code")
        if self.code and self.scope_id is None and self.scope_type != "company":
            raise ValueError(f"scope_id: which {self.scope_type}?")
        return self


class MeasurementIn(KpiKey):
    day: base.Day = Field(description="Any day of the period")
    value: base.Number


class MeasurementsIn(base.Body):
    rows: list[MeasurementIn] = Field(min_length=1, max_length=MOST_ROWS)
    reason: base.Text | None = Field(
        None, description="Stored where a value is replaced by another one"
    )


class RowResult(base.Answer):
    index: int = Field(description="Place among the rows sent, from 0 on")
    outcome: Literal["added", "changed", "unchanged", "refused"]
    detail: str | None = Field(None, description="Reason for the error")


class MeasurementsOut(base.Answer):
    added: int
    changed: int
    unchanged: int
    refused: int
    results: list[RowResult]


class RemovalQuery(base.Query):
    reason: base.Name = Field(description="Stored with the value that goes")


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
