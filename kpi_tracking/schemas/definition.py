"""Resources of KPI definitions."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

Unit = Literal[
    "number", "percent", "currency", "duration", "score", "boolean", "custom"
]
Direction = Literal["higher", "lower", "range"]
Certification = Literal["certified", "review"]
Computation = Literal["manual", "records", "formula", "external"]


class DefinitionOut(base.Row):
    name: str
    code: str
    active: bool
    company: base.Reference | None
    category: base.Reference | None
    owner: base.Reference | None
    description: str | None
    unit: Unit
    unit_symbol: str | None
    currency: base.Reference | None
    decimals: int
    direction: Direction
    frequency: base.Grain
    computation: Computation
    history_start: date
    weight: float
    tag: list[base.Reference]
    certification: Certification | None
    verified_by: base.Reference | None
    verified_on: datetime | None
    review_by: date | None
    replaced_by: base.Reference | None


class UserOut(base.Answer):
    model: str
    id: base.Id
    name: str


class UseOut(base.Answer):
    label: str = Field(description="What people call what uses the KPI")
    count: int
    items: list[UserOut]
    hidden_count: int = Field(description="Those that the key may not see")


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
