"""KPIs tracked for a company, department, team or user, and their targets."""

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base

LONGEST = timedelta(days=20 * 366)
Seam = Annotated[
    Literal["", "new", "mixed", "whole", "within"],
    Field(
        description=(
            "Where the definition changes: new = computed otherwise from here on; it"
            " changed within the period: mixed = rolled up from values of both ways,"
            " whole = all computed the new way, within = a formula. Empty if unchanged"
        )
    ),
]


class ReportOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.report",
        "name! code! active definition scope_type company department team user owner"
        " unit frequency! current_value current_period_start current_period_stop"
        " currency is_running previous_value target_value target_day target_full"
        " achievement"
        " status! last_measured_at computation_error certification",
        {
            "current_period_stop": "First day after the period",
            "currency": "Its name is the ISO code",
            "target_value": "Due so far where there is a target_day",
            "target_day": "Last day that target_value covers",
            "target_full": "Target of the whole period",
        },
    )
    needs: ClassVar = ("direction", "has_previous", "has_value", "status")
    unit: str


class ReportIn(base.Body):
    definition_id: base.Id
    scope_type: base.ScopeType = "company"
    scope_id: base.Id | None = Field(
        None, description="Company, department, team or user; default: one's company"
    )


class ReportChange(base.Body):
    owner_id: base.Id | None = None
    active: bool | None = None


class ValuesQuery(base.Query):
    first: base.Day = Field(description="The period of this day comes first")
    last: base.Day = Field(description="The period of this day comes last")
    grain: base.Grain | None = Field(None, description="Default: the KPI's own")

    @model_validator(mode="after")
    def _range_is_short(self) -> "ValuesQuery":
        if not timedelta() <= self.last - self.first <= LONGEST:
            raise ValueError("last: at most twenty years after first")
        return self


class JudgedOut(base.Answer):
    period_start: date
    period_stop: date = Field(description="First day after the period")
    is_running: bool = Field(description="The period has not ended")
    value: float | None
    target: float | None
    target_to_date: float | None = Field(
        description="Part of the target that is due; null = all of it"
    )
    achievement: float | None = Field(description="Percent of the target so far")
    status: base.Status
    seam: Seam
    version: date | None = Field(
        description="First day of this computation; null means from the beginning"
    )


class ValuesOut(base.Answer):
    report: base.Reference
    unit: str
    unit_symbol: Annotated[str | None, base.OrNone]
    currency: base.Reference | None = Field(description="Its name is the ISO code")
    company: base.Reference
    department: base.Reference | None
    team: base.Reference | None
    user: base.Reference | None
    grain: base.Grain
    items: list[JudgedOut]


class StandingOut(base.Answer):
    period_start: date
    period_stop: date = Field(description="First day after the period")
    label: str = Field(description="The period in words")
    is_running: bool = Field(description="All that follows is so far")
    value: float | None
    target: float | None = Field(description="Of the whole period")
    target_to_date: float | None = Field(
        description="Part of the target that is due; null = all of it"
    )
    achievement: float | None = Field(description="Percent of the target so far")
    status: base.Status
    alert_count: int = Field(description="Open alerts about this period")


class OutlookOut(base.Answer):
    period_start: date
    period_stop: date = Field(description="First day after the period")
    label: str = Field(description="The period in words")
    value: float = Field(description="Forecast of the value at its end")
    low: float | None = Field(description="Limits of 80%")
    high: float | None
    chance: float | None = Field(
        description="Percent, that the target of the whole period is reached"
    )
    status: Annotated[base.Status | None, base.OrNone] = Field(
        description="Of the forecast value by that target"
    )


class VerdictOut(base.Answer):
    report: base.Reference
    finding: str = Field(
        description="What matters most, in at most 70 characters, if anything"
    )
    running: StandingOut
    closed: StandingOut | None = Field(
        description="The last closed period; of a KPI without recent values their last"
    )
    outlook: OutlookOut | None = Field(
        description="How the running period will probably end"
    )


class TargetOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.target",
        "report date_from value baseline stretch range_low range_high note",
    )


class TargetChange(base.Body):
    value: base.Number | None = None
    stretch: base.Number | None = None
    range_low: base.Number | None = None
    range_high: base.Number | None = None
    note: base.Text | None = None
    reason: base.Text | None = Field(None, description="For who has to approve it")


class TargetIn(TargetChange):
    report_id: base.Id
    date_from: base.Day
