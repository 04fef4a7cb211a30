"""Commissions and their adjustments; amounts and rates are decimal texts."""

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

from ..engine.kinds import COMMISSION_STATUSES, COMMISSION_TYPES, keys_of

CommissionType = keys_of(COMMISSION_TYPES)
CommissionStatus = keys_of(COMMISSION_STATUSES)
AdjustmentType = Literal["clawback", "bonus", "correction"]


class CommissionOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.commission",
        "deal deal_uuid! agent commission_type rule plan basis_amount basis_currency!"
        " commission_rate commission_amount net_amount due_amount note entered status"
        " computation_error earned_on introduced_at confirmed_at confirmed_by"
        " invoiced_at paid_at disputed_at resolved_at audit_log created_at!"
        " updated_at!",
        {"audit_log": "Its latest entry in the audit log"},
    )
    basis_amount: Amount
    commission_rate: Rate
    commission_amount: Amount | None = Field(
        description="null until it can be computed: see computation_error"
    )
    net_amount: Amount = Field(description="With its adjustments; 0 once written off")
    due_amount: Amount = Field(description="Amount due so far")


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
    note: base.Name = Field(description="Why it is paid without a plan")


class StatusIn(base.Body):
    status: CommissionStatus = Field(
        description="Out of a dispute: written_off, or the status before it"
    )
    reason: base.Text = Field(
        "",
        description="Required to open or decide a dispute; stored with the entry",
    )
    document_id: base.Id | None = Field(
        None, description="A document of the deal that supports it"
    )
    document_uri: base.Place | None = Field(
        None,
        description="Or the address of such a document, which is added to the deal",
    )
    deadline: base.Day | None = Field(
        None, description="Deadline for the decision on a dispute"
    )
    amount: SignedMoneyIn | None = Field(
        None, description="Of a dispute that is upheld: what is booked with it"
    )


class AdjustmentOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.commission.adjustment",
        "commission adjustment_type origin amount currency note billing recorded_by"
        " recorded_at audit_log",
    )
    amount: Amount


class AdjustmentIn(base.Body):
    adjustment_type: AdjustmentType
    amount: SignedMoneyIn = Field(description="A clawback is below 0, a bonus above")
    note: base.Name = Field(description="Why")


class DisputeOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.commission.dispute",
        "commission state reason document deadline agent_comment company_comment"
        " opened_by opened_at decided_by decided_at decision effect_amount",
    )
    effect_amount: Amount


class DisputeChange(base.Body):
    agent_comment: base.Text | None = None
    company_comment: base.Text | None = None
    deadline: base.Day | None = None
