"""One model of machine learning for all series, by scikit-learn.

Gradient boosted trees over lags and the calendar, on values scaled by series (Montero-
Manso & Hyndman 2021, International Journal of Forecasting 37, 1632–1653, on one model
for many series). The horizon is one of the features, so no forecast is fed on another.
"""

import math
from typing import Any

import numpy as np

from .paths import carry_forward

LAGS = (0, 1, 2, 3)
SEASONS_BACK = (1, 2)
LEAST_ROWS = 100
MOST_ROWS = 100_000
MOST_JUDGED = 36
LARGEST_STEP = 10.0  # in units of a series' usual change: one-off events teach little
TREES = 150
RATE = 0.08


def learned_paths(
    values: np.ndarray, season_length: int, horizon: int
) -> np.ndarray | None:
    """Forecasts of the last origins, by a model that never saw what it is judged by.

    A first model learns from all but the last quarter, at most :data:`MOST_JUDGED` and
    at least ``horizon`` periods, and is judged there; a second one learns from all for
    the last origin.

    :param values: shape (series, periods); NaN = no data
    :return: shape (series, periods, horizon), NaN for the origins before; None with too
        little to learn from
    :raises ImportError: scikit-learn is not there
    """
    periods = values.shape[1]
    table = _Table(values, season_length, horizon)
    first = periods - 1 - max(horizon, min(periods // 4, MOST_JUDGED))
    paths = np.full((*values.shape, horizon), np.nan)
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ImportError(
            "Forecasts by machine learning need the Python package scikit-learn: "
            "install it, or choose another method."
        ) from error
    blank = HistGradientBoostingRegressor(
        max_iter=TREES, learning_rate=RATE, early_stopping=False, random_state=0
    )
    # threads of so little work wait for one another most of the time
    with threadpool_limits(1):
        model = _fit(blank, table, periods - 1)
        if model is None:
            return None
        table.predict(model, periods - 1, paths)
        model = _fit(blank, table, first) if first > 0 else None
        for origin in range(first, periods - 1) if model else ():
            table.predict(model, origin, paths)
    return paths


class _Table:
    """Features and targets of each origin, in units of the series' usual change."""

    def __init__(self, values: np.ndarray, season_length: int, horizon: int) -> None:
        self.values = values
        self.horizon = horizon
        self._season_length = season_length
        self._filled = carry_forward(values)
        count = np.cumsum(~np.isnan(values), axis=1)
        changes = np.zeros(values.shape)
        changes[:, 1:] = np.abs(np.diff(self._filled, axis=1))
        total = np.cumsum(np.nan_to_num(changes), axis=1)
        self._scale = np.where(total > 0, total / np.maximum(count - 1, 1), np.nan)

    def features(self, origin: int, ahead: int) -> np.ndarray:
        """Shape (series, features): what is known at the end of ``origin``."""
        season, aim = self._season_length, origin + ahead
        last, scale = self._filled[:, origin], self._scale[:, origin]
        backs = [origin - lag for lag in LAGS]
        places = backs + [
            aim - season * (back + (ahead - 1) // season) for back in SEASONS_BACK
        ]
        unknown = np.full(len(last), np.nan)
        lags = [self._filled[:, at] if at >= 0 else unknown for at in places]
        window = self._filled[:, max(origin - season + 1, 0) : origin + 1]
        lags.append(window.mean(axis=1))
        # what is not there is taken to be like the last value
        columns = [np.nan_to_num((lag - last) / scale) for lag in lags]
        series = len(self.values)
        columns += [np.full(series, float(aim % season)), np.full(series, float(ahead))]
        return np.stack(columns, axis=1)

    def targets(self, origin: int, ahead: int) -> np.ndarray:
        """Steps from the last value to the one to forecast."""
        step = self.values[:, origin + ahead] - self._filled[:, origin]
        return np.clip(step / self._scale[:, origin], -LARGEST_STEP, LARGEST_STEP)

    def predict(self, model: Any, origin: int, paths: np.ndarray) -> None:
        """Puts the forecasts of one origin into ``paths``."""
        last, scale = self._filled[:, origin], self._scale[:, origin]
        known = ~np.isnan(scale)
        if not known.any():
            return
        ahead = range(1, self.horizon + 1)
        rows = np.concatenate([self.features(origin, one)[known] for one in ahead])
        steps = model.predict(rows).reshape(self.horizon, -1).T
        paths[known, origin] = last[known, None] + steps * scale[known, None]


def _fit(blank: Any, table: _Table, last: int) -> Any:
    """A model of what is known at the end of period ``last``; None of too little."""
    pairs = [
        (origin, ahead)
        for origin in range(1, last)
        for ahead in range(1, min(table.horizon, last - origin) + 1)
    ]
    step = max(len(pairs) * len(table.values) // MOST_ROWS, 1)
    while math.gcd(step, table.horizon) > 1:  # else some horizons are never learned
        step += 1
    pairs = pairs[::-step]
    if not pairs:
        return None
    features = np.concatenate([table.features(*pair) for pair in pairs])
    targets = np.concatenate([table.targets(*pair) for pair in pairs])
    known = ~np.isnan(targets)
    if known.sum() < LEAST_ROWS:
        return None
    return blank.fit(features[known], targets[known])
