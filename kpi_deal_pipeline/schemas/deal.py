"""Deals as other programs send and get them; amounts are decimal texts."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Moment,
    Name,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)
from odoo.addons.kpi_base.schemas.money import Amount, AmountIn, CurrencyCode

AssetType = Literal[
    "office",
    "retail",
    "industrial",
    "residential",
    "mixed_use",
    "hospitality",
    "land",
    "portfolio",
]
DealType = Literal[
    "buy_side", "sell_side", "lease", "management", "capital_raise", "other"
]
Stage = Literal[
    "lead_captured",
    "qualification",
    "needs_analysis",
    "proposal",
    "negotiation",
    "agreement",
    "due_diligence",
    "awaiting_closure",
    "closed_won",
    "closed_lost",
]
DealStatus = Literal["open", "closed_won", "closed_lost", "cancelled"]


Share = Annotated[float, Field(ge=0, le=1)]


class DealOut(Row):
    needs: ClassVar = ("create_date", "write_date")

    uuid: str
    title: str
    project: Reference | None
    property: Reference | None
    partner: Reference | None
    agent: Reference
    team: Reference | None
    asset_type: AssetType | None
    deal_type: DealType
    pipeline_stage: Stage
    status: DealStatus
    lead_source: str | None
    estimated_value_amount: Amount
    estimated_value_currency: str
    weighted_amount: Amount | None = Field(
        description="In the company's currency; null where it has no rate (is_unpriced)"
    )
    is_unpriced: bool
    confidence: float
    opened_at: datetime
    stage_since: datetime
    expected_close_date: date | None
    actual_close_date: date | None
    lost_reason: Reference | None
    external_ref: str | None
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


DealQuery = query_of(DealOut)


class DealsQuery(ListQuery):
    row: ClassVar = DealOut
    sortable: ClassVar = ("title", "opened_at")

    agent_id: Annotated[Id | None, Filter("agent_id")] = None
    stage: Annotated[Stage | None, Filter("pipeline_stage")] = None
    status: Annotated[DealStatus | None, Filter("status")] = None
    property_id: Annotated[Id | None, Filter("property_id")] = None
    project_id: Annotated[Id | None, Filter("project_id")] = None
    asset_type: Annotated[AssetType | None, Filter("asset_type")] = None
    external_ref: Annotated[Word | None, Filter("external_ref")] = None
    text: Annotated[Word | None, Filter("title", "ilike")] = Field(
        None, description="Part of the title"
    )


class DealChange(Body):
    title: Name | None = None
    agent_id: Id | None = None
    team_id: Id | None = None
    project_id: Id | None = None
    property_id: Id | None = None
    partner_id: Id | None = None
    asset_type: AssetType | None = None
    deal_type: DealType | None = None
    lead_source: Word | None = None
    estimated_value_amount: AmountIn | None = None
    estimated_value_currency: CurrencyCode | None = None
    expected_close_date: Day | None = None
    confidence: Share | None = None
    external_ref: Word | None = None
    metadata: dict[str, Any] | None = None


class DealIn(DealChange):
    title: Name
    pipeline_stage: Stage = "lead_captured"
    opened_at: AwareDatetime | None = None
    company_id: Id | None = None


class StageIn(Body):
    to_stage: Stage
    note: Text = ""
    effective_at: AwareDatetime | None = Field(
        None, description="When it took effect, if that was not now"
    )
    lost_reason_id: Id | None = Field(None, description="Needed for closed_lost")


class TimelineEntry(Answer):
    key: str
    kind: str = Field(description="stage, value, or what addons add")
    title: str
    lines: list[str]
    note: str
    by: str
    effective_at: Moment
    recorded_at: Moment
    duration_seconds: int | None
    seq: int = Field(description="Place in the audit log's chain; 0 = not logged")
    hash: str = Field(description="How the hash of the audit entry begins")


class TimelineOut(Answer):
    items: list[TimelineEntry]


class AuditFault(Answer):
    seq: int
    text: str


class AuditOut(Answer):
    is_whole: bool
    entries: int
    faults: list[AuditFault]
