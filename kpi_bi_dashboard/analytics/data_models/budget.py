"""What channels brought, by how revenue followed spend, and what the data cannot tell.

Marketing-mix models in miniature: spend carries over (adstock) and saturates; the rest
is trend and season. Many such models fit the past as well as one another and disagree
on what a channel brought, so only what all of them say is said.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

# share of an effect that lasts to the next period
CARRY_OVER = (0.0, 0.2, 0.4, 0.6, 0.8)
# where half of the effect is reached, in usual spend, and how steeply
HILLS = {"hill_low": (0.5, 1), "hill": (1, 1), "hill_steep": (1, 2)}
SHAPES = ("power", "log", *HILLS)
HARMONICS = 2
HOLDOUT = 26
LEAST_PERIODS = 78
ALIKE = 0.01  # a point of error: fits that are as good as one another
MIN_FITS, MAX_ERROR = 3, 0.2  # models, and their error, that advice rests on
MOST_SWEEPS = 500
# of an experiment: change of revenue that it is to show, with 80% power at 5%
SHOWN_CHANGE, POWER = 0.1, 1.96 + 0.84


@dataclass(frozen=True)
class Fit:
    """One way in which revenue may have followed spend.

    :ivar error: of the periods held out: sum of the absolute errors ÷ revenue (WAPE)
    :ivar shares: of revenue, by channel: what each brought
    :ivar returns: by channel: revenue of one more unit of spend than in the last year
    """

    carry_over: float
    shape: str
    error: float
    shares: np.ndarray
    returns: np.ndarray


@dataclass(frozen=True)
class BudgetAdvice:
    """What may be said of moving spend from one channel to another.

    :ivar fits: those within ``ALIKE`` of the best, best first
    :ivar naive_error: of the same season a year before
    :ivar moves: (from, to): each fit says that ``to`` brings more for one more unit
    :ivar problem: why there is no advice: ``naive`` = no model is better than the same
        weeks of last year, ``few`` = fewer than ``MIN_FITS`` with an error below
        ``MAX_ERROR``, ``disagree`` = models that fit as well; none if there is
    :ivar experiment_periods: length of an experiment that would help, half of it with
        a channel, half without: so many show a change of revenue by ``SHOWN_CHANGE``
    """

    fits: tuple[Fit, ...]
    naive_error: float
    moves: tuple[tuple[str, str], ...]
    problem: str = ""
    experiment_periods: int = 0


def advise(
    channels: tuple[str, ...],
    spend: np.ndarray,
    revenue: np.ndarray,
    periods_a_year: int = 52,
) -> BudgetAdvice:
    """Which moves of spend all models agree on that fit about as well as the best.

    :param spend: shape (channels, periods), oldest first; what is not known is no 0:
        leave the periods out
    :param revenue: shape (periods,), at least :data:`LEAST_PERIODS`
    """
    count = len(revenue)
    held = slice(count - HOLDOUT, count)
    before = revenue[count - HOLDOUT - periods_a_year : count - periods_a_year]
    naive = _error(revenue[held], before)
    fits = [
        _fit(spend, revenue, periods_a_year, carry, shape)
        for carry, shape in product(CARRY_OVER, SHAPES)
    ]
    best = min(fit.error for fit in fits)
    alike = [fit for fit in fits if fit.error <= best + ALIKE]
    alike.sort(key=lambda fit: fit.error)
    moves = tuple(
        (channels[one], channels[other])
        for one, other in product(range(len(channels)), repeat=2)
        if all(fit.returns[other] > 1.2 * fit.returns[one] for fit in alike)
    )
    problem = "" if moves else "disagree"
    if sum(fit.error < MAX_ERROR for fit in alike) < MIN_FITS:
        problem = "few"
    if best >= naive:
        problem = "naive"
    return BudgetAdvice(
        tuple(alike),
        naive,
        () if problem else moves,
        problem,
        count_experiment_periods(min(best, naive)),
    )


def count_experiment_periods(error: float) -> int:
    """Periods of an experiment, in all: two means of ``n`` each differ by
    ``SHOWN_CHANGE`` where n = 2·(POWER·σ/SHOWN_CHANGE)² (Cohen 1988, chapter 2).

    :param error: mean absolute error as a share of revenue; of normal errors,
        σ = error·√(π/2)
    """
    half = 2 * (POWER * error * (np.pi / 2) ** 0.5 / SHOWN_CHANGE) ** 2
    return 2 * max(int(np.ceil(half)), 1)


def _fit(
    spend: np.ndarray, revenue: np.ndarray, year: int, carry: float, shape: str
) -> Fit:
    count = len(revenue)
    time = np.arange(count)
    waves = [
        wave(2 * np.pi * harmonic * time / year)
        for harmonic in range(1, HARMONICS + 1)
        for wave in (np.sin, np.cos)
    ]
    rest = np.column_stack([np.ones(count), time / count, *waves])
    adstock = carried(spend, carry)
    effects = saturate(adstock, shape).T
    known = slice(0, count - HOLDOUT)
    weights, offsets = _least_squares(rest[known], effects[known], revenue[known])
    held = slice(count - HOLDOUT, count)
    error = _error(revenue[held], rest[held] @ offsets + effects[held] @ weights)
    weights, _offsets = _least_squares(rest, effects, revenue)
    raised = spend.copy()
    raised[:, -year:] *= 1.01  # a hundredth more in the last year
    more = saturate(carried(raised, carry), shape, adstock).T
    extra = spend[:, -year:].sum(axis=1) * 0.01
    gain = (more - effects)[-year:].sum(axis=0) * weights
    returns = np.divide(gain, extra, out=np.zeros(len(extra)), where=extra > 0)
    shares = effects.sum(axis=0) * weights / revenue.sum()
    return Fit(carry, shape, error, shares, returns)


def carried(spend: np.ndarray, carry: float) -> np.ndarray:
    """Geometric adstock: spend of a period and what is left of that before.

    :param spend: by period, or by channel and period
    """
    total = spend.astype(float)
    for place in range(1, total.shape[-1]):
        total[..., place] += carry * total[..., place - 1]
    return total


def saturate(
    spend: np.ndarray, shape: str, usual: np.ndarray | None = None
) -> np.ndarray:
    """The effect of spend, which grows less and less; any unit.

    :param usual: spend whose mean it is a multiple of, its own by default
    """
    scale = (spend if usual is None else usual).mean(axis=-1, keepdims=True)
    relative = spend / np.where(scale, scale, 1)
    if shape == "power":
        return np.sqrt(relative)
    if shape == "log":
        return np.log1p(relative)
    half, steepness = HILLS[shape]
    return relative**steepness / (relative**steepness + half**steepness)


def _least_squares(
    rest: np.ndarray, effects: np.ndarray, revenue: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of effects, none below 0, and of the rest, of any sign.

    The rest is taken out of both sides (Frisch & Waugh 1933), then one weight after the
    other is set to its best value until none moves (coordinate descent).
    """
    basis, _r = np.linalg.qr(rest)
    clean = effects - basis @ (basis.T @ effects)
    target = revenue - basis @ (basis.T @ revenue)
    gram, aim = clean.T @ clean, clean.T @ target
    weights = np.zeros(effects.shape[1])
    for _sweep in range(MOST_SWEEPS):
        before = weights.copy()
        for place in range(len(weights)):
            if gram[place, place] > 1e-9 * len(revenue):
                slope = aim[place] - gram[place] @ weights
                weights[place] = max(weights[place] + slope / gram[place, place], 0)
        if np.allclose(before, weights, rtol=1e-6, atol=1e-9):
            break
    offsets = np.linalg.lstsq(rest, revenue - effects @ weights, rcond=None)[0]
    return weights, offsets


def _error(actual: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(expected - actual).sum() / np.abs(actual).sum())
