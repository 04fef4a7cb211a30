"""Scorecards, and how a person or a department is doing."""

from typing import ClassVar

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base
from odoo.addons.kpi_base.schemas.base import Answer, Reference, Status

from .report import ReportOut


class ScorecardOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.report.group",
        "name code company department owner frequency active achievement status!"
        " score_label",
    )
    score_label: str | None


class ScorecardLineOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.report.group.line",
        "report sequence weight current_value achievement points_lost status!",
    )
    needs: ClassVar = ("has_value",)


class ScorecardLinesOut(base.Answer):
    items: list[ScorecardLineOut]


class ScorecardLineIn(base.Body):
    report_id: base.Id
    weight: float | None = Field(
        None, ge=0, le=1e6, description="Default: the weight of the KPI's definition"
    )


class ScorecardLinesIn(base.Body):
    lines: list[ScorecardLineIn] = Field(max_length=500)

    @model_validator(mode="after")
    def _each_is_named_once(self) -> "ScorecardLinesIn":
        if len({line.report_id for line in self.lines}) < len(self.lines):
            raise ValueError("lines: a KPI can be on a scorecard only once")
        return self


class ScorecardIn(base.Body):
    name: base.Name
    code: base.Name | None = None
    department_id: base.Id | None = None
    owner_id: base.Id | None = None
    frequency: base.Grain = "month"


class ScorecardChange(base.Body):
    name: base.Name | None = None
    code: base.Name | None = None
    owner_id: base.Id | None = None
    frequency: base.Grain | None = None
    active: bool | None = None


class SummaryOut(Answer):
    user: Reference
    by_status: dict[Status, int]
    kpis: list[ReportOut]


class DashboardOut(Answer):
    department: Reference
    by_status: dict[Status, int]
    kpis: list[ReportOut]
    scorecards: list[ScorecardOut]
