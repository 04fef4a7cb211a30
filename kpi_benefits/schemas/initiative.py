"""Initiatives."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

InitiativeStatus = Literal[
    "proposed", "approved", "in_delivery", "live", "reviewed", "closed"
]
PARTS = (
    bool,
    Field(
        False,
        description="true: of a program, also those of the initiatives below it",
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
    of: ClassVar = base.Fields(
        "kpi.initiative",
        "name reference description status parent owner sponsor department company"
        " currency! gate_class approved_on planned_go_live_date go_live_date"
        " planned_cost forecast_cost actual_cost expected_value realized_value"
        " planned_to_date realization_rate active created_at! updated_at!",
        {
            "description": "HTML",
            "parent": "Its program",
            "actual_cost": "From the analytic account of its project, or as entered",
            "expected_value": "Planned benefits of the full life; of a program, as"
            " the next three, with all below it",
            "planned_to_date": "Of the months that are over",
            "realization_rate": "Realized / planned of the months that are over; 1 ="
            " as planned",
        },
    )


class InitiativeChange(base.Body):
    name: base.Name | None = None
    reference: base.Name | None = Field(
        None, description="Number in the project system"
    )
    description: base.Text | None = None
    parent_id: base.Id | None = Field(None, description="Its program")
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
    of: ClassVar = base.Fields(
        "kpi.value.leakage",
        "name initiative benefit company! currency! kind source severity"
        " severity_reason suggested_severity! status estimated_impact recovered_amount"
        " recovery_note"
        " lost_value evidence root_cause mitigation_plan action_items"
        " acceptance_reason closed_on active created_at! updated_at!",
        {
            "benefit": "null: of all its benefits",
            "suggested_severity": "By the impact as a share of the planned benefits,"
            " or cost",
            "estimated_impact": "Value lost in all",
            "lost_value": "The impact less what was recovered",
        },
    )


class LeakageChange(base.Body):
    name: base.Name | None = None
    benefit_id: base.Id | None = None
    kind: LeakageKind | None = None
    severity: Severity | None = Field(None, description="Default: the suggested one")
    severity_reason: base.Name | None = Field(
        None, description="Why it is not the suggested one, which it follows else"
    )
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
