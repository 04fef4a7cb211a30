"""Versions of definitions: how a KPI is computed, and since when."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Day,
    Id,
    Moment,
    OrNone,
    Reference,
    Text,
)

from .definition import Computation

Kind = Literal["flow", "stock", "snapshot"]
Measure = Literal[
    "count",
    "distinct",
    "sum",
    "average",
    "weighted_average",
    "min",
    "max",
    "median",
    "percentile",
    "share",
]
Operand = Literal["field", "product", "duration"]
WithoutCompany = Literal["every", "one", "none"]
Path = Annotated[str | None, OrNone]


class VersionMethod(Answer):
    """How values are computed."""

    computation: Computation
    kind: Annotated[Kind | None, OrNone]
    model_name: Path
    domain: Path = Field(description="Odoo's text; empty for who may not read these")
    numerator_domain: Path = Field(description="The same of the numerator of a share")
    date_field: Path
    date_to_field: Path
    measure: Annotated[Measure | None, OrNone]
    operand: Annotated[Operand | None, OrNone]
    measure_field: Path
    factor_field: Path
    weight_field: Path
    percentile: float
    duration_from_field: Path
    duration_to_field: Path
    working_calendar: Annotated[Reference | None, OrNone]
    company_field: Path
    without_company: Annotated[WithoutCompany | None, OrNone]
    without_company_of: Annotated[Reference | None, OrNone]
    department_field: Path
    team_field: Path
    user_field: Path
    formula: Path


class VersionOut(Answer):
    valid_from: date = Field(description="First day of its first period")
    valid_before: date | None = Field(
        description="First day of the next version; empty: there is none"
    )
    is_current: bool
    reason: str
    changed_by: Annotated[Reference | None, OrNone]
    changed_at: Annotated[Moment | None, OrNone]
    computation_error: str = Field(description="Why it cannot be computed any more")
    method: VersionMethod


class VersionsOut(Answer):
    definition: Reference
    items: list[VersionOut] = Field(description="Oldest first")


class MethodChange(Body):
    """Fields that are left out stay as they are in that period."""

    computation: Literal["manual", "records", "formula"] | None = None
    model_name: Text | None = None
    domain: Text | None = None
    numerator_domain: Text | None = None
    kind: Kind | None = None
    date_field: Text | None = None
    date_to_field: Text | None = None
    measure: Measure | None = None
    operand: Operand | None = None
    measure_field: Text | None = None
    factor_field: Text | None = None
    weight_field: Text | None = None
    percentile: float | None = Field(None, ge=0, le=100)
    duration_from_field: Text | None = None
    duration_to_field: Text | None = None
    working_calendar_id: Id | None = None
    company_field: Text | None = None
    without_company: WithoutCompany | None = None
    without_company_id: Id | None = None
    department_field: Text | None = None
    team_field: Text | None = None
    user_field: Text | None = None
    formula: Text | None = None


class VersionIn(Body):
    valid_from: Day | Literal["all"] = Field(
        description="First day of a period of the KPI; “all”: for all its history"
    )
    reason: Text | None = None
    method: MethodChange
