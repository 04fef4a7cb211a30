"""Values of KPIs, one per period."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

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
    Query,
    Reference,
    Row,
    ScopeType,
    Text,
    Word,
    query_of,
)

MOST_ROWS = 10_000
Source = Literal["records", "formula", "manual", "import", "api", "external"]


class MeasurementOut(Row):
    report: Reference
    grain: Grain
    period_start: date
    value: float
    weight: float | None
    source: Source
    recorded_at: datetime
    recorded_by: Reference | None
    unpriced_count: int | None


MeasurementQuery = query_of(MeasurementOut)


class MeasurementsQuery(ListQuery):
    row: ClassVar = MeasurementOut
    sortable: ClassVar = ("period_start",)

    report_id: Annotated[Id | None, Filter("report_id")] = None
    code: Annotated[Word | None, Filter("report_id.definition_id.code")] = None
    grain: Annotated[Grain | None, Filter("grain")] = None
    first: Annotated[Day | None, Filter("period_start", ">=")] = None
    last: Annotated[Day | None, Filter("period_start", "<=")] = None
    source: Annotated[Source | None, Filter("source")] = None


class RestatementOut(Row):
    report: Reference
    grain: Grain
    period_start: date
    settled_on: datetime
    settled_value: float
    new_value: float | None
    cause: Word | None
    restated_on: datetime


class RestatementsQuery(ListQuery):
    row: ClassVar = RestatementOut
    sortable: ClassVar = ("period_start", "restated_on")

    report_id: Annotated[Id | None, Filter("report_id")] = None
    code: Annotated[Word | None, Filter("report_id.definition_id.code")] = None
    first: Annotated[Day | None, Filter("period_start", ">=")] = None
    last: Annotated[Day | None, Filter("period_start", "<=")] = None
    since: Annotated[
        datetime | None,
        Filter("restated_on", ">="),
        Field(description="Restated at this moment or later"),
    ] = None


class KpiKey(Body):
    """Reference to a KPI: by number, or by code and what it is tracked for."""

    report_id: Id | None = None
    code: Text | None = None
    scope_type: ScopeType = "company"
    scope_id: Id | None = Field(
        None,
        description="Company, department, team or user; default: one's company",
    )

    @model_validator(mode="after")
    def _is_named_once(self) -> "KpiKey":
        if (self.report_id is None) == (self.code is None):
            raise ValueError("give either report_id or code")
        if self.code and self.scope_id is None and self.scope_type != "company":
            raise ValueError(f"scope_id: which {self.scope_type}?")
        return self


class MeasurementIn(KpiKey):
    day: Day = Field(description="Any day of the period")
    value: Number


class MeasurementsIn(Body):
    rows: list[MeasurementIn] = Field(min_length=1, max_length=MOST_ROWS)
    reason: Text | None = Field(
        None, description="Stored where a value is replaced by another one"
    )


class RowResult(Answer):
    index: int = Field(description="Place among the rows sent, from 0 on")
    outcome: Literal["added", "changed", "unchanged", "refused"]
    detail: str | None = Field(None, description="Reason for the error")


class MeasurementsOut(Answer):
    added: int
    changed: int
    unchanged: int
    refused: int
    results: list[RowResult]


class RemovalQuery(Query):
    reason: Name = Field(description="Stored with the value that goes")
