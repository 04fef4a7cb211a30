"""Initiatives."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

InitiativeStatus = Literal[
    "proposed", "approved", "in_delivery", "live", "reviewed", "closed"
]
PARTS = (
    bool,
    Field(
        False,
        description="true: of a programme, also those of the initiatives below it",
    ),
)
Severity = Literal["low", "medium", "high", "critical"]
LeakageStatus = Literal[
    "identified", "investigating", "mitigating", "resolved", "accepted"
]
LeakageKind = Literal[
    "shortfall",
    "decay",
    "delay",
    "silence",
    "expired_assumption",
    "double_claim",
    "cost_overrun",
    "adoption_stall",
    "other",
]
Loss = Annotated[base.Number, Field(ge=0, le=1e12)]


class InitiativeOut(base.Row):
    name: str
    reference: str | None
    description: str | None = Field(description="HTML")
    status: InitiativeStatus
    parent: base.Reference | None = Field(description="Its programme")
    owner: base.Reference
    sponsor: base.Reference | None
    department: base.Reference | None
    company: base.Reference
    currency: base.Reference
    gate_class: str | None
    approved_on: date | None
    planned_go_live_date: date | None
    go_live_date: date | None
    planned_cost: float | None
    forecast_cost: float | None
    actual_cost: float | None = Field(
        description="As booked in the accounts of its project, else as entered"
    )
    expected_value: float = Field(
        description="Planned benefits of the full life; of a programme, as the next"
        " three, with all below it"
    )
    realized_value: float
    planned_to_date: float = Field(description="Of the months that are over")
    realization_rate: float | None = Field(
        description="Realised / planned of the months that are over; 1 = as planned"
    )
    active: bool
    created_at: datetime
    updated_at: datetime


class InitiativeChange(base.Body):
    name: base.Name | None = None
    reference: base.Name | None = Field(
        None, description="Number in the project system"
    )
    description: base.Text | None = None
    parent_id: base.Id | None = Field(None, description="Its programme")
    owner_id: base.Id | None = Field(None, description="Default: the key's user")
    sponsor_id: base.Id | None = None
    department_id: base.Id | None = None
    gate_class: base.Name | None = None
    planned_go_live_date: base.Day | None = None
    go_live_date: base.Day | None = None


class InitiativeIn(InitiativeChange):
    name: base.Name
    company_id: base.Id | None = Field(
        None, description="Default: the company of the key's user"
    )


class LeakageOut(base.Row):
    name: str
    initiative: base.Reference
    benefit: base.Reference | None = Field(description="null: of all its benefits")
    company: base.Reference
    currency: base.Reference
    kind: LeakageKind
    source: Literal["manual", "detected"]
    severity: Severity
    suggested_severity: Severity = Field(
        description="By the impact as a share of the planned benefits, or cost"
    )
    status: LeakageStatus
    estimated_impact: float = Field(description="Value lost in all")
    recovered_amount: float
    recovery_note: str | None
    lost_value: float = Field(description="The impact less what was recovered")
    evidence: str | None
    root_cause: str | None
    mitigation_plan: str | None
    action_items: list[base.Reference]
    acceptance_reason: str | None
    closed_on: date | None
    active: bool
    created_at: datetime
    updated_at: datetime


class LeakageChange(base.Body):
    name: base.Name | None = None
    benefit_id: base.Id | None = None
    kind: LeakageKind | None = None
    severity: Severity | None = Field(None, description="Default: the suggested one")
    status: LeakageStatus | None = Field(
        None, description="Mitigating needs a plan, resolved a root cause"
    )
    estimated_impact: Loss | None = None
    recovered_amount: Loss | None = None
    recovery_note: base.Name | None = Field(
        None, description="Needed where more was recovered than was lost"
    )
    evidence: base.Text | None = None
    root_cause: base.Text | None = None
    mitigation_plan: base.Text | None = None
    acceptance_reason: base.Text | None = Field(None, description="Needed to accept it")


class LeakageIn(LeakageChange):
    name: base.Name
    initiative_id: base.Id | None = Field(
        None, description="Default: that of the benefit"
    )
