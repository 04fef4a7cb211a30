"""Questions in words, and their answers."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from odoo.addons.kpi_base.schemas import base
from odoo.addons.kpi_tracking_analytics.schemas.change import ValueChangeOut

Question = Annotated[base.Name, StringConstraints(max_length=500)]


class QuestionIn(base.Body):
    question: Question
    after: dict[str, Any] | None = Field(
        default=None,
        description="“after” of the answer that this question follows up on, as in “and"
        " for Sales?”; it counts for ten minutes",
    )


class AnsweredValue(base.Answer):
    report: base.Reference
    code: str
    grain: base.Grain
    period_start: date | None
    period_stop: date | None = Field(description="First day after the period")
    value: float | None
    target: float | None
    achievement: float | None
    status: base.Status
    unit: str
    unit_symbol: str
    explain: str = Field(description="Path of the explanation of the value")


class AnsweredRow(AnsweredValue):
    label: str = Field(description="The period in words")
    trend: Literal["improving", "declining"] | None
    change: float | None = Field(description="From the period before, where asked for")


class QuestionForecast(base.Answer):
    report: base.Reference
    period_start: date
    label: str = Field(description="The period in words")
    value: float
    low: float | None = Field(description="Limits of 80 percent")
    high: float | None
    is_stale: bool = Field(description="Values have changed since")


class UnusualRow(base.Answer):
    report: base.Reference
    id: int
    kind: base.Word
    period_start: date
    period_last: date = Field(description="First day of the last period")
    value: float | None
    expected: float | None
    description: str


class RankedPlace(base.Answer):
    name: str = Field(description="A department, a person or a KPI")
    number: float = Field(
        description="The value of the KPI asked for, achievement in percent, or the"
        " change"
    )
    kpi_count: int = Field(description="Of so many KPIs")
    report: base.Reference = Field(description="The first of them")


class Candidate(base.Answer):
    report: base.Reference
    question: str = Field(description="A question that means this one")


class Proposal(base.Answer):
    token: str = Field(description="Of the user, for one confirmation")
    expires_at: base.Moment


class ConfirmationIn(base.Body):
    token: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class DoneRecord(base.Answer):
    model: base.Word
    id: int
    name: str


class ConfirmationOut(base.Answer):
    sentences: list[str]
    records: list[DoneRecord] = Field(description="Made or changed")


class QuestionOut(base.Answer):
    outcome: Literal["answered", "ambiguous", "not_understood", "proposed"]
    reading: str = Field(description="What was understood, or what was not")
    answer: AnsweredValue | None = Field(description="Where it is one value")
    candidates: list[Candidate]
    intent: dict[str, Any] = Field(
        description="What was read: the kind of question and its slots"
    )
    rows: list[AnsweredRow] = Field(description="All values, up to 100")
    ranking: list[RankedPlace] = Field(description="In the order asked for")
    count: int = Field(description="Number of matching KPIs you can access")
    sentences: list[str] = Field(description="The answer in words")
    change: ValueChangeOut | None = Field(
        description="Where it is asked why a KPI moved"
    )
    forecast: list[QuestionForecast] = Field(description="Running and coming periods")
    anomalies: list[UnusualRow] = Field(description="Unusual values, latest first")
    proposal: Proposal | None = Field(
        description="What was asked to be done, once it is confirmed"
    )
    after: dict[str, Any] | None = Field(
        description="What a question that follows up on this one sends as “after”"
    )
