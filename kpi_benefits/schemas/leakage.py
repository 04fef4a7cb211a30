"""Value leakages."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Body,
    Filter,
    Id,
    ListQuery,
    Moment,
    Name,
    Number,
    Reference,
    Row,
    RowQuery,
    Text,
)

from .initiative import Parts

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


class LeakageQuery(RowQuery):
    row: ClassVar = LeakageOut


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
