"""Dashboards, and what they show."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Archived,
    Day,
    Filter,
    Grain,
    Id,
    ListQuery,
    Query,
    Reference,
    Row,
    ScopeType,
    Word,
    query_of,
)

Comparison = Literal["previous", "year", "none"]


class DashboardRow(Row):
    name: str
    active: bool
    draft_of: Annotated[
        Reference | None,
        Field(description="What this is a draft of; only who arranges it sees one"),
    ]
    description: str | None
    company: Reference | None
    owner: Reference
    default_grain: Grain | None
    comparison: Comparison
    is_favorite: bool
    tile_count: int
    revision: int


DashboardQuery = query_of(DashboardRow)


class DashboardsQuery(ListQuery):
    row: ClassVar = DashboardRow
    sortable: ClassVar = ("sequence",)

    name: Annotated[
        Word | None, Filter("name", "ilike"), Field(description="A part of the name")
    ] = None
    active: Archived = None
    owner_id: Annotated[Id | None, Filter("owner_id")] = None


class DashboardDataQuery(Query):
    grain: Grain | None = Field(None, description="Default: as the dashboard has it")
    start: Day | None = Field(
        None, description="A day of the period shown; default: the latest"
    )
    periods: int | None = Field(
        None, ge=1, le=60, description="How many of them charts and tables show"
    )
    comparison: Comparison | None = None
    scope_type: ScopeType | None = None
    scope_id: Id | None = None
    breakdown: Word | None = Field(
        None, description="With “part”: what all tiles are narrowed to"
    )
    part: Word | None = None

    @model_validator(mode="after")
    def _check_pairs(self) -> "DashboardDataQuery":
        for one, other in (("scope_type", "scope_id"), ("breakdown", "part")):
            if (getattr(self, one) is None) != (getattr(self, other) is None):
                raise ValueError(f"{one}: give {other} with it")
        return self

    @property
    def options(self) -> dict[str, Any]:
        """As ``kpi.dashboard.data`` takes them."""
        options = self.model_dump(
            include={"grain", "start", "periods", "comparison"},
            exclude_none=True,
            mode="json",
        )
        if self.scope_type:
            options["scope"] = {"type": self.scope_type, "id": self.scope_id}
        if self.breakdown:
            options["cross"] = {"breakdown": self.breakdown, "key": self.part}
        return options


class DashboardHeader(Answer):
    id: int
    name: str
    description: str
    revision: int
    is_editable: bool
    is_favorite: bool


class ShownPeriods(Answer):
    label: str
    previous: str | None = Field(description="“start” of the period before")
    next: str | None
    grain: Grain | None = Field(description="Of the periods stepped by")


class ShownScope(Answer):
    type: ScopeType
    id: int
    name: str


class TileOut(Answer):
    """A tile, with a body by kind: ``kpi``, ``gauge``, ``card``, ``chart``, ``parts``…

    Numbers are raw and null where there is none.
    """

    model_config = ConfigDict(extra="allow")

    id: int
    kind: str
    title: str
    state: Literal["ok", "no_data", "error", "lazy"]
    message: str | None


class LeftOut(Answer):
    """Tiles that the key's user may not see."""

    count: int
    message: str = Field(description="Why, in a sentence; empty where there are none")


class RestatedOut(Answer):
    report_id: int
    name: str
    text: str = Field(description="Period, settled value and the value of now")


class DashboardDataOut(Answer):
    dashboard: DashboardHeader
    options: dict[str, Any] = Field(description="As they were used")
    periods: ShownPeriods
    scopes: list[ShownScope] = Field(description="What it can be shown for")
    as_of: datetime
    tiles: list[TileOut]
    left_out: LeftOut
    restated: list[RestatedOut] = Field(
        description="Closed periods that changed since the key's user looked last"
    )
