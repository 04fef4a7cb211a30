"""How a benefit will probably end, by what became of others that looked like it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .fault import BenefitError
from .history import History
from .simulation import simulate
from .standing import ENOUGH

FEW = 10  # own ones, with fewer of which forecasts rest on simulated ones
# So many own benefits weigh as much as the simulated ones together.
SIMULATED_WEIGHT = 20
NEAR = 1e-9
LUCK = (np.arange(200) + 0.5) / 200  # from the worst to the best that may come
SEED, COUNT, MONTHS = 0, 2000, 24
RECENT = 3  # months
SILENT = 2  # months without a value
# How far others may differ and still count: rate so far, rate of the last months,
# silence.
WIDTHS = np.array([0.1, 0.05, 0.1])
ALIKE = 15.0  # others that looked the same, or more of whom looked alike
WIDER = (2, 4, 8)
INTERVAL = 0.8
TAILS = np.arange(0.08, 0.16, 0.01)
FAINT = 1e-9  # of somebody who looked quite different; so there is always somebody


@dataclass(frozen=True)
class Outlook:
    """Shares of what is planned for the whole life; 1 = as planned.

    :ivar rate: as many others ended above it as below
    :ivar low, high: eight of ten end between them
    :ivar chance: probability of at least ``ENOUGH``; of a disbenefit of at most what
        is as far above the plan
    :ivar coming: (low, middle, high) of what is still to come
    :ivar own: one's own benefits that it was compared with
    :ivar error: mean error of such forecasts at this age
    :ivar plan_error, pace_error: of “as planned” and of “rate so far” at this age
    """

    rate: float
    low: float
    high: float
    chance: float
    coming: tuple[float, float, float]
    own: int
    error: float
    plan_error: float
    pace_error: float


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


@dataclass(frozen=True)
class _Spread:
    """What became of others that looked like a benefit.

    :ivar left: what the benefit plans for the months to come
    :ivar values: realised / planned of what was still to come, sorted
    :ivar weights: how much each counts
    """

    left: float
    values: np.ndarray
    weights: np.ndarray
    others: Others

    def find(self, shares: Sequence[float]) -> np.ndarray:
        """Quantiles of the amount that is still to come, the least first."""
        return np.sort(self.left * pick(self.values, self.weights[None], shares)[0])


def look_ahead(several: Sequence[History], own: Sequence[History] = ()) -> Outlook:
    """Forecast how much of the plan of the whole life will be realised.

    Others count the more the more they looked alike at the same share of their life:
    the own ones that are over, and simulated ones (``simulation.py``), all of which
    weigh as much as ``SIMULATED_WEIGHT`` own ones. What is still to come is a weighted
    quantile of what came then.

    Several benefits are taken to go equally well or badly: the range is rather too wide
    than too narrow. Errors are means weighted by the plan, which the error of the sum
    does not exceed.

    :param several: a benefit, or those whose sum is forecast
    :param own: benefits whose months are over
    :raises BenefitError: nothing is planned, or nothing is still to come
    """
    total, done, left = (
        sum(getattr(one, name) for one in several) for name in ("total", "done", "left")
    )
    if abs(total) < NEAR:
        raise BenefitError("Nothing is planned.")
    if abs(left) < NEAR:
        raise BenefitError("Nothing is still to come.")
    running = [one for one in several if abs(one.left) >= NEAR]
    ended = [
        one for one in own if one.closed == len(one.planned) and abs(one.total) > NEAR
    ]
    spreads = [_compare(one, ended) for one in running]
    tails = [one.others.tail for one in spreads]
    ends = sum(
        one.find([tail, 0.5, 1 - tail])
        for one, tail in zip(spreads, tails, strict=True)
    )
    coming = tuple(sorted(map(float, ends / left)))
    low, middle, high = ((done + left * each) / total for each in coming)
    needed = (2 - ENOUGH if total < 0 else ENOUGH) * total - done
    if len(several) == 1:
        (spread,) = spreads
        is_good = left * spread.values >= needed - NEAR * abs(left)
        chance = spread.weights[is_good].sum() / spread.weights.sum()
    else:
        chance = (sum(one.find(LUCK) for one in spreads) >= needed - NEAR).mean()
    sizes = [abs(one.total) + NEAR for one in running]
    errors = {
        name: float(
            np.average([getattr(one.others, name) for one in spreads], weights=sizes)
        )
        for name in ("error", "plan_error", "pace_error")
    }
    return Outlook(middle, low, high, float(chance), coming, len(ended), **errors)


def _compare(history: History, ended: Sequence[History]) -> _Spread:
    """What came of all others, sorted, and how much each counts."""
    share = history.closed / len(history.planned)
    others = find_others(find_place(share, MONTHS))
    pairs = [(one, find_place(share, len(one.planned))) for one in ended]
    looks = np.concatenate([others.looks, *(_look(one, at) for one, at in pairs)])
    values = np.append(
        others.coming,
        [_divide(one.counted[at:].sum(), one.planned[at:].sum()) for one, at in pairs],
    )
    scale = np.ones(len(values))
    scale[len(others.coming) :] = len(others.coming) / SIMULATED_WEIGHT
    order = np.argsort(values, kind="stable")
    weights = scale * weigh(_look(history, history.closed), looks)[0]
    return _Spread(history.left, values[order], weights[order], others)


def find_place(share: float, months: int) -> int:
    """Months that are over at ``share`` of a life; one at least is still to come.

    One at least is over where any is: a month says more than none.
    """
    first = 1 if share > 0 and months > 1 else 0
    return int(min(max(round(share * months), first), months - 1))


def _look(history: History, place: int) -> np.ndarray:
    return look_at(history.planned[None, :place], history.reported[None, :place])


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
        is_alone = weights.sum(1) < ALIKE
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


def pick(
    values: np.ndarray, weights: np.ndarray, shares: Sequence[float]
) -> np.ndarray:
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
    planned, realised = portfolio.planned, portfolio.realised
    coming = _divide(np.nansum(realised[:, place:], 1), planned[:, place:].sum(1))
    order = np.argsort(coming)
    planned, realised, coming = planned[order], realised[order], coming[order]
    looks = look_at(planned[:, :place], realised[:, :place])
    weights = weigh(looks, looks)
    np.fill_diagonal(weights, 0.0)
    middle, *ends = pick(coming, weights, [0.5, *TAILS, *(1 - TAILS)]).T
    # The tail between whose quantiles ``INTERVAL`` of the values lie.
    low, high = np.split(np.array(ends), 2)
    covered = ((coming >= low) & (coming <= high)).mean(1)
    total, done = planned.sum(1), np.nan_to_num(realised)
    so_far, left = done[:, :place].sum(1), planned[:, place:].sum(1)
    rate = done.sum(1) / total
    as_planned = np.ones_like(rate)
    errors = [
        float(np.abs(forecast - rate).mean())
        for forecast in (
            (so_far + left * middle) / total,
            as_planned,
            looks[:, 0] if place else as_planned,
        )
    ]
    tail = float(TAILS[np.argmin(np.abs(covered - INTERVAL))])
    return Others(looks, coming, tail, *errors)


def _divide(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Shares; 0 of nothing, as nothing came."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole != 0)
