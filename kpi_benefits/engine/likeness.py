"""What became of others: simulated benefits at some age, and what came then."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from .simulation import Portfolio, simulate

SEED, COUNT, MONTHS = 0, 2000, 24
RECENT = 3  # months
SILENT = 2  # months without a value
# How far others may differ and still count: rate so far, rate of the last months,
# silence.
WIDTHS = np.array([0.1, 0.05, 0.1])
ENOUGH = 15.0  # others that looked the same, or more of whom looked alike
WIDER = (2, 4, 8)
INTERVAL = 0.8
TAILS = np.arange(0.08, 0.16, 0.01)
FAINT = 1e-9  # of somebody who looked quite different; so there is always somebody


@dataclass(frozen=True)
class Others:
    """Simulated benefits at one age, a row each, and how good forecasts from them are.

    :ivar looks: shape (others, 3), see ``WIDTHS``
    :ivar coming: shape (others,): realised / planned of what was still to come, sorted
    :ivar tail: share left out at both ends, so that eight of ten lie between
    :ivar error: mean error of the rate of the whole life
    :ivar plan_error, pace_error: of “as planned” and of “rate so far” there
    """

    looks: np.ndarray
    coming: np.ndarray
    tail: float
    error: float
    plan_error: float
    pace_error: float


def look_at(planned: np.ndarray, realised: np.ndarray) -> np.ndarray:
    """Rate so far, rate of the last months, whether silent; of closed months.

    :param planned, realised: shape (benefits, closed months); NaN = nothing reported
    :return: shape (benefits, 3)
    """
    count, months = planned.shape
    looks = np.zeros((count, len(WIDTHS)))
    if not months:
        return looks
    done = np.nan_to_num(realised)
    looks[:, 0] = _divide(done.sum(1), planned.sum(1))
    looks[:, 1] = _divide(done[:, -RECENT:].sum(1), planned[:, -RECENT:].sum(1))
    if months >= SILENT:
        looks[:, 2] = np.isnan(realised[:, -SILENT:]).all(1)
    return looks


def weigh(looks: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How much others count: 1 = looked the same; shape (benefits, others).

    Where few looked alike, those count that looked a little different, too.
    """
    weights = _weigh(looks, others, WIDTHS)
    for wider in WIDER:
        is_alone = weights.sum(1) < ENOUGH
        if not is_alone.any():
            break
        weights[is_alone] = _weigh(looks[is_alone], others, wider * WIDTHS)
    return weights


def _weigh(looks: np.ndarray, others: np.ndarray, widths: np.ndarray) -> np.ndarray:
    away = sum(
        ((looks[:, at, None] - others[None, :, at]) / width) ** 2
        for at, width in enumerate(widths)
    )
    return np.exp(-0.5 * away) + FAINT


def pick(values: np.ndarray, weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Weighted quantiles.

    :param values: shape (others,), sorted
    :param weights: shape (benefits, others)
    :return: shape (benefits, shares)
    """
    reached = np.cumsum(weights, axis=1)
    reached /= reached[:, -1:]
    last = len(values) - 1
    places = [np.minimum((reached < share).sum(1), last) for share in shares]
    return values[np.stack(places, axis=1)]


@cache
def find_others(place: int) -> Others:
    """The simulated benefits after ``place`` of their ``MONTHS`` months.

    Each is forecast from all others: what that misses is the error of such forecasts.
    """
    portfolio = simulate(np.random.default_rng(SEED), COUNT, MONTHS)
    planned, done = portfolio.planned, np.nan_to_num(portfolio.realised)
    coming = _divide(done[:, place:].sum(1), planned[:, place:].sum(1))
    order = np.argsort(coming)
    portfolio = _sort(portfolio, order)
    planned, done, coming = planned[order], done[order], coming[order]
    looks = look_at(planned[:, :place], portfolio.realised[:, :place])
    weights = weigh(looks, looks)
    np.fill_diagonal(weights, 0.0)
    shares = np.concatenate([[0.5], TAILS, 1 - TAILS])
    middle, *ends = pick(coming, weights, shares).T
    tail = _find_tail(coming, np.array(ends))
    total = planned.sum(1)
    so_far, left = done[:, :place].sum(1), planned[:, place:].sum(1)
    rate = done.sum(1) / total
    return Others(
        looks=looks,
        coming=coming,
        tail=tail,
        error=_mean_error((so_far + left * middle) / total, rate),
        plan_error=_mean_error(np.ones_like(rate), rate),
        pace_error=_mean_error(looks[:, 0] if place else np.ones_like(rate), rate),
    )


def _find_tail(coming: np.ndarray, ends: np.ndarray) -> float:
    """The tail between whose quantiles ``INTERVAL`` of the values lie.

    :param ends: shape (2 · tails, others): lower quantiles by ``TAILS``, upper ones
    """
    low, high = np.split(ends, 2)
    covered = ((coming >= low) & (coming <= high)).mean(1)
    return float(TAILS[np.argmin(np.abs(covered - INTERVAL))])


def _sort(portfolio: Portfolio, order: np.ndarray) -> Portfolio:
    return Portfolio(
        **{name: values[order] for name, values in vars(portfolio).items()}
    )


def _mean_error(forecast: np.ndarray, rate: np.ndarray) -> float:
    return float(np.abs(forecast - rate).mean())


def _divide(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Shares; 0 of nothing, as nothing came."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole != 0)
