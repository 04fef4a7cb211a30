"""Targets that a KPI reaches with a chance, and the chance that it gets worse."""

from collections.abc import Callable

import numpy as np

from odoo.addons.kpi_tracking_analytics.analytics.forecast import Forecast
from odoo.addons.kpi_tracking_analytics.analytics.forecast.result import take_rows

STRETCH = 0.25  # chance of a stretch; that of the target is a half
LEAST_JUDGED = 6  # earlier forecasts that the chances are measured on
QUANTILES = 199


def suggest_targets(
    forecast: Forecast, directions: np.ndarray, ahead: int
) -> tuple[np.ndarray, np.ndarray]:
    """Values that are reached with 50 % and with 25 % chance.

    :param directions: shape (KPIs,): higher, lower or range
    :param ahead: column of the period that they are for
    :return: two arrays of shape (KPIs,), in the unit of the KPI; NaN for ranges, and
        where too few forecasts were judged
    """
    target = forecast.mean[:, ahead]
    side = np.select([directions == "higher", directions == "lower"], [1, -1], 0)
    # Errors lie as far to both sides: half of them within this width, a quarter beyond.
    width = forecast.errors.width(1 - 2 * STRETCH)[:, ahead]
    stretch = target + side * width
    low, high = forecast.low_95[:, ahead], forecast.high_95[:, ahead]
    stretch = np.where(low <= high, np.clip(stretch, low, high), stretch)
    is_known = (side != 0) & (forecast.judged >= LEAST_JUDGED)
    return np.where(is_known, target, np.nan), np.where(is_known, stretch, np.nan)


def measure_risk(
    forecast: Forecast,
    row: int,
    ahead: int,
    shift: tuple[float, float],
    rank: Callable[[np.ndarray], np.ndarray],
    now: int,
) -> float:
    """Chance that a KPI comes to a worse status than it has.

    :param shift: what is to be expected, and by which factor less may be off it
    :param rank: values → how bad each is; larger is worse
    :param now: how bad it is now
    :return: from 0 to 1; NaN without a forecast
    """
    mean, factor = shift
    if np.isnan(mean) or np.isnan(forecast.errors.scale[row, ahead]):
        return np.nan
    shares = (np.arange(QUANTILES) + 0.5) / QUANTILES
    inner = np.abs(2 * shares - 1)
    errors = take_rows(forecast.errors, slice(row, row + 1))
    widths = [errors.width(min(each, 0.998))[0, ahead] for each in inner]
    values = mean + np.sign(2 * shares - 1) * np.array(widths) * factor
    return float((rank(values) > now).mean())
