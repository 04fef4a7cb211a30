"""All analyses in one place: of Odoo, as its user sees it, or of given rows."""

from dataclasses import asdict
from functools import partialmethod
from typing import Any

import numpy as np

from .cohort_analysis.cohort_analyzer import CohortAnalyzer
from .data_models.customer_models import describe_customers, sum_up
from .data_models.marketing_models import acquisition_costs, rate_steps
from .data_models.purchases import gather_rows
from .data_models.sales_models import Opportunity
from .data_processing.data_aggregator import DataAggregator
from .executive_reporting.executive_dashboard import ExecutiveDashboard
from .pipeline_management.pipeline_analyzer import describe_pipeline, grade_pipeline
from .revenue_forecasting.revenue_predictor import RevenuePredictor

# theme → analyses, as ``kpi.bi.analysis`` names them
THEMES = {
    "customer": ("customers", "cohorts", "lifetime_value"),
    "sales": ("pipeline", "pipeline_change"),
    "marketing": ("acquisition", "attribution", "budget", "funnel"),
    "market": ("market", "performance"),
    "revenue": ("revenue_forecast", "movements", "bridge", "findings"),
}


class BusinessIntelligenceOrchestrator:
    """Runs analyses by their themes.

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

    def _analyze(self, theme: str) -> dict[str, Any]:
        """``kpis``, figures of ``analyses``, and of others why there are none."""
        categories = self.config.get("kpi_config", {}).get("kpi_categories", {})
        readings = self.aggregator.read_kpis(categories.get(theme, ()))
        kpis = {metric: asdict(one) for metric, one in readings.items()}
        found: dict[str, Any] = {"kpis": kpis, "analyses": {}, "problems": {}}
        for name in THEMES[theme]:
            try:
                found["analyses"][name] = self._read_or_compute(name)
            except ValueError as error:
                found["problems"][name] = str(error)
        return found

    analyze_customer_metrics = partialmethod(_analyze, "customer")
    analyze_sales_performance = partialmethod(_analyze, "sales")
    analyze_marketing_performance = partialmethod(_analyze, "marketing")
    analyze_market_position = partialmethod(_analyze, "market")
    forecast_revenue = partialmethod(_analyze, "revenue")

    def _read_or_compute(self, name: str) -> Any:
        if not self.aggregator.has_odoo:
            if compute := getattr(self, f"_compute_{name}", None):
                return compute()
            raise ValueError("known in Odoo only")
        results = self.aggregator.read_results()
        if name not in results:
            raise ValueError("no result yet: it comes with the next run")
        return results[name]

    def _compute_customers(self) -> dict[str, Any]:
        purchases = gather_rows(self.aggregator.rows("purchases"))
        today = self.aggregator.get_today(purchases.days)
        found = describe_customers(purchases, np.datetime64(today))
        return {"segments": sum_up(found, found.segment)}

    def _compute_cohorts(self) -> dict[str, Any]:
        rows = self.aggregator.rows("purchases")
        return CohortAnalyzer(self.config).analyze_cohorts(rows)

    def _compute_pipeline(self) -> dict[str, Any]:
        rows = [Opportunity(**row) for row in self.aggregator.rows("opportunities")]
        today = self.aggregator.get_today(one.closed or one.created for one in rows)
        since = min(one.created for one in rows)
        found = describe_pipeline(rows, today, since, self.config.get("to_win"))
        grade, points, losses = grade_pipeline(found, None)
        return {**asdict(found), "grade": grade, "points": points, "losses": losses}

    def _compute_acquisition(self) -> dict[str, Any]:
        costs = acquisition_costs(**self.aggregator.rows("acquisition"))
        return {"channels": [asdict(one) for one in costs]}

    def _compute_funnel(self) -> dict[str, Any]:
        names, counts = zip(*self.aggregator.rows("funnel").items(), strict=True)
        return {"steps": [asdict(one) for one in rate_steps(names, counts)]}

    def _compute_revenue_forecast(self) -> dict[str, Any]:
        history = self.aggregator.rows("revenue_history")
        return RevenuePredictor(self.config).predict_revenue(data=history).as_dict()
