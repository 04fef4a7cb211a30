"""The executive dashboard, results of analyses, customers and markets."""

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

from ..analytics.data_models.kpi_models import AlertRule, KpiReading


class SectionOut(base.Answer):
    name: str
    score: float | None = Field(
        description="Mean achievement, each 0 to 100; null: no target"
    )
    kpis: list[KpiReading]


class DashboardOut(base.Answer):
    company: base.Reference
    score: float | None
    sections: list[SectionOut]
    off_target: list[str]
    missing: list[str] = Field(description="Metrics without a value")
    alerts: list[AlertRule] = Field(description="The usual rules that are broken")


class AnalysisOut(base.Answer):
    name: str = Field(examples=["cohorts"])
    title: str
    result_id: int | None = Field(description="Of the newest result; null: none yet")
    cutoff_date: date | None = Field(description="The last day that counts")
    computed_at: base.Moment | None


class AnalysisQuery(base.Query):
    result_id: base.Id | None = Field(None, description="Default: the newest one")


class ResultOut(AnalysisOut):
    parameters: dict[str, Any]
    figures: dict[str, Any] = Field(description="“margin” for its readers only")
    checks: dict[str, Any] = Field(description="What is odd in the data")


class HistoryOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.bi.result",
        "cutoff_date! computed_at! version! data_hash! parameters checks",
    )


class CustomerOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.bi.customer",
        "partner reference currency! cutoff_date first_date last_date recency_days"
        " frequency monetary margin tenure_days churn_state recency_class"
        " frequency_class monetary_class segment tier probability_alive"
        " expected_purchases lifetime_value",
        {"margin": "For its readers only"},
    )


class PurchasesQuery(base.Query):
    first: base.Day | None = Field(None, description="A day of the first month")
    last: base.Day | None = Field(None, description="A day of the last month")


class PurchaseMonthOut(base.Answer):
    month: date
    customers: int
    amount: float
    quantity: float
    margin: float | None = Field(description="null: not known, or not for its reader")


class PurchasesOut(base.Answer):
    currency: base.Reference
    items: list[PurchaseMonthOut]


class RunOut(base.Answer):
    id: int
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress_ratio: float = Field(description="0 to 1")
    started_at: base.Moment | None
    finished_at: base.Moment | None
    error: str | None


class MarketOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.bi.market",
        "name! year! category country_ids size growth own_revenue own_share source!"
        " date! currency!",
    )


class CompetitorOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.bi.competitor",
        "name! market share growth overlap price_advantage score source! date!",
    )


class SwotOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.bi.swot", "name! kind! description market vote_count report active"
    )


class OpportunityOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.bi.opportunity",
        "name! market state! user size growth fit ease score currency! active",
    )


class BenchmarkOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.bi.benchmark", "measure! category date_from! middle! best source"
    )
