"""Questions in words, and what they were understood to mean."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Grain,
    Name,
    Reference,
    Status,
)

Question = Annotated[Name, StringConstraints(max_length=500)]


class QuestionIn(Body):
    question: Question


class AnsweredValue(Answer):
    report: Reference
    code: str
    grain: Grain
    period_start: date | None
    period_stop: date | None = Field(description="First day after the period")
    value: float | None
    target: float | None
    achievement: float | None
    status: Status
    unit: str
    unit_symbol: str
    explain: str = Field(description="Path of the explanation of the value")


class Candidate(Answer):
    report: Reference
    question: str = Field(description="A question that means this one")


class QuestionOut(Answer):
    outcome: Literal["answered", "ambiguous", "not_understood"]
    reading: str = Field(description="What was understood, or what was not")
    answer: AnsweredValue | None
    candidates: list[Candidate]
