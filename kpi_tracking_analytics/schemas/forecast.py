"""Trends and forecasts of KPIs."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from odoo.addons.kpi_base.schemas import base


class ForecastRow(base.Row):
    of: ClassVar = base.Fields(
        "kpi.predictive.analytics",
        "kpi period_start expected_value expected_low expected_high"
        " predicted_target_achievement target_probability confidence_score skill"
        " prediction_model origin is_stale error",
        {
            "expected_low": "Of 80%",
            "expected_high": "Of 80%",
            "predicted_target_achievement": "Percent",
            "target_probability": "Percent",
            "confidence_score": "100 less the error of earlier forecasts, in percent",
            "skill": "Percent of the error of naive methods that is saved",
            "is_stale": "Values have changed since",
        },
    )
    prediction_model: base.Word
    origin: base.Word | None


class ForecastPoint(base.Answer):
    period_start: date
    value: float | None
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None
    achievement: float | None = Field(description="Percent")
    target_probability: float | None = Field(description="Percent")


class ForecastTotal(ForecastPoint):
    grain: base.Grain


class ForecastOut(base.Answer):
    report_id: int
    made_on: date | None = Field(description="First day of the period that runs")
    origin: base.Word | None
    confidence_score: float | None
    recommendation: str
    is_stale: bool
    points: list[ForecastPoint]
    totals: list[ForecastTotal] = Field(
        description="Longer periods that run, of KPIs that add up"
    )


class TrendOut(base.Answer):
    report_id: int
    trend_7_days: float | None = Field(description="Percent; of daily KPIs")
    trend_30_days: float | None = Field(description="Percent; of daily and weekly ones")
    trend_periods: float | None = Field(
        description="Percent: three periods against the three before"
    )
    performance_velocity: float | None = Field(description="Slope a day")
    velocity_low: float | None
    velocity_high: float | None
    course: base.Word = Field(description="better, worse or steady")
    seasonality_detected: bool
    season_length: int | None = Field(description="Periods")
    season_strength: float | None
    volatility_index: float | None = Field(description="Percent")
    shift_start: date | None
    shift_size: float | None
    streak: int | None = Field(description="Below 0: periods off target")
    limit_low: float | None
    limit_high: float | None
    is_stale: bool


class AnomalyOut(base.Answer):
    id: int
    kind: base.Word = Field(description="spike, level_shift or gap")
    state: base.Word = Field(description="new or confirmed")
    period_start: date
    period_last: date = Field(description="First day of the last period")
    value: float | None
    expected: float | None
    margin: float | None = Field(description="Distance that is still usual")
    score: float | None = Field(description="Distance in multiples of the margin")
    description: str


class AnomaliesOut(base.Answer):
    report_id: int
    anomalies: list[AnomalyOut]
