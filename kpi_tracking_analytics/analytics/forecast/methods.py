"""The methods that can be chosen by name: each a function from values to paths.

A method gets values (series, periods) of a size near 1, NaN = no data, the season
length and the horizon. It returns the forecasts of every origin (series, periods,
horizon), each made from the values up to it, NaN for none; and a label for each origin
(series, periods). A new one is an entry of :data:`METHODS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .automatic import automatic_paths, holt_winters, mark_poor, smoothed_paths
from .combination import combine
from .learning import learned_paths
from .paths import exponential, logarithmic, naive_paths
from .regression import linear_paths, polynomial_paths

LABEL = "U20"  # type of arrays of labels


@dataclass(frozen=True)
class Method:
    """A way to forecast.

    :ivar run: values, season length and horizon to paths and labels
    :ivar is_joint: whether it learns from all series at once
    :ivar gives_way: whether a plain forecast takes its place where that did better
    """

    run: Callable[[np.ndarray, int, int], tuple[np.ndarray, np.ndarray]]
    is_joint: bool = False
    gives_way: bool = False


def _plain(paths_of: Callable[[np.ndarray, int], np.ndarray], label: str) -> Method:
    """A method that knows no season."""
    return Method(
        lambda known, _, ahead: _labelled(paths_of(known, ahead), label, known)
    )


def exponential_paths(values: np.ndarray, horizon: int) -> np.ndarray:
    """The line through the logarithms; that of the values where one is not positive."""
    line = linear_paths(values, horizon)
    paths = exponential(linear_paths(logarithmic(values), horizon), values)
    return np.where(np.isnan(paths), line, paths)


def _seasonal(
    values: np.ndarray, season_length: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Holt–Winters, additive and multiplicative."""
    family = {"holt_winters": holt_winters(season_length)}
    paths = smoothed_paths(values, family, season_length, horizon)
    return _labelled(combine(paths, values, season_length), "seasonal", values)


def _machine_learning(
    values: np.ndarray, season_length: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient boosted trees; the last value again where there is too little."""
    learned = learned_paths(values, season_length, horizon)
    if learned is None:
        return _labelled(naive_paths(values, horizon), "too_short", values)
    naive = naive_paths(values, horizon)[:, -1]
    learned[:, -1] = np.where(np.isnan(learned[:, -1]), naive, learned[:, -1])
    return _labelled(learned, "machine_learning", values)


def _labelled(
    paths: np.ndarray, label: str, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    labels = np.full(values.shape, label, dtype=LABEL)
    mark_poor(paths, labels, values)
    return paths, labels


METHODS = {
    "automatic": Method(automatic_paths, gives_way=True),
    "linear_regression": _plain(linear_paths, "linear_regression"),
    "polynomial": _plain(polynomial_paths, "polynomial"),
    "exponential": _plain(exponential_paths, "exponential"),
    "seasonal": Method(_seasonal),
    "machine_learning": Method(_machine_learning, is_joint=True),
}
