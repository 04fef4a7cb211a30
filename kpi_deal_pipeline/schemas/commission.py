"""Commissions, and what is booked beside them; amounts and rates are decimal texts."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Name,
    Place,
    Reference,
    Row,
    Text,
    query_of,
)
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


class CommissionOut(Row):
    needs: ClassVar = ("create_date", "write_date")

    deal: Reference
    deal_uuid: str
    agent: Reference
    commission_type: CommissionType
    rule: CommissionRule
    plan: Reference | None
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
    confirmed_by: Reference | None
    invoiced_at: datetime | None
    paid_at: datetime | None
    disputed_at: datetime | None
    resolved_at: datetime | None
    audit_log: Reference | None = Field(description="Its latest entry in the audit log")
    created_at: datetime
    updated_at: datetime


CommissionQuery = query_of(CommissionOut)


class CommissionsQuery(ListQuery):
    row: ClassVar = CommissionOut
    sortable: ClassVar = ("introduced_at",)

    agent_id: Annotated[Id | None, Filter("agent_id")] = None
    status: Annotated[CommissionStatus | None, Filter("status")] = None
    commission_type: Annotated[CommissionType | None, Filter("commission_type")] = None
    rule: Annotated[CommissionRule | None, Filter("rule")] = None
    earned_from: Annotated[Day | None, Filter("earned_on", ">=")] = None
    earned_to: Annotated[Day | None, Filter("earned_on", "<=")] = Field(
        None, description="The last day that counts"
    )


class CommissionIn(Body):
    agent_id: Id | None = None
    commission_type: CommissionType = "exclusive"
    basis_amount: MoneyIn | None = None
    basis_currency: CurrencyCode | None = Field(
        None, description="Default: the deal's currency"
    )
    commission_rate: RateIn | None = Field(None, description="From 0 to 1")
    commission_amount: MoneyIn | None = Field(
        None, description="Default: basis times rate"
    )


class StatusIn(Body):
    status: CommissionStatus = Field(
        description="Out of a dispute: written_off, or the status before it"
    )
    reason: Text = Field(
        "", description="Needed to open a dispute and to decide it; kept with the entry"
    )
    document_id: Id | None = Field(
        None, description="A document of the deal that supports it"
    )
    document_uri: Place | None = Field(
        None, description="Or where such a document is kept: it is added to the deal"
    )
    deadline: Day | None = Field(None, description="By when a dispute is to be decided")
    amount: SignedMoneyIn | None = Field(
        None, description="Of a dispute that is upheld: what is booked with it"
    )


class AdjustmentOut(Row):
    commission: Reference
    adjustment_type: AdjustmentType
    origin: Literal["plan", "hand", "dispute"]
    amount: Amount
    currency: str
    note: str | None
    billing: Reference | None
    recorded_by: Reference
    recorded_at: datetime
    audit_log: Reference


AdjustmentQuery = query_of(AdjustmentOut)


class AdjustmentsQuery(ListQuery):
    row: ClassVar = AdjustmentOut
    sortable: ClassVar = ("recorded_at",)

    adjustment_type: Annotated[AdjustmentType | None, Filter("adjustment_type")] = None


class AdjustmentIn(Body):
    adjustment_type: AdjustmentType
    amount: SignedMoneyIn = Field(description="A clawback is below 0, a bonus above")
    note: Name = Field(description="Why")


class DisputeOut(Row):
    commission: Reference
    state: DisputeState
    reason: str
    document: Reference | None
    deadline: date | None
    agent_comment: str | None
    company_comment: str | None
    opened_by: Reference
    opened_at: datetime
    decided_by: Reference | None
    decided_at: datetime | None
    decision: str | None
    effect_amount: Amount


DisputeQuery = query_of(DisputeOut)


class DisputesQuery(ListQuery):
    row: ClassVar = DisputeOut
    sortable: ClassVar = ("opened_at",)

    state: Annotated[DisputeState | None, Filter("state")] = None


class DisputeChange(Body):
    agent_comment: Text | None = None
    company_comment: Text | None = None
    deadline: Day | None = None
