"""Reviews of initiatives: texts, lessons, frozen figures, sentences on them."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Moment,
    Name,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)

from .initiative import Parts

ReviewStatus = Literal["draft", "in_review", "approved", "published"]
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
Said = Annotated[Text, Field(min_length=1, pattern=r"\S")]


class ReviewOut(Row):
    number: str
    title: str
    edition: int
    initiative: Reference
    company: Reference
    department: Reference | None
    reviewer: Reference | None
    status: ReviewStatus
    review_date: date
    executive_summary: str | None
    objectives_assessment: str | None
    benefits_analysis: str | None
    feedback_count: int = Field(description="Answers of stakeholders")
    feedback_rating: float | None = Field(description="Their mean, of 1 to 5")
    frozen_at: Moment | None = Field(description="When the figures were frozen")
    figures_hash: str | None = Field(description="SHA-256 of all frozen figures")
    published_at: Moment | None
    can_decide: bool = Field(description="The key's user is asked now")


class LessonOut(Answer):
    id: int
    lesson: str
    category: LessonCategory
    topics: list[str]


class RecommendationOut(Answer):
    id: int
    description: str
    responsible: Reference | None
    due_date: date | None
    action: Reference | None


class FeedbackOut(Answer):
    name: str
    role: str | None
    rating: int
    comment: str | None
    submitted_at: Moment


class FigureOut(Answer):
    kind: str
    code: str
    about: str = Field(
        description="Benefit, type, status, KPI or gate; empty: all of it"
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
        description="As it is now in the language of the key's user; null: the same"
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


ReviewQuery = query_of(ReviewOut)


class ReviewsQuery(ListQuery):
    row: ClassVar = ReviewOut
    sortable: ClassVar = ("review_date",)

    parts: Parts = False
    status: Annotated[ReviewStatus | None, Filter("status")] = None
    reviewer_id: Annotated[Id | None, Filter("reviewer_id")] = None
    can_decide: Annotated[bool | None, Filter("can_decide")] = Field(
        None, description="true: those that wait for the key's user"
    )
    text: Annotated[Word | None, Filter("display_name", "ilike")] = Field(
        None, description="Part of the number or the title"
    )


class LessonIn(Body):
    lesson: Said
    category: LessonCategory = "other"
    topics: Annotated[list[Name], Field(max_length=20)] = Field(
        [], description="Created where there is none of that name"
    )


class RecommendationIn(Body):
    description: Said
    responsible_id: Id | None = None
    due_date: Day | None = None


class ReviewChange(Body):
    title: Name | None = None
    reviewer_id: Id | None = Field(
        None, description="Default: the sponsor; nobody who owns or owned it"
    )
    review_date: Day | None = None
    executive_summary: Text | None = None
    objectives_assessment: Text | None = None
    benefits_analysis: Text | None = None
    lessons_learned: Annotated[list[LessonIn], Field(max_length=100)] | None = Field(
        None, description="All of them: they replace those there are"
    )
    recommendations: Annotated[list[RecommendationIn], Field(max_length=100)] | None = (
        Field(None, description="All of them: they replace those there are")
    )


class ReviewIn(ReviewChange):
    initiative_id: Id


class InsightsIn(Body):
    pir_id: Id | None = None
    initiative_id: Id | None = Field(
        None, description="Its figures as they are now, without a review"
    )

    @model_validator(mode="after")
    def _is_one_named(self) -> "InsightsIn":
        if (self.pir_id is None) == (self.initiative_id is None):
            raise ValueError("name a review or an initiative, not both")
        return self


class CitedOut(Answer):
    model: str
    id: int


class InsightOut(Answer):
    text: str
    records: list[CitedOut] = Field(description="In which each number is found")


class InsightsOut(Answer):
    insights: list[InsightOut]
