"""Resources of KPI definitions, and how their KPIs are computed since when."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, create_model

from odoo.addons.kpi_base.schemas import base

Unit = Literal[
    "number", "percent", "currency", "duration", "score", "boolean", "custom"
]
Direction = Literal["higher", "lower", "range"]
Certification = Literal["certified", "review"]
Computation = Literal["manual", "records", "formula", "external"]


class DefinitionOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.definition",
        "name code active company category owner description unit unit_symbol"
        " currency decimals direction frequency computation history_start weight tag"
        " certification verified_by verified_on review_by replaced_by",
    )


class UserOut(base.Answer):
    model: str
    id: base.Id
    name: str


class UseOut(base.Answer):
    label: str = Field(description="What people call what uses the KPI")
    count: int
    items: list[UserOut]
    hidden_count: int = Field(description="Number that the key cannot see")


class UsesOut(base.Answer):
    definition: base.Reference
    items: list[UseOut]


class DefinitionIn(base.Body):
    name: base.Name
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] | None = None
    category_id: base.Id | None = None
    owner_id: base.Id | None = None
    description: base.Text | None = None
    unit: Unit = "number"
    unit_symbol: base.Text | None = None
    decimals: int = Field(0, ge=0, le=6)
    direction: Direction = "higher"
    frequency: base.Grain = "month"
    history_start: date | None = None


class DefinitionChange(base.Body):
    name: base.Name | None = None
    category_id: base.Id | None = None
    owner_id: base.Id | None = None
    description: base.Text | None = None
    unit_symbol: base.Text | None = None
    decimals: int | None = Field(None, ge=0, le=6)
    direction: Direction | None = None
    active: bool | None = None


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


METHOD_TEXTS = (
    "model_name domain numerator_domain date_field date_to_field measure_field"
    " factor_field weight_field duration_from_field duration_to_field company_field"
    " department_field team_field user_field formula"
).split()
MethodTexts = create_model(
    "MethodTexts", __base__=base.Answer, **dict.fromkeys(METHOD_TEXTS, (Path, ...))
)
MethodTextsIn = create_model(
    "MethodTextsIn",
    __base__=base.Body,
    **dict.fromkeys(METHOD_TEXTS, (base.Text | None, None)),
)


class VersionMethod(MethodTexts):
    """How values are computed."""

    computation: Computation
    kind: Annotated[Kind | None, base.OrNone]
    domain: Path = Field(
        description="Odoo's text; empty without the right to read these"
    )
    numerator_domain: Path = Field(description="The same of the numerator of a share")
    measure: Annotated[Measure | None, base.OrNone]
    operand: Annotated[Operand | None, base.OrNone]
    percentile: float
    working_calendar: Annotated[base.Reference | None, base.OrNone]
    without_company: Annotated[WithoutCompany | None, base.OrNone]
    without_company_of: Annotated[base.Reference | None, base.OrNone]


class VersionOut(base.Answer):
    valid_from: date = Field(description="First day of its first period")
    valid_before: date | None = Field(
        description="First day of the next version; null without one"
    )
    is_current: bool
    reason: str
    changed_by: Annotated[base.Reference | None, base.OrNone]
    changed_at: Annotated[base.Moment | None, base.OrNone]
    computation_error: str = Field(description="Why it can no longer be computed")
    method: VersionMethod


class VersionsOut(base.Answer):
    definition: base.Reference
    items: list[VersionOut] = Field(description="Oldest first")


class MethodChange(MethodTextsIn):
    """Fields that are left out stay as they are in that period."""

    computation: Literal["manual", "records", "formula"] | None = None
    kind: Kind | None = None
    measure: Measure | None = None
    operand: Operand | None = None
    percentile: float | None = Field(None, ge=0, le=100)
    working_calendar_id: base.Id | None = None
    without_company: WithoutCompany | None = None
    without_company_id: base.Id | None = None


class VersionIn(base.Body):
    valid_from: base.Day | Literal["all"] = Field(
        description="First day of a period of the KPI; “all”: for all its history"
    )
    reason: base.Text | None = None
    method: MethodChange
