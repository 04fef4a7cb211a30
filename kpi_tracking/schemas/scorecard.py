"""Scorecards: KPIs with weights, and the figure they add up to."""

from typing import Annotated, ClassVar

from .base import (
    Answer,
    Filter,
    Grain,
    Id,
    ListQuery,
    Reference,
    Row,
    RowQuery,
    Status,
    Word,
)


class ScorecardOut(Row):
    name: str
    code: str | None
    company: Reference
    department: Reference | None
    owner: Reference | None
    frequency: Grain
    achievement: float | None
    status: Status
    score_label: str | None


class ScorecardQuery(RowQuery):
    row: ClassVar = ScorecardOut


class ScorecardsQuery(ListQuery):
    row: ClassVar = ScorecardOut
    sortable: ClassVar = ("name",)

    code: Annotated[Word | None, Filter("code")] = None
    department_id: Annotated[Id | None, Filter("department_id")] = None
    owner_id: Annotated[Id | None, Filter("owner_id")] = None


class ScorecardLineOut(Row):
    report: Reference
    sequence: int
    weight: float
    current_value: float | None
    achievement: float | None
    points_lost: float | None
    status: Status


class ScorecardLineQuery(RowQuery):
    row: ClassVar = ScorecardLineOut


class ScorecardLinesOut(Answer):
    items: list[ScorecardLineOut]
