"""Commissions, and what is booked beside them; amounts and rates are decimal texts."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base
from odoo.addons.kpi_base.schemas.money import (
    Amount,
    CurrencyCode,
    MoneyIn,
    Rate,
    RateIn,
    SignedMoneyIn,
)

CommissionType = Literal["introducer", "exclusive", "co_broke", "referral", "bonus"]
CommissionRule = Literal["plan", "overlay", "override"]
CommissionStatus = Literal[
    "pending", "confirmed", "invoiced", "paid", "disputed", "written_off"
]
AdjustmentType = Literal["clawback", "bonus", "correction"]
DisputeState = Literal["open", "upheld", "rejected", "written_off"]


class CommissionOut(base.Row):
    needs: ClassVar = ("create_date", "write_date")

    deal: base.Reference
    deal_uuid: str
    agent: base.Reference
    commission_type: CommissionType
    rule: CommissionRule
    plan: base.Reference | None
    basis_amount: Amount
    basis_currency: str
    commission_rate: Rate
    commission_amount: Amount | None = Field(
        description="null until it can be computed: see computation_error"
    )
    net_amount: Amount = Field(description="With its adjustments; 0 once written off")
    due_amount: Amount = Field(description="What of it has fallen due")
    status: CommissionStatus
    computation_error: str | None
    earned_on: date | None
    introduced_at: datetime
    confirmed_at: datetime | None
    confirmed_by: base.Reference | None
    invoiced_at: datetime | None
    paid_at: datetime | None
    disputed_at: datetime | None
    resolved_at: datetime | None
    audit_log: base.Reference | None = Field(
        description="Its latest entry in the audit log"
    )
    created_at: datetime
    updated_at: datetime


class CommissionIn(base.Body):
    agent_id: base.Id | None = None
    commission_type: CommissionType = "exclusive"
    basis_amount: MoneyIn | None = None
    basis_currency: CurrencyCode | None = Field(
        None, description="Default: the deal's currency"
    )
    commission_rate: RateIn | None = Field(None, description="From 0 to 1")
    commission_amount: MoneyIn | None = Field(
        None, description="Default: basis times rate"
    )


class StatusIn(base.Body):
    status: CommissionStatus = Field(
        description="Out of a dispute: written_off, or the status before it"
    )
    reason: base.Text = Field(
        "", description="Needed to open a dispute and to decide it; kept with the entry"
    )
    document_id: base.Id | None = Field(
        None, description="A document of the deal that supports it"
    )
    document_uri: base.Place | None = Field(
        None, description="Or where such a document is kept: it is added to the deal"
    )
    deadline: base.Day | None = Field(
        None, description="By when a dispute is to be decided"
    )
    amount: SignedMoneyIn | None = Field(
        None, description="Of a dispute that is upheld: what is booked with it"
    )


class AdjustmentOut(base.Row):
    commission: base.Reference
    adjustment_type: AdjustmentType
    origin: Literal["plan", "hand", "dispute"]
    amount: Amount
    currency: str
    note: str | None
    billing: base.Reference | None
    recorded_by: base.Reference
    recorded_at: datetime
    audit_log: base.Reference


class AdjustmentIn(base.Body):
    adjustment_type: AdjustmentType
    amount: SignedMoneyIn = Field(description="A clawback is below 0, a bonus above")
    note: base.Name = Field(description="Why")


class DisputeOut(base.Row):
    commission: base.Reference
    state: DisputeState
    reason: str
    document: base.Reference | None
    deadline: date | None
    agent_comment: str | None
    company_comment: str | None
    opened_by: base.Reference
    opened_at: datetime
    decided_by: base.Reference | None
    decided_at: datetime | None
    decision: str | None
    effect_amount: Amount


class DisputeChange(base.Body):
    agent_comment: base.Text | None = None
    company_comment: base.Text | None = None
    deadline: base.Day | None = None
