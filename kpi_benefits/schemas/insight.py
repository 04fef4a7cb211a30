"""What the months of benefits say: forecast, bridge, leaks, standing among others."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Day,
    Id,
    Reference,
    Word,
)

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


class InsightIn(Body):
    """What is asked about: a benefit, or an initiative with all its benefits."""

    benefit_id: Id | None = None
    initiative_id: Id | None = None

    @model_validator(mode="after")
    def _check_one(self):
        if (self.benefit_id is None) == (self.initiative_id is None):
            raise ValueError("name either benefit_id or initiative_id")
        return self


class ExplainIn(Body):
    """A benefit, an initiative, or a KPI of one between two of its periods."""

    benefit_id: Id | None = None
    initiative_id: Id | None = None
    kpi_id: Id | None = None
    period_from: Day | None = Field(
        None, description="Of a KPI: any day of the first period; else its baseline"
    )
    period_to: Day | None = Field(
        None, description="Of a KPI: any day of the second period; else the last one"
    )

    @model_validator(mode="after")
    def _check_one(self):
        named = [self.benefit_id, self.initiative_id, self.kpi_id]
        if sum(one is not None for one in named) != 1:
            raise ValueError("name one of benefit_id, initiative_id, kpi_id")
        if self.kpi_id is None and (self.period_from or self.period_to):
            raise ValueError("periods can be chosen of a KPI only")
        return self


class BenchmarkIn(Body):
    initiative_id: Id
    measure: MeasureName | None = Field(None, description="Default: all it has")


class Cited(Answer):
    model: str
    id: int
    name: str


class SentenceOut(Answer):
    text: str
    records: list[Cited] = Field(description="What it is about")


class ExpectedOut(Answer):
    value: float
    low: float
    high: float


class PointOut(Answer):
    start: date = Field(description="First day of the month")
    label: str
    target: float = Field(description="Planned, added up from the first month on")
    value: float | None = Field(description="Realised, added up; null: not over yet")
    expected: ExpectedOut | None = Field(
        description="Expected, added up; 80 % lie between low and high"
    )


class ForecastOut(Answer):
    currency: Reference
    planned: float = Field(description="Of the whole life")
    realized: float = Field(description="Of the months that are over")
    months: int = Field(description="That are over")
    months_total: int
    value: float | None = Field(description="Expected in the end; null: no forecast")
    low: float | None = Field(description="80 % lie between low and high")
    high: float | None
    rate: float | None = Field(description="The same as shares of the plan")
    low_rate: float | None
    high_rate: float | None
    chance: float | None = Field(
        description="Probability of at least 90 % of the plan; of a disbenefit, of at"
        " most 110 %"
    )
    own: int = Field(description="Own benefits that are over and were compared with")
    error: float | None = Field(
        description="Mean error of the rate at this age, of simulated benefits"
    )
    plan_error: float | None = Field(description="The same of “as planned”")
    pace_error: float | None = Field(description="The same of the rate so far")
    points: list[PointOut]
    sentences: list[SentenceOut]


class StepOut(Answer):
    kind: Word = Field(
        description="Of benefits: timing, rate, volume, adoption, attribution,"
        " unexplained; of a KPI as /api/kpi/reports/{id}/change"
    )
    label: str
    amount: float


class VarianceOut(Answer):
    currency: Reference | None = Field(None, description="null: of a KPI")
    planned: float | None = Field(None, description="Of the months that are over")
    realized: float | None = None
    before: float | None = Field(
        None,
        description="Of a KPI: the last value before its baseline, else the baseline",
    )
    after: float | None = None
    steps: list[StepOut] = Field(description="They add up to what differs, exactly")
    sentences: list[SentenceOut]


class LeakOut(Answer):
    kind: LeakKind
    label: str
    first_month: date
    lost: float = Field(description="So far")
    coming: float = Field(description="On top, if nothing changes")
    sentences: list[SentenceOut]


class LeaksOut(Answer):
    currency: Reference
    items: list[LeakOut] = Field(description="Those that cost most first")


class ClassOut(Answer):
    name: str
    low: float
    high: float
    source: str


class StandingOut(Answer):
    measure: MeasureName
    label: str
    value: float = Field(description="Shares: 1 = 100 %")
    percentile: float | None = Field(
        description="Percent of the others that are worse; null: fewer than five"
    )
    others: int = Field(description="That have the number and the key's user sees")
    median: float | None
    classes: list[ClassOut] = Field(description="Published ranges, with their source")
    sentences: list[SentenceOut]


class BenchmarkOut(Answer):
    items: list[StandingOut]
