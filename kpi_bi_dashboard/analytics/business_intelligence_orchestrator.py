"""All analyses in one place: of Odoo, as its user sees it, or of given rows."""

from dataclasses import asdict
from typing import Any

import numpy as np

from .cohort_analysis.cohort_analyzer import CohortAnalyzer
from .data_models.competitive_models import market_share, threat_score
from .data_models.customer_models import describe_customers
from .data_models.lifetime_value import build_history, fit_amounts, fit_purchases
from .data_models.marketing_models import acquisition_costs, rate_steps
from .data_models.purchases import Purchases, gather
from .data_models.sales_models import Opportunity, StageVisit
from .data_processing.data_aggregator import DataAggregator
from .executive_reporting.executive_dashboard import ExecutiveDashboard
from .performance_metrics.performance_tracker import PerformanceTracker
from .pipeline_management.pipeline_analyzer import (
    describe_pipeline,
    describe_stages,
    grade_pipeline,
    is_stale,
)
from .revenue_forecasting.revenue_predictor import RevenuePredictor

# theme → analyses, as ``kpi.bi.analysis`` names them
THEMES = {
    "customer": ("customers", "cohorts", "lifetime_value"),
    "sales": ("pipeline", "pipeline_change"),
    "marketing": ("acquisition", "attribution", "budget", "funnel"),
    "market": ("market", "performance"),
    "revenue": ("revenue_forecast",),
}


class BusinessIntelligenceOrchestrator:
    """Runs analyses by their themes.

    Each answer is a dict of ``kpis`` (metric → reading), ``analyses`` (name → figures)
    and ``problems`` (name → why there are none).

    :param config: as ``bi_config.get_config()`` makes it; see ``DataAggregator``
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.aggregator = DataAggregator(config)

    def run_complete_analysis(self) -> dict[str, Any]:
        """The dashboard and all themes."""
        themes = {theme: self._analyze(theme) for theme in THEMES}
        return {"dashboard": self.generate_performance_dashboard(), **themes}

    def generate_performance_dashboard(self) -> dict[str, Any]:
        return ExecutiveDashboard(self.config, self.aggregator).build()

    def analyze_customer_metrics(self) -> dict[str, Any]:
        return self._analyze("customer")

    def analyze_sales_performance(self) -> dict[str, Any]:
        return self._analyze("sales")

    def analyze_marketing_performance(self) -> dict[str, Any]:
        return self._analyze("marketing")

    def analyze_market_position(self) -> dict[str, Any]:
        return self._analyze("market")

    def forecast_revenue(self) -> dict[str, Any]:
        return self._analyze("revenue")

    def _analyze(self, theme: str) -> dict[str, Any]:
        categories = self.config.get("kpi_config", {}).get("kpi_categories", {})
        readings = self.aggregator.read_kpis(categories.get(theme, ()))
        found: dict[str, Any] = {
            "kpis": {metric: asdict(one) for metric, one in readings.items()},
            "analyses": {},
            "problems": {},
        }
        for name in THEMES[theme]:
            try:
                found["analyses"][name] = self._read_or_compute(name)
            except ValueError as error:
                found["problems"][name] = str(error)
        return found

    def _read_or_compute(self, name: str) -> Any:
        if not self.aggregator.has_odoo:
            if compute := getattr(self, f"_compute_{name}", None):
                return compute()
            raise ValueError("known in Odoo only")
        results = self.aggregator.read_results()
        if name not in results:
            raise ValueError("no result yet: it comes with the next run")
        return results[name]["figures"]

    def _gather_purchases(self) -> tuple[Purchases, np.datetime64]:
        rows = self.aggregator.rows("purchases")
        today = self.aggregator.get_today(row["date"] for row in rows)
        purchases = gather(
            np.array([row["customer"] for row in rows]),
            np.array([row["date"] for row in rows], "datetime64[D]"),
            np.array([row["amount"] for row in rows], float),
        )
        return purchases, np.datetime64(today)

    def _compute_customers(self) -> dict[str, Any]:
        found = describe_customers(*self._gather_purchases())
        return {
            group: {
                str(name): {
                    "customers": int(rows.sum()),
                    "revenue": float(found.monetary[rows].sum().round(2)),
                }
                for name in np.unique(values)
                for rows in [values == name]
            }
            for group, values in (("segments", found.segment), ("tiers", found.tier))
        }

    def _compute_cohorts(self) -> dict[str, Any]:
        rows = self.aggregator.rows("purchases")
        return CohortAnalyzer(self.config).analyze_cohorts(rows)

    def _compute_lifetime_value(self) -> dict[str, Any]:
        purchases, today = self._gather_purchases()
        history = build_history(purchases, today)
        model, amounts = fit_purchases(history), fit_amounts(history)
        if problem := model.problem or amounts.problem:
            raise ValueError(problem)
        alive = model.probability_alive(history)
        return {
            "purchases": {
                name: getattr(model, name) for name in ("r", "alpha", "a", "b")
            },
            "amounts": {name: getattr(amounts, name) for name in ("p", "q", "gamma")},
            "alive": float(alive.sum()),
        }

    def _compute_pipeline(self) -> dict[str, Any]:
        rows = [Opportunity(**row) for row in self.aggregator.rows("opportunities")]
        visits = [StageVisit(**row) for row in self.config.get("visits", ())]
        today = self.aggregator.get_today(one.closed or one.created for one in rows)
        since = self.config.get("since") or min(one.created for one in rows)
        pipeline = describe_pipeline(rows, today, since, self.config.get("to_win"))
        stages = {one.stage: one for one in describe_stages(visits, today)}
        pending = [one for one in rows if one.state == "open"]
        stale = [is_stale(one, stages, today) for one in pending]
        share = sum(stale) / len(stale) if stale and visits else None
        grade, points, losses = grade_pipeline(pipeline, share)
        return {
            **asdict(pipeline),
            "stages": [asdict(one) for one in stages.values()],
            "grade": grade,
            "points": points,
            "losses": losses,
        }

    def _compute_acquisition(self) -> dict[str, Any]:
        costs = acquisition_costs(**self.aggregator.rows("acquisition"))
        return {"channels": [asdict(one) for one in costs]}

    def _compute_funnel(self) -> dict[str, Any]:
        names, counts = zip(*self.aggregator.rows("funnel").items(), strict=True)
        return {"steps": [asdict(one) for one in rate_steps(names, counts)]}

    def _compute_market(self) -> dict[str, Any]:
        market = self.aggregator.rows("market")
        return {
            "share": market_share(market.get("revenue", 0.0), market.get("size")),
            "threats": {
                name: asdict(threat_score(**known))
                for name, known in market.get("competitors", {}).items()
            },
        }

    def _compute_performance(self) -> dict[str, Any]:
        tracker = PerformanceTracker(self.aggregator.rows("benchmarks"))
        units = tracker.track_performance(self.aggregator.rows("units"))
        return {"units": [asdict(one) for one in units]}

    def _compute_revenue_forecast(self) -> dict[str, Any]:
        history = self.aggregator.rows("revenue_history")
        found = RevenuePredictor(self.config).predict_revenue(data=history)
        return {**asdict(found), "grade": found.grade, "scenarios": found.scenarios}
