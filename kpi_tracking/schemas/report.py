"""KPIs tracked for a company, department, team or user."""

from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Archived,
    Body,
    Day,
    Filter,
    Grain,
    Id,
    ListQuery,
    Query,
    Reference,
    Row,
    ScopeType,
    Status,
    Word,
    query_of,
)

from .definition import Certification

LONGEST = timedelta(days=20 * 366)
Seam = Annotated[
    Literal["", "new", "mixed", "whole", "within"],
    Field(
        description=(
            "Where the definition changes: new = computed otherwise from here on; it"
            " changed within the period: mixed = rolled up from values of both ways,"
            " whole = all computed the new way, within = a formula; empty = as before"
        )
    ),
]


class ReportOut(Row):
    needs: ClassVar = ("direction", "has_previous", "has_value", "status")

    name: str
    code: str
    active: bool
    definition: Reference
    scope_type: ScopeType
    company: Reference
    department: Reference | None
    team: Reference | None
    user: Reference | None
    owner: Reference | None
    unit: str
    frequency: Grain
    current_value: float | None
    current_period_start: date | None
    current_period_stop: date | None = Field(description="First day after the period")
    previous_value: float | None
    target_value: float | None
    achievement: float | None
    status: Status
    last_measured_at: datetime | None
    computation_error: str | None
    certification: Certification | None


ReportQuery = query_of(ReportOut)


class ReportsQuery(ListQuery):
    row: ClassVar = ReportOut
    sortable: ClassVar = ("name",)

    code: Annotated[Word | None, Filter("definition_id.code")] = None
    active: Archived = None
    definition_id: Annotated[Id | None, Filter("definition_id")] = None
    scope_type: Annotated[ScopeType | None, Filter("scope_type")] = None
    company_id: Annotated[Id | None, Filter("company_id")] = None
    department_id: Annotated[Id | None, Filter("department_id")] = None
    team_id: Annotated[Id | None, Filter("team_id")] = None
    user_id: Annotated[Id | None, Filter("user_id")] = None
    owner_id: Annotated[Id | None, Filter("owner_id")] = None
    status: Annotated[Status | None, Filter("status")] = None


class ReportIn(Body):
    definition_id: Id
    scope_type: ScopeType = "company"
    scope_id: Id | None = Field(
        None,
        description="Company, department, team or user; default: one's company",
    )


class ReportChange(Body):
    owner_id: Id | None = None
    active: bool | None = None


class ValuesQuery(Query):
    first: Day = Field(description="The period of this day comes first")
    last: Day = Field(description="The period of this day comes last")
    grain: Grain | None = Field(None, description="Default: the KPI's own")

    @model_validator(mode="after")
    def _range_is_short(self) -> "ValuesQuery":
        if not timedelta() <= self.last - self.first <= LONGEST:
            raise ValueError("last: at most twenty years after first")
        return self


class JudgedOut(Answer):
    period_start: date
    value: float | None
    target: float | None
    achievement: float | None
    status: Status
    seam: Seam


class ValuesOut(Answer):
    report: Reference
    grain: Grain
    items: list[JudgedOut]
