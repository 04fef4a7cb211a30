"""The orchestrator on rows, and the examples that it was asked for by."""

from datetime import date, datetime, timedelta

import pytest

from ...analytics.business_intelligence_orchestrator import (
    THEMES,
    BusinessIntelligenceOrchestrator,
)
from ...analytics.dashboard.dashboard_config import bi_config
from ...analytics.data_models.forecasting_models import compare_models
from ...analytics.data_models.kpi_models import AlertRule, KpiReading
from ...analytics.data_processing.data_aggregator import DataAggregator
from ...analytics.kpi_tracking.kpi_monitor import KPIMonitor

# letter for letter
EXAMPLES = """
from market.analytics.business_intelligence_orchestrator import \
BusinessIntelligenceOrchestrator
from market.analytics.dashboard.dashboard_config import bi_config

# Initialize the BI system
config = bi_config.get_config()
orchestrator = BusinessIntelligenceOrchestrator(config)

# Run complete analysis
results = orchestrator.run_complete_analysis()

# Generate executive dashboard
dashboard_data = orchestrator.generate_performance_dashboard()

# Get specific insights
customer_analysis = orchestrator.analyze_customer_metrics()
sales_analysis = orchestrator.analyze_sales_performance()

from market.analytics.cohort_analysis.cohort_analyzer import CohortAnalyzer
from market.analytics.revenue_forecasting.revenue_predictor import RevenuePredictor

# Cohort analysis
cohort_analyzer = CohortAnalyzer(config)
cohort_results = cohort_analyzer.analyze_cohorts(cohort_data)

# Revenue forecasting
revenue_predictor = RevenuePredictor(forecasting_config)
forecast = revenue_predictor.predict_revenue(
    period_months=12,
    model_type='ensemble',
    data=revenue_history
)

kpi_config = {
    'refresh_interval_minutes': 60,
    'alert_cooldown_minutes': 60,
    'kpi_categories': {
        'financial': ['revenue', 'gross_margin', 'operating_margin'],
        'customer': ['customer_acquisition', 'churn_rate', 'nrr'],
        'sales': ['win_rate', 'pipeline_coverage', 'deal_size']
    }
}

alert_rules = [
    {
        'name': 'Revenue Below Target',
        'metric': 'revenue',
        'condition': 'below',
        'threshold': 0.9,
        'severity': 'critical'
    }
]
"""
PURCHASES = [
    {"customer": 1, "date": "2026-01-05", "amount": 100.0},
    {"customer": 1, "date": "2026-02-05", "amount": 50.0},
    {"customer": 2, "date": "2026-02-07", "amount": 30.0},
]
NOON = datetime(2026, 3, 1, 12)


def _example():
    names = {
        "cohort_data": PURCHASES,
        "forecasting_config": {"season_length": 12},
        "revenue_history": [100.0 + month for month in range(36)],
    }
    package = "odoo.addons.kpi_bi_dashboard.analytics"
    examples = EXAMPLES.replace("market.analytics", package)
    exec(examples, names)  # noqa: S102 examples run as they are printed
    return names


def test_the_examples_run():
    names = _example()
    assert [one["size"] for one in names["cohort_results"]["cohorts"]] == [1, 1]
    assert len(names["forecast"].expected) == 12
    assert names["results"]["dashboard"] == names["dashboard_data"]
    # without rows nothing is made up
    assert not names["customer_analysis"]["analyses"]
    assert "purchases" in names["customer_analysis"]["problems"]["customers"]
    assert set(names["results"]) == {"dashboard", *THEMES}
    assert "revenue" in names["dashboard_data"]["missing"]


def test_the_examples_say_what_is_usual():
    names, usual = _example(), bi_config.get_config()
    assert usual["kpi_config"] == names["kpi_config"]
    assert usual["alert_rules"][:1] == names["alert_rules"]


def test_a_dashboard_of_rows():
    kpis = {
        "revenue": {"value": 60, "target": 100},
        "nrr": {"value": 110, "target": 90},
    }
    config = bi_config.get_config(kpis=kpis)
    found = BusinessIntelligenceOrchestrator(config).generate_performance_dashboard()
    financial, customer, sales = found["sections"]
    assert financial["score"] == pytest.approx(60)
    assert customer["score"] == 100  # 122% of the target counts as reached
    assert sales["score"] is None
    assert found["score"] == pytest.approx(80)
    assert found["off_target"] == ["revenue"]
    # 60 is below 0.9 × 100; of what has no value nothing is known
    assert [one["name"] for one in found["alerts"]] == ["Revenue Below Target"]


def test_every_theme_of_rows():
    config = bi_config.get_config(
        today="2026-02-28",
        purchases=PURCHASES,
        opportunities=[
            {
                "number": number,
                "amount": 100.0,
                "probability": 0.5,
                "stage": 1,
                "created": date(2026, 1, 1),
                "state": state,
                "closed": None if state == "open" else date(2026, 1, 11),
            }
            for number, state in enumerate(["open", "open", "won", "lost"])
        ],
        to_win=100.0,
        acquisition={"spend": {"ads": 100}, "customers": {"ads": 4}},
        funnel={"lead": 100, "order": 20},
        revenue_history=[100.0 + month for month in range(36)],
    )
    found = BusinessIntelligenceOrchestrator(config).run_complete_analysis()
    analyses = {
        name: one for theme in THEMES for name, one in found[theme]["analyses"].items()
    }
    assert (
        sum(one["customers"] for one in analyses["customers"]["segments"].values()) == 2
    )
    assert sum(one["size"] for one in analyses["cohorts"]["cohorts"]) == 2
    pipeline = analyses["pipeline"]
    assert (pipeline["total"], pipeline["coverage"]) == (200, 2)
    assert (pipeline["win_rate"], pipeline["cycle_days"]) == (0.5, 10)
    # two of three of the coverage, and nothing else is known
    assert (pipeline["grade"], pipeline["points"]) == ("C", 67)
    assert analyses["acquisition"]["channels"][0]["cost"] == 25
    assert analyses["funnel"]["steps"][1]["rate"] == 0.2
    assert len(analyses["revenue_forecast"]["expected"]) == 12
    assert found["marketing"]["problems"]["attribution"] == "known in Odoo only"


def test_models_are_compared():
    found = compare_models([100.0 + 3 * month for month in range(48)], 3)
    assert set(found) == {"linear", "exponential", "seasonal", "ensemble"}
    known = [one.accuracy[0] for one in found.values() if one.accuracy[0] is not None]
    assert known == sorted(known, reverse=True)
    assert known[0] == pytest.approx(1, abs=0.01)  # a line is forecast by a line


@pytest.mark.parametrize(
    ("value", "target", "holds"),
    [
        (89, 100, True),
        (90, 100, False),  # 90% is not below 90%
        (None, 100, None),
        (89, None, None),  # without a target nobody knows
        (-10, -10, True),  # below 0.9 × −10 = −9
    ],
)
def test_shares_of_targets(value, target, holds):
    rule = AlertRule("Revenue Below Target", "revenue", "below", 0.9, "critical")
    assert (
        rule.holds(KpiReading.of("revenue", {"value": value, "target": target}))
        is holds
    )


def test_a_rule_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="condition is one of below, above"):
        AlertRule("Odd", "revenue", "beneath", 0.9)


def test_intervals_and_cooldown_are_kept():
    kpis = {"revenue": {"value": 80, "target": 100}}
    monitor = KPIMonitor(bi_config.get_config(kpis=kpis))
    minute = timedelta(minutes=1)
    assert [one.rule.name for one in monitor.check_alerts(NOON)] == [
        "Revenue Below Target"
    ]
    kpis["revenue"]["value"] = 95
    assert not monitor.check_alerts(NOON + 59 * minute)
    assert monitor.open, "read within the hour"
    assert not monitor.check_alerts(NOON + 60 * minute)
    assert not monitor.open
    kpis["revenue"]["value"] = 80
    monitor.refresh = timedelta()
    assert not monitor.check_alerts(NOON + 119 * minute), "cooldown"
    assert monitor.check_alerts(NOON + 120 * minute)
    kpis["revenue"]["value"] = None
    assert not monitor.check_alerts(NOON + 121 * minute)
    assert monitor.open, "no value does not end it"


def test_less_churn_is_better_unless_somebody_says_otherwise():
    config = bi_config.get_config(
        kpis={
            "churn_rate": {"value": 5, "target": 10},
            "nrr": {"value": 5, "target": 10, "direction": "higher"},
        }
    )
    found = DataAggregator(config).read_kpis(["churn_rate", "nrr"])
    assert found["churn_rate"].direction == "lower"
    assert found["churn_rate"].status == "on_target"
    assert found["nrr"].status == "off_target"
