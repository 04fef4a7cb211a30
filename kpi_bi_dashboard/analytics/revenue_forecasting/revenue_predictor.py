"""Revenue of the coming months, compared with a plain forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from odoo.addons.kpi_tracking_analytics.analytics.forecast import (
    TOO_SHORT,
    Forecast,
    forecast,
)

from ..plain import plain

YEAR = 12
INTERVAL = 0.8
MIN_ORIGINS = 3  # of a back-test; below, the last value is repeated
# the seed's words → methods of kpi_tracking_analytics
MODEL_TYPES = {
    "linear": "linear_regression",
    "exponential": "exponential",
    "seasonal": "seasonal",
    "ensemble": "automatic",
}
# of confidence (100 × (1 − WAPE) of the back-test), from which on a forecast has a
# grade
GRADES = ((95, "A"), (90, "B"), (80, "C"), (65, "D"))


@dataclass(frozen=True)
class RevenueForecast:
    """Revenue month by month.

    :ivar expected: of the history alone
    :ivar low, high: within which it lies with 80%; None = no error is known yet
    :ivar accuracy: 1 − WAPE of forecasts as far ahead, of the past; None = not known
    :ivar skill: share of the plain forecasts' error that is saved; below 0 = worse
    :ivar naive: the same months of a year before
    :ivar pipeline: what open opportunities bring, by their probability
    :ivar recurring: what is under contract
    :ivar method: what the forecast was made by
    :ivar total_range: limits of all months together, with 80%
    """

    expected: list[float]
    low: list[float | None]
    high: list[float | None]
    accuracy: list[float | None]
    skill: float | None
    naive: list[float | None]
    pipeline: list[float]
    recurring: list[float]
    method: str
    total_range: tuple[float | None, float | None] = (None, None)

    @property
    def grade(self) -> str | None:
        """A to E by the accuracy of the first three months; None = not known."""
        known = [one for one in self.accuracy[:3] if one is not None]
        if not known:
            return None
        accuracy = 100 * min(known)
        return next((name for least, name in GRADES if accuracy >= least), "E")

    @property
    def scenarios(self) -> dict[str, float | None]:
        """The total of all months: cautious, as expected, and ambitious.

        The limits are those of the total, by its own past errors; the limits of months
        do not add up.
        """
        low, high = self.total_range
        return {"low": low, "expected": float(sum(self.expected)), "high": high}

    def as_dict(self) -> dict[str, Any]:
        """All of it, the grade and the scenarios among it, as JSON."""
        return {**plain(self), "grade": self.grade, "scenarios": self.scenarios}


class RevenuePredictor:
    """Forecasts by ``MODEL_TYPES``.

    :param config: ``season_length`` (default 12), ``pipeline`` and ``recurring``:
        amounts by month to come
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = dict(config or {})

    def predict_revenue(
        self,
        period_months: int = 12,
        model_type: str = "ensemble",
        data: Sequence[float | None] = (),
    ) -> RevenueForecast:
        """Revenue of the next months.

        :param data: revenue of the months that are over, oldest first; None = not known
        :raises ValueError: an unknown model, no month to forecast, or no data
        """
        if model_type not in MODEL_TYPES:
            raise ValueError(f"models are {', '.join(MODEL_TYPES)}, got {model_type}")
        try:
            values = np.array([[np.nan if one is None else one for one in data]], float)
        except (TypeError, ValueError):
            raise ValueError("data has to be numbers, oldest month first") from None
        if np.isnan(values).all():
            raise ValueError("a forecast needs the revenue of at least one month")
        season = self.config.get("season_length", YEAR)
        found = forecast(
            values,
            horizon=period_months,
            season_length=season,
            method=MODEL_TYPES[model_type],
        )
        return self._describe(found, values[0], season)

    def _describe(
        self, found: Forecast, values: np.ndarray, season: int
    ) -> RevenueForecast:
        months = found.mean.shape[1]
        if found.judged[0] < MIN_ORIGINS:
            known = values[~np.isnan(values)]
            nothing = [None] * months
            return RevenueForecast(
                [float(known[-1])] * months,
                nothing,
                nothing,
                nothing,
                None,
                self._repeat_year(values, season, months),
                self._amounts("pipeline", months),
                self._amounts("recurring", months),
                TOO_SHORT,
            )
        total, width = found.mean[0].sum(), found.totals.width(INTERVAL)[0, -1]
        # of what never was below 0, no total is
        low = total - width if np.nanmin(values) < 0 else max(total - width, 0.0)
        share = found.confidence[0] / 100
        return RevenueForecast(
            found.mean[0].tolist(),
            plain(found.low_80[0]),
            plain(found.high_80[0]),
            plain(share),
            plain(found.skill[0]),
            self._repeat_year(values, season, months),
            self._amounts("pipeline", months),
            self._amounts("recurring", months),
            str(found.labels[0]),
            (plain(low), plain(total + width)),
        )

    def _repeat_year(
        self, values: np.ndarray, season: int, months: int
    ) -> list[float | None]:
        last = values[-season:] if len(values) >= season else np.full(season, np.nan)
        return plain(last[np.arange(months) % season])

    def _amounts(self, name: str, months: int) -> list[float]:
        known = [float(one) for one in self.config.get(name, ())][:months]
        return known + [0.0] * (months - len(known))
