"""Questions in words, and their answers."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from odoo.addons.kpi_base.schemas import base

Question = Annotated[base.Name, StringConstraints(max_length=500)]


class QuestionIn(base.Body):
    question: Question


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


class RankedPlace(base.Answer):
    name: str = Field(description="A department, a person or a KPI")
    number: float = Field(
        description="The value of the KPI asked for, else achievement in percent"
    )
    kpi_count: int = Field(description="Of so many KPIs")


class Candidate(base.Answer):
    report: base.Reference
    question: str = Field(description="A question that means this one")


class QuestionOut(base.Answer):
    outcome: Literal["answered", "ambiguous", "not_understood"]
    reading: str = Field(description="What was understood, or what was not")
    answer: AnsweredValue | None = Field(description="Where it is one value")
    candidates: list[Candidate]
    intent: dict[str, Any] = Field(
        description="What was read: the kind of question and its slots"
    )
    rows: list[AnsweredRow] = Field(description="All values, up to 100")
    ranking: list[RankedPlace] = Field(description="In the order asked for")
    count: int = Field(description="How many there are among what you may see")
