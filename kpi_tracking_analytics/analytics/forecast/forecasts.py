"""Forecasts of many KPIs at once.

``forecast`` says what comes next, ``one_step`` what would have been forecast for each
past period. Both take a matrix with a row per series::

    result = forecast(values, horizon=12, season_length=12)
    result.mean, result.low_80, result.labels
    result.probability_at_least(targets)
"""

import numpy as np

from .automatic import automatic_paths
from .distribution import Distribution, distribution_of, running_sums
from .history import History, prepare, unscale
from .methods import METHODS
from .paths import naive_paths, realised_errors, seasonal_naive_paths
from .result import (
    Forecast,
    NumberKind,
    confidence,
    fit_kinds,
    join_rows,
    read_kinds,
    skill,
    take_rows,
)

# Series at a time: so many fit in the processor's cache, and forecasts of all their
# origins in memory
BLOCK = 512
BLOCK_FORECASTS = 4_000_000


def forecast(
    values: np.ndarray,
    *,
    horizon: int,
    season_length: int,
    method: str = "automatic",
    kinds: np.ndarray | NumberKind | None = None,
    seams: np.ndarray | None = None,
    ignored: np.ndarray | None = None,
) -> Forecast:
    """Forecasts of the periods that follow the last one.

    :param values: shape (series, periods), oldest first, the last one closed; NaN and
        infinite = no data; any unit
    :param horizon: number of periods, at least 1
    :param season_length: periods of a season: 12 months, 4 quarters, 1 for none
    :param method: a key of :data:`METHODS`
    :param kinds: kind of number, one for all or one for each series
    :param seams: shape of ``values``, boolean: the definition is a new one from here on
    :param ignored: shape of ``values``, boolean: a one-off event, nothing to learn from
    :raises ValueError: wrong shapes, an unknown method, a horizon or season below 1
    :raises ImportError: ``machine_learning`` without scikit-learn
    """
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1 period, got {horizon}")
    if method not in METHODS:
        raise ValueError(f"methods are {', '.join(METHODS)}, got {method}")
    history = prepare(values, season_length, seams, ignored)
    kinds = read_kinds(kinds, len(history.values))
    chosen = METHODS[method]
    parts = []
    for block in _blocks(history, horizon, chosen.is_joint):
        part = take_rows(history, block)
        paths, labels = chosen.run(part.values, season_length, horizon)
        parts.append(_result(part, paths, labels, season_length, kinds[block]))
    return join_rows(parts)


def one_step(
    values: np.ndarray,
    *,
    season_length: int,
    seams: np.ndarray | None = None,
    ignored: np.ndarray | None = None,
) -> np.ndarray:
    """What would have been forecast for each period one period before, automatically.

    A result needs the values before its period and no other: it stays when more follow.

    :return: shape of ``values``; NaN up to the first value of a series and of a new
        definition, of which nothing is known before
    """
    history = prepare(values, season_length, seams, ignored)
    result = np.full(history.values.shape, np.nan)
    for block in _blocks(history, 1):
        part = take_rows(history, block)
        paths, _labels = automatic_paths(part.values, season_length, 1)
        moved = paths[:, :-1, 0] * part.ratio[:, :-1] + part.shift[:, :-1]
        result[block, 1:] = unscale(moved, part.exponents)
    # Before these no value of their definition is known.
    periods = np.arange(history.values.shape[1])
    last_seam = np.where(history.seams, periods, -1)
    last_value = np.where(np.isnan(history.values), -1, periods)
    last_seam = np.maximum.accumulate(last_seam, axis=1)
    last_value = np.maximum.accumulate(last_value, axis=1)
    unknown = np.ones(last_seam.shape, bool)
    unknown[:, 1:] = last_value[:, :-1] < last_seam[:, 1:]
    result[unknown] = np.nan
    return result


def _blocks(history: History, horizon: int, is_joint: bool = False) -> list[slice]:
    series, periods = history.values.shape
    size = min(max(BLOCK_FORECASTS // (periods * horizon), 1), BLOCK)
    if is_joint:
        size = max(series, 1)
    return [slice(start, start + size) for start in range(0, max(series, 1), size)]


def _result(
    history: History,
    paths: np.ndarray,
    labels: np.ndarray,
    season_length: int,
    kinds: np.ndarray,
) -> Forecast:
    """What the paths of a block come to, in the unit of the KPIs."""
    values, horizon = history.values, paths.shape[2]
    wrong = realised_errors(paths, values)
    errors = _restored(distribution_of(wrong), history)
    plain = [
        naive_paths(values, horizon),
        seasonal_naive_paths(values, season_length, horizon),
    ]
    mean = history.restore(paths[:, -1])
    with np.errstate(over="ignore"):  # beyond the largest number is the largest
        limits = [
            fit_kinds(mean + side * errors.width(share), kinds, history.signs, rounded)
            for share in (0.8, 0.95)
            for side, rounded in ((-1, np.floor), (1, np.ceil))
        ]
    return Forecast(
        fit_kinds(mean, kinds, history.signs),
        *limits,
        confidence(wrong, history.sizes()),
        skill(wrong, values, plain),
        labels[:, -1],
        kinds,
        errors,
        _restored(distribution_of(running_sums(wrong), growth=2.0), history),
    )


def _restored(distribution: Distribution, history: History) -> Distribution:
    return Distribution(history.restore_widths(distribution.scale), distribution.shape)
