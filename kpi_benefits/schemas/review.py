"""Reviews of initiatives: texts, lessons, frozen figures, sentences on them."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base

LessonCategory = Literal[
    "planning",
    "scope",
    "people",
    "adoption",
    "technology",
    "suppliers",
    "cost",
    "benefits",
    "other",
]
Said = Annotated[base.Text, Field(min_length=1, pattern=r"\S")]


class ReviewOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.post.implementation.review",
        "number! title edition initiative company! department reviewer status"
        " review_date executive_summary objectives_assessment benefits_analysis"
        " feedback_count feedback_rating frozen_at figures_hash published_at"
        " can_decide",
        {
            "feedback_count": "Answers of stakeholders",
            "feedback_rating": "Their mean, of 1 to 5",
            "frozen_at": "When the figures were frozen",
            "figures_hash": "SHA-256 of all frozen figures",
            "can_decide": "The key's user is asked now",
        },
    )


class LessonOut(base.Answer):
    id: int
    lesson: str
    category: LessonCategory
    topics: list[str]


class RecommendationOut(base.Answer):
    id: int
    description: str
    responsible: base.Reference | None
    due_date: date | None
    action: base.Reference | None


class FeedbackOut(base.Answer):
    name: str
    role: str | None
    rating: int
    comment: str | None
    submitted_at: base.Moment


class FigureOut(base.Answer):
    kind: str
    code: str
    about: str = Field(
        description="Benefit, type, status, KPI or gate; leave empty for all"
    )
    unit: str
    unit_symbol: str | None = Field(description="Of figures in the unit of a KPI")
    value: float | None = Field(
        description="Of payback_years 0: paid back within the first calendar year"
    )
    text: str | None = Field(
        description="A day, a status, why there is no number; of a value its period"
    )
    value_now: str | None = Field(
        description="Current text in the language of the key's user; null: the same"
    )


class ReviewWhole(ReviewOut):
    """A review with its parts; figures are those that the key's user may see."""

    reviewer_note: str | None = Field(
        description="Why the reviewer of a draft cannot be asked yet"
    )
    lessons_learned: list[LessonOut]
    recommendations: list[RecommendationOut]
    stakeholder_feedback: list[FeedbackOut]
    figures: list[FigureOut]


class LessonIn(base.Body):
    lesson: Said
    category: LessonCategory = "other"
    topics: Annotated[list[base.Name], Field(max_length=20)] = Field(
        [], description="Created where there is none of that name"
    )


class RecommendationIn(base.Body):
    description: Said
    responsible_id: base.Id | None = None
    due_date: base.Day | None = None


class ReviewChange(base.Body):
    title: base.Name | None = None
    reviewer_id: base.Id | None = Field(
        None, description="Default: the sponsor; never a current or former owner"
    )
    review_date: base.Day | None = None
    executive_summary: base.Text | None = None
    objectives_assessment: base.Text | None = None
    benefits_analysis: base.Text | None = None
    lessons_learned: Annotated[list[LessonIn], Field(max_length=100)] | None = Field(
        None, description="All of them: they replace those there are"
    )
    recommendations: Annotated[list[RecommendationIn], Field(max_length=100)] | None = (
        Field(None, description="All of them: they replace those there are")
    )


class ReviewIn(ReviewChange):
    initiative_id: base.Id


class FeedbackIn(base.Body):
    rating: Annotated[int, Field(ge=1, le=5)] = Field(description="5 is the best")
    role: base.Name | None = Field(None, description="What you do there")
    comment: base.Text | None = None


class InsightsIn(base.Body):
    pir_id: base.Id | None = None
    initiative_id: base.Id | None = Field(
        None, description="Its figures as they are now, without a review"
    )

    @model_validator(mode="after")
    def _is_one_named(self) -> "InsightsIn":
        if (self.pir_id is None) == (self.initiative_id is None):
            raise ValueError("name a review or an initiative, not both")
        return self


class CitedOut(base.Answer):
    model: str
    id: int


class InsightOut(base.Answer):
    text: str
    records: list[CitedOut] = Field(description="In which each number is found")


class InsightsOut(base.Answer):
    insights: list[InsightOut]
