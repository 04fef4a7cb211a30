"""What would have been forecast for each past period, and series in blocks."""

import numpy as np

from .automatic import automatic_paths
from .history import History, prepare, unscale
from .result import take_rows

# Series at a time: so many fit in the processor's cache, and forecasts of all their
# origins in memory
BLOCK = 512
BLOCK_FORECASTS = 4_000_000


def one_step(values: np.ndarray, *, season_length: int) -> np.ndarray:
    """What would have been forecast for each period one period before, automatically.

    A result needs the values before its period and no other: it stays when more follow.

    :return: shape of ``values``; NaN up to the first value of a series
    """
    history = prepare(values, season_length)
    result = np.full(history.values.shape, np.nan)
    for block in make_blocks(history, 1):
        part = take_rows(history, block)
        paths, _labels = automatic_paths(part.values, season_length, 1)
        result[block, 1:] = unscale(paths[:, :-1, 0], part.exponents)
    return result


def make_blocks(
    history: History, horizon: int, is_joint: bool = False
) -> list[np.ndarray]:
    """Rows of series that are forecast together: all, where methods are joint.

    Those with as many values stand together: they are smoothed with the same gains.
    """
    series, periods = history.values.shape
    if is_joint:
        return [np.arange(series)]
    size = min(max(BLOCK_FORECASTS // (periods * horizon), 1), BLOCK)
    order = np.argsort((~np.isnan(history.values)).sum(axis=1), kind="stable")
    return [order[start : start + size] for start in range(0, max(series, 1), size)]
