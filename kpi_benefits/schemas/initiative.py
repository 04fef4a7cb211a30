"""Initiatives."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Archived,
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Moment,
    Name,
    Number,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)

InitiativeStatus = Literal[
    "proposed", "approved", "in_delivery", "live", "reviewed", "closed"
]
Parts = Annotated[
    bool,
    Field(description="true: of a programme, also those of the initiatives below it"),
]
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
Loss = Annotated[Number, Field(ge=0, le=1e12)]


class InitiativeOut(Row):
    name: str
    reference: str | None
    description: str | None = Field(description="HTML")
    status: InitiativeStatus
    parent: Reference | None = Field(description="Its programme")
    owner: Reference
    sponsor: Reference | None
    department: Reference | None
    company: Reference
    currency: Reference
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
    created_at: Moment
    updated_at: Moment


InitiativeQuery = query_of(InitiativeOut)


class InitiativesQuery(ListQuery):
    row: ClassVar = InitiativeOut
    sortable: ClassVar = ("name",)

    status: Annotated[InitiativeStatus | None, Filter("status")] = None
    parent_id: Annotated[Id | None, Filter("parent_id", "child_of")] = Field(
        None, description="A programme: itself and all below it"
    )
    owner_id: Annotated[Id | None, Filter("owner_id")] = None
    sponsor_id: Annotated[Id | None, Filter("sponsor_id")] = None
    department_id: Annotated[Id | None, Filter("department_id", "child_of")] = Field(
        None, description="With the departments below it"
    )
    reference: Annotated[Word | None, Filter("reference")] = None
    text: Annotated[Word | None, Filter("display_name", "ilike")] = Field(
        None, description="Part of the name or the reference"
    )
    active: Archived = None


class InitiativeChange(Body):
    name: Name | None = None
    reference: Name | None = Field(None, description="Number in the project system")
    description: Text | None = None
    parent_id: Id | None = Field(None, description="Its programme")
    owner_id: Id | None = Field(None, description="Default: the key's user")
    sponsor_id: Id | None = None
    department_id: Id | None = None
    gate_class: Name | None = None
    planned_go_live_date: Day | None = None
    go_live_date: Day | None = None


class InitiativeIn(InitiativeChange):
    name: Name
    company_id: Id | None = Field(
        None, description="Default: the company of the key's user"
    )


class LeakageOut(Row):
    name: str
    initiative: Reference
    benefit: Reference | None = Field(description="null: of all its benefits")
    company: Reference
    currency: Reference
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
    action_items: list[Reference]
    acceptance_reason: str | None
    closed_on: date | None
    active: bool
    created_at: Moment
    updated_at: Moment


LeakageQuery = query_of(LeakageOut)


class LeakagesQuery(ListQuery):
    row: ClassVar = LeakageOut

    parts: Parts = False
    benefit_id: Annotated[Id | None, Filter("benefit_id")] = None
    severity: Annotated[Severity | None, Filter("severity")] = None
    status: Annotated[LeakageStatus | None, Filter("status")] = None
    kind: Annotated[LeakageKind | None, Filter("kind")] = None
    is_open: Annotated[bool | None, Filter("is_open")] = None


class LeakageChange(Body):
    name: Name | None = None
    benefit_id: Id | None = None
    kind: LeakageKind | None = None
    severity: Severity | None = Field(None, description="Default: the suggested one")
    status: LeakageStatus | None = Field(
        None, description="Mitigating needs a plan, resolved a root cause"
    )
    estimated_impact: Loss | None = None
    recovered_amount: Loss | None = None
    recovery_note: Name | None = Field(
        None, description="Needed where more was recovered than was lost"
    )
    evidence: Text | None = None
    root_cause: Text | None = None
    mitigation_plan: Text | None = None
    acceptance_reason: Text | None = Field(None, description="Needed to accept it")


class LeakageIn(LeakageChange):
    name: Name
    initiative_id: Id | None = Field(None, description="Default: that of the benefit")
