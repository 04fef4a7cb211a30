"""Dashboards of benefits: what they are asked for, and what programs get."""

from datetime import date
from typing import Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Day,
    GivenDay,
    Id,
    Nothing,
    Query,
    Reference,
)

from ..engine.standing import Severity
from .initiative import InitiativeStatus
from .insight import ExpectedOut
from .realization import BenefitStatus

RATE = "1 = as planned; null: no month with a plan is over"
REALIZED_TO_DATE = "Of these months, with the plan of disbenefits nobody reported"


class PortfolioOptions(Body):
    """What a portfolio is about.

    :ivar program_id: an initiative and all below it
    :ivar department_id: a department and all below it
    :ivar date_from, date_to: the first and the last month, by any day of theirs
    """

    program_id: Id | Nothing = None
    department_id: Id | Nothing = None
    date_from: GivenDay | Nothing = None
    date_to: GivenDay | Nothing = None


class PortfolioQuery(Query):
    program_id: Id | None = Field(None, description="A programme and all below it")
    department_id: Id | None = Field(None, description="With departments below it")
    date_from: Day | None = Field(None, description="First month, by any day of it")
    date_to: Day | None = Field(None, description="Last month, by any day of it")


class MonthOut(Answer):
    start: date
    planned: float
    realized: float | None = Field(description="null: nobody has said yet")


class ProfileMonthOut(MonthOut):
    expected: ExpectedOut | None = Field(
        description="80 % lie between low and high; null: over, or nobody can say"
    )


class StatusCount(Answer):
    name: str
    count: int


class InitiativeStatusCount(StatusCount):
    status: InitiativeStatus


class BenefitStatusCount(StatusCount):
    status: BenefitStatus


class TopOut(Answer):
    id: int
    name: str
    rate: float | None = Field(description=RATE)
    planned: float = Field(description="To date")
    realized: float = Field(description="To date")


class RiskOut(TopOut):
    reasons: list[str]


class SeverityOut(Answer):
    severity: Severity
    name: str
    count: int = Field(description="Neither resolved nor accepted")
    lost: float = Field(description="Their impact less what was recovered")


class BubbleOut(Answer):
    id: int = Field(description="Of the benefit")
    name: str
    start: date = Field(description="First day that it is planned for")
    planned: float = Field(description="Of its full life")
    confidence: float = Field(description="The latest score as it was given, 0 to 1")
    scored_on: date


class TotalsOut(Answer):
    currency: Reference
    planned: float
    realized: float
    planned_to_date: float = Field(description="Of the months that are over")
    realized_to_date: float = Field(description=REALIZED_TO_DATE)
    rate: float | None = Field(description=f"Realised / planned to date: {RATE}")
    rate_status: Literal["on_track", "at_risk", "no_data"]
    rate_limit: float | None = Field(
        description="At risk below it; where disbenefits prevail, from it on"
    )
    planned_cost: float | None
    forecast_cost: float | None


class PortfolioOut(TotalsOut):
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


class GateOut(Answer):
    id: int
    name: str
    approving_body: str
    is_late: bool
    planned_date: date | None
    due_date: date | None = Field(description="The forecast, else the plan")
    actual_date: date | None


class CostOut(Answer):
    start: date | None = Field(description="null: not spread over time")
    planned: float | None
    forecast: float | None
    actual: float | None


class BenefitOut(Answer):
    id: int
    name: str
    status: BenefitStatus
    status_name: str
    planned: float
    planned_to_date: float = Field(description="Of the months that are over")
    realized: float
    realized_to_date: float = Field(description=REALIZED_TO_DATE)
    rate: float | None = Field(description=RATE)
    reason: str = Field(description="Why its suggested status is suggested")
    confidence: float | None = Field(
        description="Probability that fades with the score's age; null: none given"
    )
    initiative_name: str = Field(description="Of one below; else empty")


class OutlookOut(Answer):
    value: float = Field(description="Realised in the end, probably")
    low: float = Field(description="80 % lie between low and high")
    high: float
    chance: float | None = Field(description="Of at least 90 % of the plan")


class BelowOut(Answer):
    id: int
    name: str
    status: InitiativeStatus
    status_name: str
    planned: float = Field(description="With what is below it")
    planned_to_date: float = Field(description="Of the months that are over")
    realized: float
    realized_to_date: float = Field(description=REALIZED_TO_DATE)
    rate: float | None = Field(description=RATE)


class InitiativeDashboardOut(TotalsOut):
    id: int
    name: str
    status: InitiativeStatus
    status_name: str
    reasons: list[str] = Field(description="Why it is at risk; empty: it is not")
    months: list[ProfileMonthOut]
    is_partial: bool = Field(description="The key's user may not see all of it")
    forecast: OutlookOut | None = Field(description="null: nobody can say yet")
    actual_cost: float | None
    costs: list[CostOut]
    gates: list[GateOut]
    benefits: list[BenefitOut] = Field(
        description="Of a programme, also those of the initiatives below it"
    )
    leakages: list[SeverityOut] = Field(description="Open ones, the worst first")
    initiatives: list[BelowOut] = Field(description="Right below it: a programme's")
