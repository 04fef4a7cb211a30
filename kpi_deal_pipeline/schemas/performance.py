"""Performance of agents and benchmarks; amounts and rates are decimal texts."""

from calendar import monthrange
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from odoo.addons.kpi_base.schemas import base
from odoo.addons.kpi_base.schemas.money import Amount, DecimalIn, DecimalOut, Rate

from .deal import AssetType, DealType

MOST_ROWS = 5_000
PERIOD = r"^[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?|-Q[1-4])?$"
Period = Annotated[str, StringConstraints(pattern=PERIOD)]


class SummaryQuery(base.Query):
    agent_id: base.Id | None = Field(None, description="Default: the key's owner")
    company_id: base.Id | None = Field(None, description="Default: the owner's company")
    period: Period | None = Field(
        None,
        description="2026, 2026-Q1, 2026-03 or 2026-03-31: the latest day in it",
        examples=["2026-Q1"],
    )

    @model_validator(mode="after")
    def _period_exists(self) -> "SummaryQuery":
        _days(self.period)
        return self

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day of the period."""
        return _days(self.period)


def _days(period: str | None) -> tuple[date, date] | None:
    """First and last day; a day that its month has not raises ``ValueError``."""
    if not period:
        return None
    year, _minus, rest = period.partition("-")
    first, last = 1, 12
    if rest.startswith("Q"):
        first, last = int(rest[1]) * 3 - 2, int(rest[1]) * 3
    elif len(rest) > 2:
        day = date.fromisoformat(period)
        return day, day
    elif rest:
        first = last = int(rest)
    end = monthrange(int(year), last)[1]
    return date(int(year), first, 1), date(int(year), last, end)


class ReturnOut(base.Answer):
    value_won_amount: Amount
    commission_cost_amount: Amount
    value_per_commission: DecimalOut | None = Field(
        description="Value won per unit of commission cost; null where there is none"
    )


class AssetTypeReturnOut(ReturnOut):
    asset_type: str | None


class ChannelReturnOut(ReturnOut):
    lead_source: str | None


class MonthReturnOut(ReturnOut):
    month: date = Field(description="Its first day")


class RoiBreakdownOut(ReturnOut):
    by_asset_type: list[AssetTypeReturnOut]
    by_lead_source: list[ChannelReturnOut]
    by_month: list[MonthReturnOut]


class SummaryOut(base.Answer):
    id: int
    agent_id: int
    agent: base.Reference
    company: base.Reference
    currency: str = Field(description="Of all amounts")
    as_of_date: date
    is_final: bool = Field(description="Of the whole day, as known when it ended")
    known_at: base.Moment = Field(description="What was recorded later is not counted")
    deals_open: int
    deals_closed_won: int
    gross_pipeline_value: Amount
    weighted_pipeline_value: Amount
    avg_cycle_days: DecimalOut | None
    conversion_rate: Rate | None
    roi_metrics: dict[str, Any] | None = Field(
        description="null where the key's owner does not see what the agent earns"
    )
    roi_breakdown: RoiBreakdownOut | None = Field(
        description="Of the deals won in the period, or of all, as known now and as far"
        " as the key's owner sees their commissions; null as roi_metrics"
    )
    confirmed_commission_amount: Amount | None = Field(description="As roi_metrics")
    disputed_commission_amount: Amount | None = Field(description="As roi_metrics")
    snapshot_context: dict[str, Any] | None = Field(description="As roi_metrics")
    created_at: base.Moment
    updated_at: base.Moment


class SnapshotOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.agent.performance",
        "agent company as_of_date deals_open deals_closed_won gross_pipeline_value"
        " weighted_pipeline_value avg_cycle_days conversion_rate is_final",
    )
    gross_pipeline_value: Amount
    weighted_pipeline_value: Amount
    avg_cycle_days: DecimalOut | None
    conversion_rate: Rate | None


class BenchmarkOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.performance.benchmark",
        "company metric_key asset_type deal_type cohort value_numeric value_text"
        " source sample_size effective_date created_at! updated_at!",
        {"company": "null: of all companies"},
    )
    value_numeric: DecimalOut | None


AS_OF = (
    base.Day | None,
    Field(None, description="The versions in force on this day; default: today"),
)
ALL_VERSIONS = (bool, Field(False, description="Earlier and later versions, too"))


class BenchmarkIn(base.Body):
    metric_key: base.Name
    cohort: Literal["industry_avg", "top_quartile"]
    source: base.Name
    effective_date: base.Day
    sample_size: Annotated[int, Field(ge=1, le=2**31 - 1)]
    asset_type: AssetType | None = None
    deal_type: DealType | None = None
    value_numeric: DecimalIn | None = None
    value_text: base.Name | None = None
    company_id: base.Id | None = Field(None, description="Default: the owner's company")


class BenchmarksIn(base.Body):
    rows: list[BenchmarkIn] = Field(min_length=1, max_length=MOST_ROWS)
    all_or_nothing: bool = Field(
        False, description="Where a row is refused, none is taken"
    )


class BenchmarkResult(base.Answer):
    index: int = Field(description="Place among the rows sent, from 0 on")
    outcome: Literal["added", "changed", "unchanged", "refused"]
    detail: str | None = Field(None, description="Reason for the error")


class BenchmarksOut(base.Answer):
    added: int
    changed: int
    unchanged: int
    refused: int
    results: list[BenchmarkResult]
