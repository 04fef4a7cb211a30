"""Questions in words, and what they were understood to mean."""

from datetime import date
from typing import Annotated, Literal

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


class Candidate(base.Answer):
    report: base.Reference
    question: str = Field(description="A question that means this one")


class QuestionOut(base.Answer):
    outcome: Literal["answered", "ambiguous", "not_understood"]
    reading: str = Field(description="What was understood, or what was not")
    answer: AnsweredValue | None
    candidates: list[Candidate]
