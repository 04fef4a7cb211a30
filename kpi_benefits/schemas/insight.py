"""What the months of benefits say: forecast, bridge, leaks, standing among others."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base

from ..engine.standing import Severity
from .initiative import InitiativeStatus
from .realization import BenefitStatus

MeasureName = Literal[
    "realization_rate", "bcr", "cost_overrun", "delay_days", "time_overrun"
]
LeakKind = Literal[
    "shortfall",
    "decay",
    "delay",
    "silence",
    "adoption_stall",
    "expired_assumption",
    "double_claim",
    "cost_overrun",
]
RATE = "1 = as planned; null: no month with a plan is over"
REALIZED_TO_DATE = "Of these months, including planned disbenefits without a report"


class InsightIn(base.Body):
    """What is asked about: a benefit, or an initiative with all its benefits."""

    benefit_id: base.Id | None = None
    initiative_id: base.Id | None = None

    @model_validator(mode="after")
    def _check_one(self):
        if (self.benefit_id is None) == (self.initiative_id is None):
            raise ValueError("name either benefit_id or initiative_id")
        return self


class ExplainIn(InsightIn):
    """A benefit, an initiative, or a KPI of one between two of its periods."""

    kpi_id: base.Id | None = None
    period_from: base.Day | None = Field(
        None, description="Of a KPI: any day of the first period; default: its baseline"
    )
    period_to: base.Day | None = Field(
        None,
        description="Of a KPI: any day of the second period; default: the last one",
    )

    @model_validator(mode="after")
    def _check_one(self):
        named = [self.benefit_id, self.initiative_id, self.kpi_id]
        if sum(one is not None for one in named) != 1:
            raise ValueError("name one of benefit_id, initiative_id, kpi_id")
        if self.kpi_id is None and (self.period_from or self.period_to):
            raise ValueError("periods can be chosen of a KPI only")
        return self


class BenchmarkIn(base.Body):
    initiative_id: base.Id
    measure: MeasureName | None = Field(None, description="Default: all it has")


class Cited(base.Answer):
    model: str
    id: int
    name: str


class SentenceOut(base.Answer):
    text: str
    records: list[Cited] = Field(description="What it is about")


class ExpectedOut(base.Answer):
    value: float
    low: float
    high: float


class PointOut(base.Answer):
    start: date = Field(description="First day of the month")
    label: str
    target: float = Field(description="Planned, added up from the first month on")
    value: float | None = Field(description="Realized, added up; null: not over yet")
    expected: ExpectedOut | None = Field(
        description="Expected, added up; 80% lie between low and high"
    )


class ForecastOut(base.Answer):
    currency: base.Reference
    planned: float = Field(description="Of the whole life")
    realized: float = Field(description="Of the months that are over")
    months: int = Field(description="That are over")
    months_total: int
    value: float | None = Field(description="Expected in the end; null: no forecast")
    low: float | None = Field(description="80% lie between low and high")
    high: float | None
    rate: float | None = Field(description="The same as shares of the plan")
    low_rate: float | None
    high_rate: float | None
    chance: float | None = Field(
        description="Probability of at least 90% of the plan; of a disbenefit, of at"
        " most 110%"
    )
    own: int = Field(description="Own benefits that are over and were compared with")
    error: float | None = Field(
        description="Mean error of the rate at this age, of simulated benefits"
    )
    plan_error: float | None = Field(description="The same of “as planned”")
    pace_error: float | None = Field(description="The same of the rate so far")
    points: list[PointOut]
    sentences: list[SentenceOut]


class StepOut(base.Answer):
    kind: base.Word = Field(
        description="Of benefits: timing, rate, volume, adoption, attribution,"
        " unexplained; of a KPI as /api/kpi/reports/{id}/change"
    )
    label: str
    amount: float


class VarianceOut(base.Answer):
    currency: base.Reference | None = Field(None, description="null: of a KPI")
    planned: float | None = Field(None, description="Of the months that are over")
    realized: float | None = None
    before: float | None = Field(
        None,
        description="Of a KPI: the last value before its baseline, or the baseline",
    )
    after: float | None = None
    steps: list[StepOut] = Field(description="They add up to the difference exactly")
    sentences: list[SentenceOut]


class LeakOut(base.Answer):
    kind: LeakKind
    label: str
    first_month: date
    lost: float = Field(description="So far")
    coming: float = Field(description="On top, if nothing changes")
    sentences: list[SentenceOut]


class LeaksOut(base.Answer):
    currency: base.Reference
    items: list[LeakOut] = Field(description="Those that cost most first")


class ClassOut(base.Answer):
    name: str
    low: float
    high: float
    source: str


class StandingOut(base.Answer):
    measure: MeasureName
    label: str
    value: float = Field(description="Shares: 1 = 100%")
    percentile: float | None = Field(
        description="Percent of the others that are worse; null: fewer than five"
    )
    others: int = Field(description="That have the number and the key's user sees")
    median: float | None
    classes: list[ClassOut] = Field(description="Published ranges, with their source")
    sentences: list[SentenceOut]


class BenchmarkOut(base.Answer):
    items: list[StandingOut]


class PortfolioOptions(base.Body):
    """What a portfolio is about.

    :ivar program_id: an initiative and all below it
    :ivar department_id: a department and all below it
    :ivar date_from, date_to: the first and the last month, by any day of theirs
    """

    program_id: base.Id | base.Nothing = None
    department_id: base.Id | base.Nothing = None
    date_from: base.GivenDay | base.Nothing = None
    date_to: base.GivenDay | base.Nothing = None


class PortfolioQuery(base.Query):
    program_id: base.Id | None = Field(None, description="A program and all below it")
    department_id: base.Id | None = Field(None, description="With departments below it")
    date_from: base.Day | None = Field(
        None, description="First month, by any day of it"
    )
    date_to: base.Day | None = Field(None, description="Last month, by any day of it")


class MonthOut(base.Answer):
    start: date
    planned: float
    realized: float | None = Field(description="null: not assessed yet")


class ProfileMonthOut(MonthOut):
    expected: ExpectedOut | None = Field(
        description="80% lie between low and high; null: over, or not enough data"
    )


class StatusCount(base.Answer):
    name: str
    count: int


class InitiativeStatusCount(StatusCount):
    status: InitiativeStatus


class BenefitStatusCount(StatusCount):
    status: BenefitStatus


class TopOut(base.Answer):
    id: int
    name: str
    rate: float | None = Field(description=RATE)
    planned: float = Field(description="To date")
    realized: float = Field(description="To date")


class RiskOut(TopOut):
    reasons: list[str]


class SeverityOut(base.Answer):
    severity: Severity
    name: str
    count: int = Field(description="Neither resolved nor accepted")
    lost: float = Field(description="Their impact less what was recovered")


class BubbleOut(base.Answer):
    id: int = Field(description="Of the benefit")
    name: str
    start: date = Field(description="First day that it is planned for")
    planned: float = Field(description="Of its full life")
    confidence: float = Field(description="The latest score as it was given, 0 to 1")
    scored_on: date


class SumsOut(base.Answer):
    planned: float
    realized: float
    planned_to_date: float = Field(description="Of the months that are over")
    realized_to_date: float = Field(description=REALIZED_TO_DATE)
    rate: float | None = Field(description=RATE)


class TotalsOut(SumsOut):
    currency: base.Reference
    rate: float | None = Field(description=f"Realized / planned to date: {RATE}")
    rate_status: Literal["on_track", "at_risk", "no_data"]
    rate_limit: float | None = Field(
        description="At risk below it; where disbenefits prevail, from it on"
    )
    planned_cost: float | None
    forecast_cost: float | None


class PortfolioOut(TotalsOut):
    proposed_cost: float | None = Field(
        description="Of what is not approved yet; counts in no other figure"
    )
    compared_cost_count: int = Field(
        description="Initiatives with both a planned and a forecast cost"
    )
    compared_planned_cost: float = Field(description="Of these")
    cost_change: float | None = Field(description="Forecast less planned, of these")
    months: list[MonthOut]
    initiative_count: int
    benefit_count: int
    unpriced_count: int = Field(
        description="Initiatives with amounts that no exchange rate is known for"
    )
    statuses: list[InitiativeStatusCount]
    benefit_statuses: list[BenefitStatusCount]
    top: list[TopOut] = Field(description="The highest realization rates")
    at_risk: list[RiskOut] = Field(description="Those that miss most")
    at_risk_count: int
    leakages: list[SeverityOut] = Field(description="Open ones, the worst first")
    bubbles: list[BubbleOut] = Field(
        description="The largest benefits that still run and have a score"
    )


class GateOut(base.Answer):
    id: int
    name: str
    approving_body: str
    is_late: bool
    planned_date: date | None
    due_date: date | None = Field(description="The forecast, or the plan without one")
    actual_date: date | None


class CostOut(base.Answer):
    start: date | None = Field(description="null: not spread over time")
    planned: float | None
    forecast: float | None
    actual: float | None


class BenefitOut(SumsOut):
    id: int
    name: str
    status: BenefitStatus
    status_name: str
    reason: str = Field(description="Why its suggested status is suggested")
    confidence: float | None = Field(
        description="Probability that fades with the score's age; null: none given"
    )
    initiative_name: str = Field(
        description="Name of an initiative below, if it is one"
    )


class OutlookOut(base.Answer):
    value: float = Field(description="Realized in the end, probably")
    low: float = Field(description="80% lie between low and high")
    high: float
    chance: float | None = Field(description="Of at least 90% of the plan")


class BelowOut(SumsOut):
    id: int
    name: str
    status: InitiativeStatus
    status_name: str
    planned: float = Field(description="With what is below it")


class InitiativeDashboardOut(TotalsOut):
    id: int
    name: str
    status: InitiativeStatus
    status_name: str
    reasons: list[str] = Field(description="Reasons for the risk; empty if not at risk")
    months: list[ProfileMonthOut]
    is_partial: bool = Field(description="The key's user cannot see all of it")
    forecast: OutlookOut | None = Field(description="null: not enough data")
    actual_cost: float | None
    costs: list[CostOut]
    gates: list[GateOut]
    benefits: list[BenefitOut] = Field(
        description="Of a program, also those of the initiatives below it"
    )
    leakages: list[SeverityOut] = Field(description="Open ones, the worst first")
    initiatives: list[BelowOut] = Field(description="Right below it: a program's")
