"""Whether other KPIs say more of a KPI than its own season and trend, and by how much.

Each fold learns from the periods before it and is judged in those that follow, from a
rolling origin (Tashman 2000, International Journal of Forecasting 16, 437–450). Trend
and season are taken out of the KPI and of its levers by what the fold has seen of them,
so a lever is judged by what it adds (Frisch & Waugh 1933, Econometrica 1, 387–401).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

FOLDS = 8
LEAST = 36  # periods with all values
FIRST = 0.4  # of them, before the first fold
LEAST_SKILL = 0.1
# Mean gain over its standard error, over folds of which the gains are summed: with four
# models to choose from chance gives as much once in some hundred times.
LEAST_RATIO = 3.0
STEPS = 25  # levels of a lever that are tried
HARMONICS = 3  # of a season with many periods
REPEATS = 3  # shuffles of a lever
METHODS = (
    "linear_regression",
    "random_forest",
    "neural_network",
    "gradient_boosting",
)


class LeverError(ValueError):
    """Levers that nothing can be learned from: ``short`` or ``constant``."""


@dataclass(frozen=True)
class Skill:
    """What levers add, as one method finds it; errors relative to the mean's.

    :ivar without, with_: mean absolute error beside that of always the mean so far
    :ivar gain: share of the error that the levers save
    :ivar ratio: gain of a period over its standard error
    :ivar importance: shape (folds, levers): error added by shuffling a lever there
    """

    method: str
    without: float
    with_: float
    ratio: float
    importance: np.ndarray

    @property
    def gain(self) -> float:
        return 1 - self.with_ / self.without if self.without > 0 else 0.0

    @property
    def is_real(self) -> bool:
        return self.gain >= LEAST_SKILL and self.ratio >= LEAST_RATIO


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


def judge_levers(
    values: np.ndarray, levers: np.ndarray, season_length: int, method: str
) -> Skill:
    """What the levers add to season and trend.

    :param values: shape (periods,), oldest first; NaN = no data
    :param levers: shape (levers, periods)
    :raises LeverError: too few periods, constant values
    :raises ImportError: scikit-learn is not there
    """
    values, levers = _take_known(values, levers)
    rng = np.random.default_rng(0)
    errors: list[np.ndarray] = []
    importance = []
    for first, stop in _list_folds(len(values)):
        fold = _Fold(values, levers, season_length, first)
        model = fold.learn(method)
        rows = slice(first, stop)
        base, rest = fold.base[rows], fold.rest[rows]
        shuffles = np.repeat(rest[None], 1 + REPEATS * len(levers), axis=0)
        for place in range(1, len(shuffles)):
            column = (place - 1) // REPEATS
            rng.shuffle(shuffles[place, :, column])
        told = fold.predict(model, shuffles.reshape(-1, len(levers)))
        told = told.reshape(len(shuffles), -1)
        wrong = np.abs(values[rows] - base - told)
        plain, ours = np.abs(values[rows] - base), wrong[0]
        errors.append(
            np.array([plain, ours, np.abs(values[rows] - values[:first].mean())])
        )
        added = wrong[1:].reshape(len(levers), REPEATS, -1) - ours
        added = added.mean(axis=(1, 2))
        importance.append(added)
    plain, ours, mean = np.concatenate(errors, axis=1)
    saved = plain - ours
    spread = saved.std(ddof=1) / np.sqrt(len(saved))
    return Skill(
        method,
        plain.mean() / mean.mean(),
        ours.mean() / mean.mean(),
        saved.mean() / spread if spread > 0 else 0.0,
        np.array(importance) / mean.mean(),
    )


def find_needs(
    values: np.ndarray,
    levers: np.ndarray,
    season_length: int,
    method: str,
    improvement: float,
) -> list[Need]:
    """Levels of each lever by which the KPI would be higher, nothing beyond those seen.

    :param improvement: in the unit of the KPI; negative: lower
    """
    values, levers = _take_known(values, levers)
    firsts = [first for first, _stop in _list_folds(len(values))][FOLDS // 2 :]
    folds = [_Fold(values, levers, season_length, at) for at in (*firsts, len(values))]
    learned = [(fold, fold.learn(method)) for fold in folds]
    last = slice(len(values) - 1, len(values))
    needs = []
    for at, row in enumerate(levers):
        grid = np.linspace(row.min(), row.max(), STEPS)
        reached, levels = [], []
        for fold, model in learned:
            rest = np.repeat(fold.rest[last], STEPS, axis=0)
            now = fold.predict(model, rest[:1])[0]
            rest[:, at] += (grid - row[-1]) / fold.lever_scale[at]
            moved = (fold.predict(model, rest) - now) * np.sign(improvement)
            reached.append(moved.max())
            enough = grid[moved >= abs(improvement)]
            if enough.size:
                levels.append(float(enough[np.abs(enough - row[-1]).argmin()]))
        # Where most folds do not reach it, nobody knows.
        is_known = len(levels) > len(folds) / 2
        needs.append(
            Need(
                (min(levels), max(levels)) if is_known else None,
                (float(row.min()), float(row.max())),
                float(np.median(reached)),
            )
        )
    return needs


class _Fold:
    """Trend and season of KPI and levers as known before ``first``, and the rest."""

    def __init__(
        self, values: np.ndarray, levers: np.ndarray, season_length: int, first: int
    ) -> None:
        design = _make_design(len(values), season_length)
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


def _take_known(
    values: np.ndarray, levers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """From the first period on in which all have values, and only such periods."""
    known = np.isfinite(values) & np.isfinite(levers).all(axis=0)
    values, levers = values[known], levers[:, known]
    if len(values) < LEAST:
        raise LeverError("short")
    if not len(levers) or np.ptp(values) == 0 or (np.ptp(levers, axis=1) == 0).any():
        raise LeverError("constant")
    return values, levers


def _list_folds(count: int) -> list[tuple[int, int]]:
    bounds = np.linspace(round(FIRST * count), count, FOLDS + 1).astype(int).tolist()
    return list(zip(bounds, bounds[1:], strict=False))


def _make_design(count: int, season_length: int) -> np.ndarray:
    """Columns: level, trend, and the season as waves."""
    at = np.arange(count)
    columns = [np.ones(count), at / count]
    waves = min(HARMONICS, season_length // 2)
    for wave in range(1, waves + 1):
        angle = 2 * np.pi * wave * at / season_length
        columns += [np.sin(angle), np.cos(angle)]
    return np.stack(columns, axis=1)
