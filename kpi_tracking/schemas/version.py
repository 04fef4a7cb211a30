"""Versions of definitions: how a KPI is computed, and since when."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

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
Path = Annotated[str | None, base.OrNone]


class VersionMethod(base.Answer):
    """How values are computed."""

    computation: Computation
    kind: Annotated[Kind | None, base.OrNone]
    model_name: Path
    domain: Path = Field(description="Odoo's text; empty for who may not read these")
    numerator_domain: Path = Field(description="The same of the numerator of a share")
    date_field: Path
    date_to_field: Path
    measure: Annotated[Measure | None, base.OrNone]
    operand: Annotated[Operand | None, base.OrNone]
    measure_field: Path
    factor_field: Path
    weight_field: Path
    percentile: float
    duration_from_field: Path
    duration_to_field: Path
    working_calendar: Annotated[base.Reference | None, base.OrNone]
    company_field: Path
    without_company: Annotated[WithoutCompany | None, base.OrNone]
    without_company_of: Annotated[base.Reference | None, base.OrNone]
    department_field: Path
    team_field: Path
    user_field: Path
    formula: Path


class VersionOut(base.Answer):
    valid_from: date = Field(description="First day of its first period")
    valid_before: date | None = Field(
        description="First day of the next version; empty: there is none"
    )
    is_current: bool
    reason: str
    changed_by: Annotated[base.Reference | None, base.OrNone]
    changed_at: Annotated[base.Moment | None, base.OrNone]
    computation_error: str = Field(description="Why it cannot be computed any more")
    method: VersionMethod


class VersionsOut(base.Answer):
    definition: base.Reference
    items: list[VersionOut] = Field(description="Oldest first")


class MethodChange(base.Body):
    """Fields that are left out stay as they are in that period."""

    computation: Literal["manual", "records", "formula"] | None = None
    model_name: base.Text | None = None
    domain: base.Text | None = None
    numerator_domain: base.Text | None = None
    kind: Kind | None = None
    date_field: base.Text | None = None
    date_to_field: base.Text | None = None
    measure: Measure | None = None
    operand: Operand | None = None
    measure_field: base.Text | None = None
    factor_field: base.Text | None = None
    weight_field: base.Text | None = None
    percentile: float | None = Field(None, ge=0, le=100)
    duration_from_field: base.Text | None = None
    duration_to_field: base.Text | None = None
    working_calendar_id: base.Id | None = None
    company_field: base.Text | None = None
    without_company: WithoutCompany | None = None
    without_company_id: base.Id | None = None
    department_field: base.Text | None = None
    team_field: base.Text | None = None
    user_field: base.Text | None = None
    formula: base.Text | None = None


class VersionIn(base.Body):
    valid_from: base.Day | Literal["all"] = Field(
        description="First day of a period of the KPI; “all”: for all its history"
    )
    reason: base.Text | None = None
    method: MethodChange
