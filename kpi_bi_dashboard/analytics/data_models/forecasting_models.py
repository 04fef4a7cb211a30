"""Forecasts of revenue by every model, side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..revenue_forecasting.revenue_predictor import (
    MODEL_TYPES,
    RevenueForecast,
    RevenuePredictor,
)


def compare_models(
    data: Sequence[float | None],
    period_months: int = 12,
    config: Mapping[str, Any] | None = None,
) -> dict[str, RevenueForecast]:
    """The forecast of each of ``MODEL_TYPES``, most accurate in the first month first.

    Those of which no accuracy is known come last.
    """
    predict = RevenuePredictor(config).predict_revenue
    found = {name: predict(period_months, name, data) for name in MODEL_TYPES}
    return dict(sorted(found.items(), key=lambda one: -(one[1].accuracy[0] or -9)))
