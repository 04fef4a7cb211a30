"""Scorecards: KPIs with weights, and the figure they add up to."""

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Archived,
    Body,
    Filter,
    Grain,
    Id,
    ListQuery,
    Name,
    Reference,
    Row,
    Status,
    Word,
    query_of,
)


class ScorecardOut(Row):
    name: str
    code: str | None
    company: Reference
    department: Reference | None
    owner: Reference | None
    frequency: Grain
    active: bool
    achievement: float | None
    status: Status
    score_label: str | None


ScorecardQuery = query_of(ScorecardOut)


class ScorecardsQuery(ListQuery):
    row: ClassVar = ScorecardOut
    sortable: ClassVar = ("name",)

    code: Annotated[Word | None, Filter("code")] = None
    active: Archived = None
    department_id: Annotated[Id | None, Filter("department_id")] = None
    owner_id: Annotated[Id | None, Filter("owner_id")] = None


class ScorecardLineOut(Row):
    needs: ClassVar = ("has_value",)

    report: Reference
    sequence: int
    weight: float
    current_value: float | None
    achievement: float | None
    points_lost: float | None
    status: Status


ScorecardLineQuery = query_of(ScorecardLineOut)


class ScorecardLinesOut(Answer):
    items: list[ScorecardLineOut]


class ScorecardLineIn(Body):
    report_id: Id
    weight: float | None = Field(
        None, ge=0, le=1e6, description="Default: the weight of the KPI's definition"
    )


class ScorecardLinesIn(Body):
    lines: list[ScorecardLineIn] = Field(max_length=500)

    @model_validator(mode="after")
    def _each_is_named_once(self) -> "ScorecardLinesIn":
        if len({line.report_id for line in self.lines}) < len(self.lines):
            raise ValueError("lines: a KPI can be on a scorecard only once")
        return self


class ScorecardIn(Body):
    name: Name
    code: Name | None = None
    department_id: Id | None = None
    owner_id: Id | None = None
    frequency: Grain = "month"


class ScorecardChange(Body):
    name: Name | None = None
    code: Name | None = None
    owner_id: Id | None = None
    frequency: Grain | None = None
    active: bool | None = None
