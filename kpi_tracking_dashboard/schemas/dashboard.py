"""Dashboards, and what they show."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from odoo.addons.kpi_base.schemas import base

Comparison = Literal["previous", "year", "none"]


class DashboardRow(base.Row):
    of: ClassVar = base.Fields(
        "kpi.dashboard",
        "name active draft_of description company owner default_grain comparison"
        " is_favorite tile_count revision",
        {"draft_of": "Published version of this draft, which only its editors see"},
    )


class DashboardDataQuery(base.Query):
    grain: base.Grain | None = Field(
        None, description="Default: as the dashboard has it"
    )
    start: base.Day | None = Field(
        None, description="A day of the period shown; default: the latest"
    )
    periods: int | None = Field(
        None, ge=1, le=60, description="How many of them charts and tables show"
    )
    comparison: Comparison | None = None
    scope_type: base.ScopeType | None = None
    scope_id: base.Id | None = None
    breakdown: base.Word | None = Field(
        None, description="With “part”: what all tiles are narrowed to"
    )
    part: base.Word | None = None

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


class DashboardHeader(base.Answer):
    id: int
    name: str
    description: str
    revision: int
    is_editable: bool
    is_favorite: bool


class ShownPeriods(base.Answer):
    label: str
    previous: str | None = Field(description="“start” of the period before")
    next: str | None
    grain: base.Grain | None = Field(description="Of the periods stepped by")


class ShownScope(base.Answer):
    type: base.ScopeType
    id: int
    name: str


class TileOut(base.Answer):
    """A tile, with a body by kind: ``kpi``, ``gauge``, ``card``, ``chart``, ``parts``…

    Numbers are raw and null where there is none.
    """

    model_config = ConfigDict(extra="allow")

    id: int
    kind: str
    title: str
    state: Literal["ok", "no_data", "error", "lazy"]
    message: str | None


class LeftOut(base.Answer):
    """Tiles that the key's user cannot see."""

    count: int
    message: str = Field(
        description="Reason, in a sentence; empty without hidden tiles"
    )


class RestatedOut(base.Answer):
    report_id: int
    name: str
    text: str = Field(description="Period, settled value and current value")


class DashboardDataOut(base.Answer):
    dashboard: DashboardHeader
    options: dict[str, Any] = Field(description="Options in use")
    periods: ShownPeriods
    scopes: list[ShownScope] = Field(description="What it can be shown for")
    as_of: datetime
    tiles: list[TileOut]
    left_out: LeftOut
    restated: list[RestatedOut] = Field(
        description="Closed periods that changed since the key's user looked last"
    )
