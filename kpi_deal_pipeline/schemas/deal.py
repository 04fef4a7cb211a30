"""Deals and their billings as other programs send and get them; amounts are texts."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, Field, model_validator

from odoo.addons.kpi_base.schemas import base
from odoo.addons.kpi_base.schemas.money import Amount, AmountIn, CurrencyCode

from ..engine.kinds import DEAL_ASSET_TYPES, DEAL_TYPES, PIPELINE_STAGES, keys_of

AssetType = keys_of(DEAL_ASSET_TYPES)
DealType = keys_of(DEAL_TYPES)
Stage = keys_of(PIPELINE_STAGES)
Share = Annotated[float, Field(ge=0, le=1)]


class DealOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.deal",
        "uuid title project property partner agent team asset_type deal_type"
        " pipeline_stage status lead_source estimated_value_amount"
        " estimated_value_currency! weighted_amount is_unpriced confidence opened_at"
        " stage_since! expected_close_date actual_close_date lost_reason external_ref"
        " metadata created_at! updated_at!",
    )
    estimated_value_amount: Amount
    weighted_amount: Amount | None = Field(
        description="In the company's currency; null where it has no rate (is_unpriced)"
    )


class DealChange(base.Body):
    title: base.Name | None = None
    agent_id: base.Id | None = None
    team_id: base.Id | None = None
    project_id: base.Id | None = None
    property_id: base.Id | None = None
    partner_id: base.Id | None = None
    asset_type: AssetType | None = None
    deal_type: DealType | None = None
    lead_source: base.Word | None = None
    estimated_value_amount: AmountIn | None = None
    estimated_value_currency: CurrencyCode | None = None
    expected_close_date: base.Day | None = None
    confidence: Share | None = None
    external_ref: base.Word | None = None
    metadata: dict[str, Any] | None = None


class DealIn(DealChange):
    title: base.Name
    pipeline_stage: Stage = "lead_captured"
    opened_at: AwareDatetime | None = None
    company_id: base.Id | None = None


class StageIn(base.Body):
    to_stage: Stage
    note: base.Text = Field(
        "", description="Needed for a closed deal: the reason for reopening it"
    )
    effective_at: AwareDatetime | None = Field(
        None, description="When it took effect, if that was not now"
    )
    lost_reason_id: base.Id | None = Field(None, description="Needed for closed_lost")


class ReopenIn(base.Body):
    reason: base.Text = Field(description="Stored in the deal's history")


class TimelineEntry(base.Answer):
    key: str
    kind: str = Field(description="stage, value, or what addons add")
    title: str
    lines: list[str]
    note: str
    by: str
    effective_at: base.Moment
    recorded_at: base.Moment
    duration_seconds: int | None
    seq: int = Field(
        description="Position in the audit log's chain; 0 means not logged"
    )
    hash: str = Field(description="How the hash of the audit entry begins")


class TimelineOut(base.Answer):
    items: list[TimelineEntry]


class AuditFault(base.Answer):
    seq: int
    text: str


class AuditOut(base.Answer):
    is_whole: bool
    entries: int
    faults: list[AuditFault]


ContactType = Literal["principal", "co_broke", "legal", "finance", "other"]
DocumentType = Literal["loi", "valuation", "agreement", "financials", "other"]


class ContactOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.deal.contact",
        "deal contact_type partner name email phone company notes created_at!"
        " updated_at!",
    )


class ContactChange(base.Body):
    contact_type: ContactType | None = None
    partner_id: base.Id | None = Field(None, description="Linked contact of Odoo")
    name: base.Name | None = Field(
        None, description="Default, as of the next three: that of the linked contact"
    )
    email: base.Word | None = None
    phone: base.Word | None = None
    company: base.Word | None = None
    notes: base.Text | None = None


class ContactIn(ContactChange):
    @model_validator(mode="after")
    def _is_named(self) -> "ContactIn":
        if self.name is None and self.partner_id is None:
            raise ValueError("name: enter a name, or a linked contact as partner_id")
        return self


class DocumentOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.deal.document",
        "deal document_type title uri file_name mime_type checksum uploaded_by"
        " uploaded_at metadata created_at! updated_at!",
        {
            "uri": "null: the file is attached",
            "checksum": "SHA-256 of the attached file",
        },
    )


class DocumentChange(base.Body):
    document_type: DocumentType | None = None
    title: base.Name | None = None
    uri: base.Place | None = Field(
        None, description="Address of the document, such as https://…"
    )
    mime_type: base.Word | None = None


class DocumentIn(DocumentChange):
    title: base.Name
    uri: base.Place


BillingType = Literal["invoice", "payment", "refund"]


class BillingOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.deal.billing",
        "deal billing_type date reference product currency! amount_untaxed margin"
        " is_void created_at! updated_at!",
        {"is_void": "Its document is canceled and no longer counts"},
    )
    amount_untaxed: Amount
    margin: Amount


class BillingIn(base.Body):
    billing_type: BillingType = "invoice"
    date: base.Day
    amount_untaxed: AmountIn = Field(
        description="Above 0, in the deal's currency; a refund, too"
    )
    margin: AmountIn | None = Field(None, description="Margin of an invoice")
    reference: base.Word | None = Field(None, description="Document number")
    product: base.Word | None = None
