"""KPIs of initiatives: baselines, targets, shares and measurements."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base

Category = Literal["financial", "operational", "customer", "employee", "strategic"]
Frequency = Literal["daily", "weekly", "monthly", "quarterly", "annually"]
Direction = Literal["higher", "lower", "range"]
Unit = Literal[
    "number", "percent", "currency", "duration", "score", "boolean", "custom"
]
Method = Literal["entered", "window"]
Trend = Literal["improving", "declining", "stable"]
EntryState = Literal["draft", "submitted", "approved", "rejected"]
Source = Literal["records", "formula", "manual", "import", "api", "external"]
Size = Annotated[base.Number, Field(ge=-1e15, le=1e15)]


class KpiOut(base.Row):
    name: str
    initiative: base.Reference
    report: base.Reference = Field(description="The KPI of the platform")
    company: base.Reference
    category: Category
    measurement_frequency: Frequency
    direction: Direction
    unit: Unit
    unit_symbol: str | None
    baseline_method: Method
    baseline_date: date = Field(description="Last day that the baseline stands for")
    window_from: date | None
    baseline_value: float | None
    baseline_spread: float | None
    baseline_count: int | None
    frozen_at: datetime | None
    correction_note: str | None = Field(
        description="Values of the mean were corrected since it was frozen"
    )
    target_value: float | None
    original_target: float | None = Field(description="The first one that was set")
    unit_value: float | None = Field(
        description="Money that one unit of improvement is worth per month"
    )
    control: base.Reference | None
    control_baseline: float | None
    adoption: base.Reference | None
    volume: base.Reference | None
    share: float = Field(description="In percent, today")
    last_value: float | None
    last_period_start: date | None
    progress: float | None = Field(
        description="1 = target reached; null where baseline and target are equal"
    )
    trend: Trend | None
    warning: str | None
    active: bool
    created_at: datetime
    updated_at: datetime


class ShareIn(base.Body):
    date_from: base.Day
    share: Annotated[base.Number, Field(ge=0, le=100)] = Field(description="In percent")


class KpiChange(base.Body):
    name: base.Name | None = None
    category: Category | None = None
    baseline_method: Method | None = None
    baseline_date: base.Day | None = Field(
        None, description="Last day that the baseline stands for; default: today"
    )
    window_from: base.Day | None = Field(
        None, description="First day of the time whose mean is the baseline"
    )
    baseline_value: Size | None = None
    target_value: Size | None = None
    unit_value: Size | None = None
    control_id: base.Id | None = None
    control_baseline: Size | None = None
    adoption_id: base.Id | None = None
    volume_id: base.Id | None = None
    shares: Annotated[list[ShareIn], Field(max_length=200)] | None = Field(
        None, description="All of them; default: what other initiatives have left"
    )
    active: bool | None = None


class NewKpiIn(base.Body):
    name: base.Name
    unit: Unit = "number"
    unit_symbol: base.Word | None = None
    direction: Literal["higher", "lower"] = "higher"
    measurement_frequency: Frequency = "monthly"
    is_total: bool = Field(False, description="Values of several months add up")


class KpiIn(KpiChange):
    initiative_id: base.Id
    report_id: base.Id | None = Field(None, description="A KPI of the platform")
    new_kpi: NewKpiIn | None = Field(
        None, description="One of this initiative alone, whose values people enter"
    )

    @model_validator(mode="after")
    def _is_one_kpi(self) -> "KpiIn":
        if (self.report_id is None) == (self.new_kpi is None):
            raise ValueError("give either report_id or new_kpi")
        return self


class PointOut(base.Answer):
    period_start: date
    value: float
    progress: float | None
    is_before_baseline: bool


class TrendOut(base.Answer):
    kpi: base.Reference
    trend: Trend | None = Field(description="null: too few values")
    slope_per_day: float | None = Field(description="In the unit of the KPI")
    slope_low: float | None
    slope_high: float | None
    baseline_value: float | None
    target_value: float | None
    last_value: float | None
    progress: float | None
    points: list[PointOut] = Field(description="The last 60 values, oldest first")


class MeasurementOut(base.Row):
    kpi: base.Reference
    initiative: base.Reference
    measurement_date: date = Field(description="First day of the period")
    value: float
    progress: float | None
    is_before_baseline: bool
    source: Source
    measured_by: base.Reference | None
    notes: str | None
    created_at: datetime


class MeasurementIn(base.Body):
    measurement_date: base.Day = Field(description="Any day of the period")
    value: Size
    notes: base.Text = Field(
        "", description="Stored with the value; needed where it corrects another one"
    )


class EnteredOut(base.Row):
    report: base.Reference
    period_start: date
    value: float
    state: EntryState = Field(description="submitted: waits for approval")
    note: str | None
    version: int
