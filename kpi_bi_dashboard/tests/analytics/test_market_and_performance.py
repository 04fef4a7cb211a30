"""Scores of markets, units against benchmarks, forecasts of revenue."""

import numpy as np
import pytest

from ...analytics.data_models.competitive_models import (
    assess_opportunity,
    market_share,
    threat_score,
)
from ...analytics.performance_metrics.performance_tracker import (
    Benchmark,
    PerformanceTracker,
    position,
)
from ...analytics.revenue_forecasting.revenue_predictor import (
    RevenueForecast,
    RevenuePredictor,
)


def test_threats_are_sums_of_their_parts():
    found = threat_score(
        share=0.3, own_share=0.1, growth=0.2, overlap=0.5, price_advantage=0
    )
    # .35 × .75 + .25 × 1 + .25 × .5 + .15 × .5
    assert found.value == pytest.approx(71.25)
    assert sum(found.parts.values()) == pytest.approx(found.value)
    assert found.known_share == 1
    partly = threat_score(growth=-0.5)
    assert (partly.value, partly.known_share) == (0, 0.25)
    assert threat_score().value is None
    assert threat_score(share=0.0, own_share=0.0).value is None


def test_opportunities_and_shares():
    found = assess_opportunity(size=500, own_revenue=1000, growth=0.1, fit=1, ease=0)
    assert found.value == pytest.approx(100 * (0.3 * 0.5 + 0.2 * 0.5 + 0.3))
    assert market_share(5, 100) == 0.05
    assert market_share(5, 0) is None
    assert market_share(5, None) is None


def test_units_against_benchmarks():
    tracker = PerformanceTracker(
        [Benchmark("win_rate", 0.2, 0.4, "survey 2026"), Benchmark("cycle", 60, 30)]
    )
    north, south, west = tracker.track_performance(
        {
            "South": {"win_rate": 0.1, "cycle": 75, "other": 1},
            "North": {"win_rate": 0.4, "cycle": 45},
            "West": {"win_rate": None},
        }
    )
    assert (north.unit, north.score) == ("North", 87.5)
    assert north.ahead == ("win_rate", "cycle")
    assert (south.score, south.behind) == (25, ("win_rate", "cycle"))
    assert west.score is None
    assert position(1.0, Benchmark("flat", 2, 2)) is None


@pytest.mark.parametrize("model", ["linear", "seasonal", "ensemble"])
def test_revenue_of_the_next_year(model):
    season = 1 + 0.3 * np.sin(np.arange(72) * np.pi / 6)
    revenue = (1000 + 10 * np.arange(72)) * season
    predictor = RevenuePredictor({"pipeline": [50, 20], "recurring": [300] * 12})
    found = predictor.predict_revenue(period_months=12, model_type=model, data=revenue)
    assert len(found.expected) == len(found.low) == 12
    assert found.naive == pytest.approx(revenue[-12:].tolist())
    assert (found.pipeline[:3], found.recurring[-1]) == ([50, 20, 0], 300)
    assert (
        found.scenarios["low"] < found.scenarios["expected"] < found.scenarios["high"]
    )
    if model == "ensemble":
        true = (1000 + 10 * np.arange(72, 84)) * season[:12]
        assert np.abs(np.array(found.expected) / true - 1).mean() < 0.05
        assert found.grade in ("A", "B")


@pytest.mark.parametrize(
    ("accuracy", "grade"),
    [
        ([0.96, 0.97, 0.7, 0.1], "D"),
        ([0.96, 0.97, 0.95, 0.1], "A"),  # the fourth month does not count
        ([0.99, 0.99, 0.64, 1], "E"),
        ([0.85, None, 0.99], "C"),
        ([None, None, None, 0.99], None),
    ],
)
def test_a_grade_is_that_of_the_worst_of_three_months(accuracy, grade):
    found = RevenueForecast([], [], [], accuracy, None, [], [], [], "")
    assert found.grade == grade


def test_the_range_of_a_total_is_that_of_the_total():
    # months that vary by chance do not all turn out badly at once
    rng = np.random.default_rng(5)
    inside, narrower = 0, 0
    for _each in range(60):
        revenue = 1000 + rng.normal(0, 100, 48)
        found = RevenuePredictor().predict_revenue(12, "ensemble", revenue[:36])
        low, _expected, high = found.scenarios.values()
        inside += low <= revenue[36:].sum() <= high
        narrower += high - low < sum(found.high) - sum(found.low)
    assert 0.65 < inside / 60 < 0.97
    assert narrower > 50


@pytest.mark.parametrize("model", ["linear", "seasonal", "ensemble"])
@pytest.mark.parametrize("months", [1, 2, 3])
def test_without_three_origins_the_last_value_is_repeated(model, months):
    revenue = [100.0, 180.0, 240.0][:months]
    found = RevenuePredictor().predict_revenue(12, model, revenue)
    assert found.expected == [revenue[-1]] * 12
    assert found.method == "too_short"
    # an error that nobody has measured is no range
    assert {*found.low, *found.high, *found.accuracy, found.skill} == {None}
    assert found.scenarios == {
        "low": None,
        "expected": 12 * revenue[-1],
        "high": None,
    }


def test_grades_need_a_back_test():
    found = RevenuePredictor().predict_revenue(3, "ensemble", [100, 110])
    assert found.grade is None
    with pytest.raises(ValueError, match="models are"):
        RevenuePredictor().predict_revenue(3, "magic", [1, 2])
    with pytest.raises(ValueError, match="at least one month"):
        RevenuePredictor().predict_revenue(3, data=[None])
    for data in ([{"month": "2026-01", "revenue": 5}], {"2026-01": 5}):
        with pytest.raises(ValueError, match="has to be numbers"):
            RevenuePredictor().predict_revenue(data=data)
