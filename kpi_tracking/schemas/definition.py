"""Resources of KPI definitions."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Archived,
    Body,
    Filter,
    Grain,
    Id,
    ListQuery,
    Name,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)

Unit = Literal[
    "number", "percent", "currency", "duration", "score", "boolean", "custom"
]
Direction = Literal["higher", "lower", "range"]
Certification = Literal["certified", "review"]
Computation = Literal["manual", "records", "formula", "external"]


class DefinitionOut(Row):
    name: str
    code: str
    active: bool
    company: Reference | None
    category: Reference | None
    owner: Reference | None
    description: str | None
    unit: Unit
    unit_symbol: str | None
    currency: Reference | None
    decimals: int
    direction: Direction
    frequency: Grain
    computation: Computation
    history_start: date
    weight: float
    tag: list[Reference]
    certification: Certification | None
    verified_by: Reference | None
    verified_on: datetime | None
    review_by: date | None
    replaced_by: Reference | None


class UserOut(Answer):
    model: str
    id: Id
    name: str


class UseOut(Answer):
    label: str = Field(description="What people call what uses the KPI")
    count: int
    items: list[UserOut]
    hidden_count: int = Field(description="Those that the key may not see")


class UsesOut(Answer):
    definition: Reference
    items: list[UseOut]


DefinitionQuery = query_of(DefinitionOut)


class DefinitionsQuery(ListQuery):
    row: ClassVar = DefinitionOut
    sortable: ClassVar = ("code", "name")

    code: Annotated[Word | None, Filter("code")] = None
    active: Archived = None
    name: Annotated[
        Word | None, Filter("name", "ilike"), Field(description="A part of the name")
    ] = None
    category_id: Annotated[Id | None, Filter("category_id")] = None
    computation: Annotated[Computation | None, Filter("computation")] = None
    frequency: Annotated[Grain | None, Filter("frequency")] = None
    certification: Annotated[
        Certification | None,
        Filter("certification"),
        Field(description="Whether somebody has checked how it is computed"),
    ] = None


class DefinitionIn(Body):
    name: Name
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] | None = None
    category_id: Id | None = None
    owner_id: Id | None = None
    description: Text | None = None
    unit: Unit = "number"
    unit_symbol: Text | None = None
    decimals: int = Field(0, ge=0, le=6)
    direction: Direction = "higher"
    frequency: Grain = "month"
    history_start: date | None = None


class DefinitionChange(Body):
    name: Name | None = None
    category_id: Id | None = None
    owner_id: Id | None = None
    description: Text | None = None
    unit_symbol: Text | None = None
    decimals: int | None = Field(None, ge=0, le=6)
    direction: Direction | None = None
    active: bool | None = None
