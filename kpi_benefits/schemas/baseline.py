"""KPIs of initiatives: baselines, targets, shares and measurements."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas.base import (
    Answer,
    Archived,
    Body,
    Day,
    Filter,
    Id,
    ListQuery,
    Moment,
    Name,
    Number,
    Reference,
    Row,
    Text,
    Word,
    query_of,
)

from .initiative import Parts

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
Size = Annotated[Number, Field(ge=-1e15, le=1e15)]


class KpiOut(Row):
    name: str
    initiative: Reference
    report: Reference = Field(description="The KPI of the platform")
    company: Reference
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
    frozen_at: Moment | None
    correction_note: str | None = Field(
        description="Values of the mean were corrected since it was frozen"
    )
    target_value: float | None
    original_target: float | None = Field(description="The first one that was set")
    unit_value: float | None = Field(
        description="Money that one unit of improvement is worth per month"
    )
    control: Reference | None
    control_baseline: float | None
    adoption: Reference | None
    volume: Reference | None
    share: float = Field(description="In percent, today")
    last_value: float | None
    last_period_start: date | None
    progress: float | None = Field(
        description="1 = target reached; null where baseline and target are equal"
    )
    trend: Trend | None
    warning: str | None
    active: bool
    created_at: Moment
    updated_at: Moment


KpiQuery = query_of(KpiOut)


class KpisQuery(ListQuery):
    row: ClassVar = KpiOut
    sortable: ClassVar = ("name",)

    parts: Parts = False
    category: Annotated[Category | None, Filter("category")] = None
    report_id: Annotated[Id | None, Filter("report_id")] = None
    text: Annotated[Word | None, Filter("name", "ilike")] = Field(
        None, description="Part of the name"
    )
    active: Archived = None


class ShareIn(Body):
    date_from: Day
    share: Annotated[Number, Field(ge=0, le=100)] = Field(description="In percent")


class KpiChange(Body):
    name: Name | None = None
    category: Category | None = None
    baseline_method: Method | None = None
    baseline_date: Day | None = Field(
        None, description="Last day that the baseline stands for; default: today"
    )
    window_from: Day | None = Field(
        None, description="First day of the time whose mean is the baseline"
    )
    baseline_value: Size | None = None
    target_value: Size | None = None
    unit_value: Size | None = None
    control_id: Id | None = None
    control_baseline: Size | None = None
    adoption_id: Id | None = None
    volume_id: Id | None = None
    shares: Annotated[list[ShareIn], Field(max_length=200)] | None = Field(
        None, description="All of them; default: what other initiatives have left"
    )
    active: bool | None = None


class NewKpiIn(Body):
    name: Name
    unit: Unit = "number"
    unit_symbol: Word | None = None
    direction: Literal["higher", "lower"] = "higher"
    measurement_frequency: Frequency = "monthly"
    is_total: bool = Field(False, description="Values of several months add up")


class KpiIn(KpiChange):
    initiative_id: Id
    report_id: Id | None = Field(None, description="A KPI of the platform")
    new_kpi: NewKpiIn | None = Field(
        None, description="One of this initiative alone, whose values people enter"
    )

    @model_validator(mode="after")
    def _is_one_kpi(self) -> "KpiIn":
        if (self.report_id is None) == (self.new_kpi is None):
            raise ValueError("give either report_id or new_kpi")
        return self


class PointOut(Answer):
    period_start: date
    value: float
    progress: float | None
    is_before_baseline: bool


class TrendOut(Answer):
    kpi: Reference
    trend: Trend | None = Field(description="null: too few values")
    slope_per_day: float | None = Field(description="In the unit of the KPI")
    slope_low: float | None
    slope_high: float | None
    baseline_value: float | None
    target_value: float | None
    last_value: float | None
    progress: float | None
    points: list[PointOut] = Field(description="The last 60 values, oldest first")


class MeasurementOut(Row):
    kpi: Reference
    initiative: Reference
    measurement_date: date = Field(description="First day of the period")
    value: float
    progress: float | None
    is_before_baseline: bool
    source: Source
    measured_by: Reference | None
    notes: str | None
    created_at: Moment


class MeasurementsQuery(ListQuery):
    row: ClassVar = MeasurementOut
    sortable: ClassVar = ("measurement_date",)

    first: Annotated[Day | None, Filter("measurement_date", ">=")] = None
    last: Annotated[Day | None, Filter("measurement_date", "<=")] = None


class MeasurementIn(Body):
    measurement_date: Day = Field(description="Any day of the period")
    value: Size
    notes: Text = Field(
        "", description="Stored with the value; needed where it corrects another one"
    )


class EnteredOut(Row):
    report: Reference
    period_start: date
    value: float
    state: EntryState = Field(description="submitted: waits for approval")
    note: str | None
    version: int


EnteredQuery = query_of(EnteredOut)
