"""Forecasts of many KPIs at once.

``forecast`` says what comes next, by a matrix with a row per series::

    result = forecast(values, horizon=12, season_length=12)
    result.mean, result.low_80, result.labels
    result.probability_at_least(targets)
"""

import numpy as np

from .automatic import COMBINATION, LINE, MEAN, NAIVE, SEASONAL_NAIVE, TOO_SHORT
from .detection import Detection, detect, leave_out
from .distribution import Distribution, distribution_of, running_sums
from .history import History, prepare, read_marks
from .methods import METHODS
from .one_step import make_blocks
from .paths import mean_paths, naive_paths, realised_errors, seasonal_naive_paths
from .regression import linear_paths
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
from .steady import is_noise, is_on_line

# Less is chance: of public series those that were up to a tenth worse so far did not
# do worse in what came.
CLEARLY_WORSE = 0.1
SAVED_BY_CHANCE = 0.05  # of the error of the mean of noise, by another method
INTERVALS = (0.8, 0.95)  # shares of the values that lie within the limits


def forecast(
    values: np.ndarray,
    *,
    horizon: int,
    season_length: int,
    method: str = "automatic",
    kinds: np.ndarray | NumberKind | None = None,
    seams: np.ndarray | None = None,
    ignored: np.ndarray | None = None,
    found: Detection | None = None,
) -> Forecast:
    """Forecasts of the periods that follow the last one.

    Nothing is learned from odd values, see :func:`.detection.leave_out`.

    :param values: shape (series, periods), oldest first, the last one closed; NaN and
        infinite = no data; any unit
    :param horizon: number of periods, at least 1
    :param season_length: periods of a season: 12 months, 4 quarters, 1 for none
    :param method: a key of :data:`METHODS`
    :param kinds: kind of number, one for all or one for each series
    :param seams: shape of ``values``, boolean: the definition is a new one from here on
    :param ignored: shape of ``values``, boolean: a one-off event, nothing to learn from
    :param found: what is odd of the values; None: it is looked for
    :raises ValueError: wrong shapes, an unknown method, a horizon or season below 1
    :raises ImportError: ``machine_learning`` without scikit-learn
    """
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1 period, got {horizon}")
    if method not in METHODS:
        raise ValueError(f"methods are {', '.join(METHODS)}, got {method}")
    values = np.asarray(values, float)
    if found is None:
        found = detect(
            values, season_length=season_length, seams=seams, skipped=ignored
        )
    odd, waits = leave_out(values, found)
    # A new level is like a new definition: what was before is moved to it.
    steps = read_marks(seams, values) | waits
    steps[:, 1:] &= ~(waits[:, 1:] & waits[:, :-1])
    history = prepare(values, season_length, steps, ignored, odd)
    kinds = read_kinds(kinds, len(history.values))
    chosen = METHODS[method]
    parts, blocks = [], make_blocks(history, horizon, chosen.is_joint)
    for block in blocks:
        part = take_rows(history, block)
        paths, labels = chosen.run(part.values, season_length, horizon)
        labels = labels[:, -1]
        plain = {
            NAIVE: naive_paths(part.values, horizon),
            SEASONAL_NAIVE: seasonal_naive_paths(part.values, season_length, horizon),
        }
        steady = {
            MEAN: mean_paths(part.values, horizon),
            LINE: linear_paths(part.values, horizon),
        }
        for each in (paths, *plain.values(), *steady.values()):
            _forget(each, waits[block])
        if chosen.gives_way:
            _take_steady(paths, labels, part.values, steady, season_length)
            _give_way(paths, labels, part.values, plain)
        parts.append(_result(part, paths, labels, [*plain.values()], kinds[block]))
    return take_rows(join_rows(parts), np.argsort(np.concatenate(blocks)))


def _forget(paths: np.ndarray, waits: np.ndarray) -> None:
    """Put what was forecast before in the place of what nobody knew yet.

    :param waits: origins at whose end values were odd that are of a level now
    """
    for period in np.flatnonzero(waits.any(axis=0)):
        rows = waits[:, period]
        paths[rows, period, :-1] = paths[rows, period - 1, 1:]
        paths[rows, period, -1] = np.nan


def _take_steady(
    paths: np.ndarray,
    labels: np.ndarray,
    values: np.ndarray,
    steady: dict[str, np.ndarray],
    season_length: int,
) -> None:
    """Take the mean of noise, and the line of a short series that lies on one.

    :param paths, labels: changed in place; labels of shape (series,)
    :param steady: paths of both
    """
    is_learned = np.isin(labels, (COMBINATION, NAIVE, SEASONAL_NAIVE))
    saved = skill(realised_errors(paths, values), values, [steady[MEAN]])
    rows = is_learned & (saved < SAVED_BY_CHANCE) & is_noise(values, season_length)
    paths[rows], labels[rows] = steady[MEAN][rows], MEAN
    is_learned |= labels == TOO_SHORT
    rows = is_learned & is_on_line(values, season_length)
    paths[rows], labels[rows] = steady[LINE][rows], LINE


def _give_way(
    paths: np.ndarray,
    labels: np.ndarray,
    values: np.ndarray,
    plain: dict[str, np.ndarray],
) -> None:
    """Take a plain forecast where it has clearly done better over all.

    One that is chosen already is judged by what itself would have said.

    :param paths, labels: changed in place; labels of shape (series,)
    """
    for label, simple in plain.items():
        paths[labels == label] = simple[labels == label]
    for label, simple in plain.items():
        saved = skill(realised_errors(paths, values), values, [simple])
        rows = saved < -CLEARLY_WORSE
        paths[rows], labels[rows] = simple[rows], label


def _result(
    history: History,
    paths: np.ndarray,
    labels: np.ndarray,
    plain: list[np.ndarray],
    kinds: np.ndarray,
) -> Forecast:
    """What the paths of a block come to, in the unit of the KPIs."""
    values = history.values
    wrong, seen = (realised_errors(paths, each) for each in (values, history.seen))
    errors = _restored(distribution_of(wrong, seen), history)
    mean = history.restore(paths[:, -1])
    # a count stands for what lies up to half a unit beside it
    inside = np.where(kinds == NumberKind.COUNT, 0.5, 0.0)[:, None]
    with np.errstate(over="ignore"):  # beyond the largest number is the largest
        widths = [np.maximum(errors.width(share) - inside, 0.0) for share in INTERVALS]
        limits = [
            fit_kinds(mean + side * width, kinds, history.signs, rounded)
            for width in widths
            for side, rounded in ((-1, np.floor), (1, np.ceil))
        ]
    return Forecast(
        fit_kinds(mean, kinds, history.signs),
        *limits,
        confidence(wrong, history.sizes()),
        skill(wrong, values, plain),
        (~np.isnan(wrong[:, :, 0])).sum(axis=1),
        labels,
        kinds,
        errors,
        _restored(
            distribution_of(running_sums(wrong), running_sums(seen), growth=2.0),
            history,
        ),
    )


def _restored(distribution: Distribution, history: History) -> Distribution:
    return Distribution(history.restore_widths(distribution.scale), distribution.shape)
