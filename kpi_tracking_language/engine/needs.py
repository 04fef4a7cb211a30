"""Which levels of its levers go with a KPI that is so much better.

Trend and season are taken out of the KPI and of its levers by what is known of them
(Frisch & Waugh 1933, Econometrica 1, 387–401). Of four kinds of models the one that
errs least in periods that it has not seen predicts the remainder; each is tested from a
rolling origin (Tashman 2000, International Journal of Forecasting 16, 437–450).
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .levers import LEAST, get_known, make_design, shift

FOLDS = 4
FIRST = 0.7  # of the periods, before the first fold
STEPS = 25  # levels of a lever that are tried
METHODS = (
    "linear_regression",
    "random_forest",
    "neural_network",
    "gradient_boosting",
)


@dataclass(frozen=True)
class Need:
    """Levels of a lever, the others as they were last, by which the KPI comes so far.

    :ivar levels: lowest and highest, over folds and all; None: not within what was seen
    :ivar seen: lowest and highest value that there was
    :ivar most: improvement that is reached within it
    """

    levels: tuple[float, float] | None
    seen: tuple[float, float]
    most: float


def find_needs(
    values: np.ndarray,
    levers: np.ndarray,
    lags: Sequence[int],
    season_length: int,
    improvement: float,
) -> tuple[str, list[Need]]:
    """The kind of model, and for each lever the levels by which the KPI would be
    higher, nothing beyond those seen.

    :param values: shape (periods,), oldest first; NaN = no data
    :param levers: shape (levers, periods), those that say something of the KPI
    :param lags: how many periods each comes before the KPI
    :param improvement: in the unit of the KPI; negative: lower
    :raises LeverError: too few periods with all values, constant values
    :raises ImportError: scikit-learn is not there
    """
    moved = [shift(lever, lag) for lever, lag in zip(levers, lags, strict=True)]
    levers = np.stack(moved)
    known = get_known(values, levers, LEAST - max(lags))
    design = make_design(len(values), season_length, has_waves=True)[known]
    values, levers = values[known], levers[:, known]
    bounds = np.linspace(round(FIRST * len(values)), len(values), FOLDS + 1).astype(int)
    folds = [_Fold(values, levers, design, at) for at in bounds]

    def learn(method: str) -> tuple[float, list[Any]]:
        models = [fold.learn(method) for fold in folds]
        errors = []
        for fold, model, stop in zip(folds, models, bounds[1:], strict=False):
            rows = slice(fold.first, stop)
            expected = fold.base[rows] + fold.predict(model, fold.rest[rows])
            errors.append(np.abs(values[rows] - expected))
        return float(np.concatenate(errors).mean()), models

    learned = {method: learn(method) for method in METHODS}
    method = min(METHODS, key=lambda each: learned[each][0])
    models = learned[method][1]
    needs = [
        _find_need(row, at, list(zip(folds, models, strict=True)), improvement)
        for at, row in enumerate(levers)
    ]
    return method, needs


def _find_need(
    row: np.ndarray, at: int, learned: list[tuple["_Fold", Any]], improvement: float
) -> Need:
    grid = np.linspace(row.min(), row.max(), STEPS)
    reached, levels = [], []
    for fold, model in learned:
        rest = np.repeat(fold.rest[-1:], STEPS, axis=0)
        now = fold.predict(model, rest[:1])[0]
        rest[:, at] += (grid - row[-1]) / fold.lever_scale[at]
        moved = (fold.predict(model, rest) - now) * np.sign(improvement)
        reached.append(moved.max())
        enough = grid[moved >= abs(improvement)]
        if enough.size:
            levels.append(float(enough[np.abs(enough - row[-1]).argmin()]))
    # Where most folds do not reach it, nobody knows.
    is_known = len(levels) > len(learned) / 2
    return Need(
        (min(levels), max(levels)) if is_known else None,
        (float(row.min()), float(row.max())),
        float(np.median(reached)),
    )


class _Fold:
    """Trend and season of KPI and levers as known before ``first``, and the rest."""

    def __init__(
        self, values: np.ndarray, levers: np.ndarray, design: np.ndarray, first: int
    ) -> None:
        known = design[:first]
        # a little ridge: seasons of which little was seen yet stay small
        weight = known.T @ known + 1e-3 * first * np.eye(known.shape[1])
        solve = np.linalg.solve(weight, known.T)
        self.base = design @ (solve @ values[:first])
        left = levers.T - design @ (solve @ levers[:, :first].T)
        self.lever_scale = left[:first].std(axis=0)
        self.lever_scale[self.lever_scale == 0] = 1.0
        self.rest = left / self.lever_scale
        self.first = first
        self.target = values[:first] - self.base[:first]
        self.scale = self.target.std() or 1.0

    def learn(self, method: str) -> Any:
        model = make_model(method)
        from threadpoolctl import threadpool_limits  # comes with scikit-learn

        # Threads that share so little work wait for one another: ten times as long.
        with threadpool_limits(1, "blas"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a network that has not settled counts
            return model.fit(self.rest[: self.first], self.target / self.scale)

    def predict(self, model: Any, rest: np.ndarray) -> np.ndarray:
        return model.predict(rest) * self.scale


def make_model(method: str) -> Any:
    """An untrained model of scikit-learn.

    :raises ImportError: it is not there
    """
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
    from sklearn.linear_model import Ridge
    from sklearn.neural_network import MLPRegressor

    makers: dict[str, Callable[[], Any]] = {
        "linear_regression": lambda: Ridge(1.0),
        "random_forest": lambda: RandomForestRegressor(
            40, min_samples_leaf=5, random_state=0
        ),
        "neural_network": lambda: MLPRegressor(
            hidden_layer_sizes=(3,), alpha=3.0, solver="lbfgs", random_state=0
        ),
        "gradient_boosting": lambda: GradientBoostingRegressor(
            n_estimators=60, max_depth=2, learning_rate=0.05, random_state=0
        ),
    }
    return makers[method]()
