"""KPIs of initiatives: baselines, targets, shares and measurements."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base

Category = Literal["financial", "operational", "customer", "employee", "strategic"]
Frequency = Literal["daily", "weekly", "monthly", "quarterly", "annually"]
Unit = Literal[
    "number", "percent", "currency", "duration", "score", "boolean", "custom"
]
Method = Literal["entered", "window"]
Trend = Literal["improving", "declining", "stable"]
Size = Annotated[base.Number, Field(ge=-1e15, le=1e15)]


class KpiOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.baseline",
        "name initiative report company! category measurement_frequency! direction!"
        " unit! unit_symbol baseline_method baseline_date window_from baseline_value"
        " baseline_spread baseline_count frozen_at correction_note target_value"
        " original_target unit_value control control_baseline adoption volume share"
        " last_value last_period_start progress trend warning is_redefined"
        " redefinition_note definition_day active created_at!"
        " updated_at!",
        {
            "report": "The KPI of the platform",
            "baseline_date": "Last day of the baseline period",
            "correction_note": "Values of the mean were corrected since it was frozen",
            "is_redefined": "A KPI is measured by another definition than the baseline",
            "redefinition_note": "Since when, and which one",
            "definition_day": "First day of the version that the baseline was entered"
            " for; null: that of its time",
            "original_target": "The first one that was set",
            "unit_value": "Money that one unit of improvement is worth per month",
            "share": "In percent, today",
            "progress": "1 = target reached; null where baseline and target are equal",
        },
    )


class ShareIn(base.Body):
    date_from: base.Day
    share: Annotated[base.Number, Field(ge=0, le=100)] = Field(description="In percent")


class KpiChange(base.Body):
    name: base.Name | None = None
    category: Category | None = None
    baseline_method: Method | None = None
    baseline_date: base.Day | None = Field(
        None, description="Last day of the baseline period; default: today"
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


class BaselinePoint(base.Answer):
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
    points: list[BaselinePoint] = Field(description="The last 60 values, oldest first")


class MeasurementOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.baseline.measurement",
        "kpi! initiative! measurement_date! value progress is_before_baseline source!"
        " measured_by notes created_at!",
        {"measurement_date": "First day of the period"},
    )


class MeasurementIn(base.Body):
    measurement_date: base.Day = Field(description="Any day of the period")
    value: Size
    notes: base.Text = Field(
        "", description="Stored with the value; needed where it corrects another one"
    )


class EnteredOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.submission",
        "report period_start value state note version",
        {"state": "submitted: waits for approval"},
    )
