"""Benefits: planned, realised and where they stand."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
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

BenefitType = Literal[
    "cost_reduction",
    "revenue_increase",
    "efficiency_gain",
    "risk_reduction",
    "quality_improvement",
    "customer_satisfaction",
    "compliance",
    "other",
]
BenefitStatus = Literal["planned", "in_progress", "at_risk", "realized", "not_realized"]
MoneyEffect = Literal["cashable", "avoidance", "non_financial"]
AssumptionStatus = Literal["open", "holds", "failed"]
RampUp = Literal["linear", "s_curve", "custom"]
Said = Annotated[Text, Field(min_length=1, pattern=r"\S")]
Amount = Annotated[Number, Field(ge=-1e12, le=1e12)]
Probability = Annotated[Number, Field(ge=0, le=1)]


class RealizationOut(Row):
    name: str
    initiative: Reference
    owner: Reference
    company: Reference
    currency: Reference
    benefit_type: BenefitType
    money_effect: MoneyEffect
    description: str | None = Field(description="HTML")
    amount: float = Field(description="Per month at full size, or once")
    is_recurring: bool = Field(description="Comes every month")
    date_from: date
    date_to: date | None
    ramp_up: RampUp
    ramp_months: int
    custom_shares: str | None
    expected_value: float = Field(description="Planned, of the full life")
    realized_value: float
    planned_to_date: float = Field(description="Of the months that are over")
    realization_rate: float | None = Field(
        description="Realised / planned of the months that are over; 1 = as planned"
    )
    status: BenefitStatus
    suggested_status: BenefitStatus
    suggestion_reason: str
    baseline: Reference | None = Field(
        description="KPI of the initiative that its months are worked out from"
    )
    plan_warning: str | None = Field(
        description="The plan differs from what the target of the KPI is worth"
    )
    confidence: float | None = Field(
        description="The latest score; a stale one has faded toward the usual outcome"
    )
    is_confidence_stale: bool
    expected_remaining: float | None = Field(
        description="Planned value to come, weighted by the confidence"
    )
    shortfall: float = Field(description="Planned less realised to date")
    explained_shortfall: float = Field(description="Part of it that leakages explain")
    assumptions: str | None = Field(description="A line each")
    assumption_review_date: date | None = Field(description="The earliest one")
    evidence: str | None
    active: bool
    created_at: Moment
    updated_at: Moment


class AssumptionOut(Answer):
    id: int
    text: str
    owner: Reference
    review_date: date | None = Field(description="Day by which it is to be checked")
    status: AssumptionStatus
    checked_on: date | None
    checked_by: Reference | None
    note: str | None = Field(description="Result of the last check")
    failed_on: date | None = Field(description="Day since which it does not hold")


class RealizationWhole(RealizationOut):
    """A benefit with its assumptions; where “fields” names some, only those."""

    assumption_rows: list[AssumptionOut]


RealizationQuery = query_of(RealizationOut)


class RealizationsQuery(ListQuery):
    row: ClassVar = RealizationOut
    sortable: ClassVar = ("name", "date_from")

    benefit_type: Annotated[BenefitType | None, Filter("benefit_type")] = None
    status: Annotated[BenefitStatus | None, Filter("status")] = None
    owner_id: Annotated[Id | None, Filter("owner_id")] = None
    text: Annotated[Word | None, Filter("name", "ilike")] = None


class MonthIn(Body):
    month: Day = Field(description="Any day of it")
    realized: Amount | None = Field(description="null: not known")
    note: Name | None = None


class AssumptionIn(Body):
    id: Id | None = Field(None, description="Of one that is there; null: a new one")
    text: Said | None = None
    owner_id: Id | None = Field(None, description="Default: who owns the benefit")
    review_date: Day | None = None
    status: AssumptionStatus | None = Field(
        None,
        description="holds, failed: the result of a check as of today, which needs the"
        " next review_date, or a note on why it failed",
    )
    note: Text | None = None


class RealizationChange(Body):
    name: Name | None = None
    owner_id: Id | None = Field(None, description="Default: who owns the initiative")
    benefit_type: BenefitType | None = None
    money_effect: MoneyEffect | None = None
    description: Text | None = None
    amount: Amount | None = Field(None, description="Below 0: a disbenefit")
    is_recurring: bool | None = None
    date_from: Day | None = None
    date_to: Day | None = None
    ramp_up: RampUp | None = None
    ramp_months: Annotated[int, Field(ge=0, le=600)] | None = None
    custom_shares: Word | None = Field(None, description="In percent: 10 40 100")
    baseline_id: Id | None = Field(
        None, description="KPI of the initiative that measures it; null: entered"
    )
    assumptions: Text | None = Field(
        None, description="A line each; lines that stay keep what is known of them"
    )
    assumption_review_date: Day | None = Field(None, description="Of all of them")
    assumption_rows: Annotated[list[AssumptionIn], Field(max_length=100)] | None = (
        Field(None, description="All of them; those that are not named are removed")
    )
    evidence: Text | None = None
    months: Annotated[list[MonthIn], Field(max_length=600)] | None = Field(
        None, description="What was realised; months not named stay as they are"
    )
    confirm_status: bool = Field(
        False, description="true: give it the status that the rules suggest"
    )


class RealizationIn(RealizationChange):
    initiative_id: Id
    name: Name
    amount: Amount
    date_from: Day


class TotalOut(Answer):
    count: int
    expected_value: float
    realized_value: float
    planned_to_date: float
    realization_rate: float | None = Field(
        description="Σ realised / Σ planned of the months that are over"
    )


class SummaryOut(Answer):
    currency: Reference
    total: TotalOut
    by_type: dict[BenefitType, TotalOut]
    by_status: dict[BenefitStatus, TotalOut]


class ConfidenceOut(Row):
    benefit: Reference
    initiative: Reference
    probability: float = Field(
        description="That at least 90 % of the plan is realised, as it was given"
    )
    reason: str
    date: date
    user: Reference = Field(description="Who gave it")
    created_at: Moment


ConfidenceQuery = query_of(ConfidenceOut)


class ConfidencesQuery(ListQuery):
    row: ClassVar = ConfidenceOut
    sortable: ClassVar = ("date",)

    user_id: Annotated[Id | None, Filter("user_id")] = None


class ConfidenceIn(Body):
    benefit_id: Id
    probability: Probability
    reason: Annotated[Text, Field(min_length=1, pattern=r"\S")]
    date: Day | None = Field(
        None, description="Default: today; KPI officers enter earlier ones, too"
    )
