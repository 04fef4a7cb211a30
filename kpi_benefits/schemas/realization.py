"""Benefits: planned, realized and their status."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base

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
ReportedEvery = Literal["quarter", "half_year", "year"]
Said = Annotated[base.Text, Field(min_length=1, pattern=r"\S")]
Amount = Annotated[base.Number, Field(ge=-1e12, le=1e12)]
Probability = Annotated[base.Number, Field(ge=0, le=1)]


class RealizationOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.benefit.realization",
        "name initiative owner company! currency! benefit_type money_effect"
        " description amount is_recurring date_from date_to reported_every ramp_up"
        " ramp_months custom_shares expected_value realized_value planned_to_date"
        " realization_rate status suggested_status! suggestion_reason! baseline"
        " plan_warning is_redefined definition_warning confidence"
        " is_confidence_stale expected_remaining shortfall explained_shortfall"
        " assumptions assumption_review_date evidence active created_at! updated_at!",
        {
            "description": "HTML",
            "amount": "Per month at full size, or once",
            "is_recurring": "Comes every month",
            "reported_every": "How often a value is due; null: every month, or as the"
            " KPI that measures it",
            "expected_value": "Planned, of the full life",
            "planned_to_date": "Of the months that are over",
            "realization_rate": "Realized / planned of the months that are over; 1 ="
            " as planned",
            "baseline": "KPI of the initiative that its months are worked out from",
            "plan_warning": "The plan differs from what the target of the KPI is worth",
            "is_redefined": "Measured by another definition than the baseline",
            "definition_warning": "Since when",
            "confidence": "The latest score; a stale one has faded toward the usual"
            " outcome",
            "expected_remaining": "Planned value to come, weighted by the confidence",
            "shortfall": "Planned less realized to date",
            "explained_shortfall": "Part of it that leakages explain",
            "assumptions": "A line each",
            "assumption_review_date": "The earliest one",
        },
    )


class AssumptionOut(base.Answer):
    id: int
    text: str
    owner: base.Reference
    review_date: date | None = Field(description="Check due on this day")
    status: AssumptionStatus
    checked_on: date | None
    checked_by: base.Reference | None
    note: str | None = Field(description="Result of the last check")
    failed_on: date | None = Field(description="Day since which it does not hold")


class RealizationWhole(RealizationOut):
    """A benefit with its assumptions; where “fields” names some, only those."""

    assumption_rows: list[AssumptionOut]


class MonthIn(base.Body):
    month: base.Day = Field(description="Any day of it")
    realized: Amount | None = Field(description="null: not known")
    note: base.Name | None = None


class AssumptionIn(base.Body):
    id: base.Id | None = Field(
        None, description="Of one that is there; null: a new one"
    )
    text: Said | None = None
    owner_id: base.Id | None = Field(None, description="Default: who owns the benefit")
    review_date: base.Day | None = None
    status: AssumptionStatus | None = Field(
        None,
        description="holds, failed: the result of a check made today, which needs the"
        " next review_date, or a note on why it failed",
    )
    note: base.Text | None = None


class RealizationChange(base.Body):
    name: base.Name | None = None
    owner_id: base.Id | None = Field(
        None, description="Default: who owns the initiative"
    )
    benefit_type: BenefitType | None = None
    money_effect: MoneyEffect | None = None
    description: base.Text | None = None
    amount: Amount | None = Field(None, description="Below 0: a disbenefit")
    is_recurring: bool | None = None
    date_from: base.Day | None = None
    date_to: base.Day | None = None
    reported_every: ReportedEvery | None = Field(
        None, description="null: every month, or as the KPI that measures it"
    )
    ramp_up: RampUp | None = None
    ramp_months: Annotated[int, Field(ge=0, le=600)] | None = None
    custom_shares: base.Word | None = Field(None, description="In percent: 10 40 100")
    baseline_id: base.Id | None = Field(
        None, description="KPI of the initiative that measures it; null: entered"
    )
    assumptions: base.Text | None = Field(
        None, description="A line each; lines that stay keep what is known of them"
    )
    assumption_review_date: base.Day | None = Field(None, description="Of all of them")
    assumption_rows: Annotated[list[AssumptionIn], Field(max_length=100)] | None = (
        Field(None, description="All of them; those that are not named are removed")
    )
    evidence: base.Text | None = None
    months: Annotated[list[MonthIn], Field(max_length=600)] | None = Field(
        None, description="Realized values; other months do not change"
    )
    confirm_status: bool = Field(
        False, description="true: give it the status that the rules suggest"
    )
    status: BenefitStatus | None = Field(
        None,
        description="Another one than the rules suggest, and realized, need evidence",
    )

    @model_validator(mode="after")
    def _has_one_status(self) -> "RealizationChange":
        if self.confirm_status and self.status:
            raise ValueError("status: leave it out with confirm_status")
        return self


class RealizationIn(RealizationChange):
    initiative_id: base.Id
    name: base.Name
    amount: Amount
    date_from: base.Day


class TotalOut(base.Answer):
    count: int
    expected_value: float
    realized_value: float
    planned_to_date: float
    realization_rate: float | None = Field(
        description="Σ realized / Σ planned of past months"
    )


class SummaryOut(base.Answer):
    currency: base.Reference
    total: TotalOut
    by_type: dict[BenefitType, TotalOut]
    by_status: dict[BenefitStatus, TotalOut]


class ConfidenceOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.benefit.confidence",
        "benefit initiative! probability reason date user created_at!",
        {
            "probability": "Stated confidence that at least 90% of the plan is"
            " realized",
            "user": "Author of the score",
        },
    )


class ConfidenceIn(base.Body):
    benefit_id: base.Id
    probability: Probability
    reason: Annotated[base.Text, Field(min_length=1, pattern=r"\S")]
    date: base.Day | None = Field(
        None, description="Default: today; KPI officers enter earlier ones, too"
    )
