"""How a benefit will probably end, by what became of others that looked like it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .fault import BenefitError
from .history import History
from .likeness import MONTHS, Others, find_others, look_at, pick, weigh
from .standing import ENOUGH

# So many own benefits weigh as much as the simulated ones together.
SIMULATED_WEIGHT = 20
FEW = 10  # own ones, with fewer of which forecasts rest on simulated ones
NEAR = 1e-9
LUCK = (np.arange(200) + 0.5) / 200  # from the worst to the best that may come


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
class _Spread:
    """What became of others that looked like a benefit.

    :ivar values: realised / planned of what was still to come, sorted
    :ivar weights: how much each counts
    :ivar own: how many are one's own
    """

    values: np.ndarray
    weights: np.ndarray
    others: Others
    own: int

    @property
    def coming(self) -> np.ndarray:
        """(low, middle, high): eight of ten lie between."""
        return self.find(np.array([self.others.tail, 0.5, 1 - self.others.tail]))

    def find(self, shares: np.ndarray) -> np.ndarray:
        """Quantiles."""
        return pick(self.values, self.weights[None], shares)[0]


def look_ahead(history: History, own: Sequence[History] = ()) -> Outlook:
    """Forecast how much of the plan of the whole life will be realised.

    Others count the more the more they looked alike at the same share of their life:
    the own ones that are over, and simulated ones (``simulation.py``), all of which
    weigh as much as ``SIMULATED_WEIGHT`` own ones. What is still to come is a weighted
    quantile of what came then.

    :param own: benefits whose months are over
    :raises BenefitError: nothing is planned, or nothing is still to come
    """
    total, left = history.total, _find_left(history)
    _check_amounts(total, left)
    spread = _compare(history, own)
    coming = tuple(map(float, spread.coming))
    low, middle, high = ((history.done + left * each) / total for each in coming)
    return Outlook(
        rate=middle,
        low=low,
        high=high,
        chance=_find_chance(history, left, spread.values, spread.weights),
        coming=coming,
        own=spread.own,
        error=spread.others.error,
        plan_error=spread.others.plan_error,
        pace_error=spread.others.pace_error,
    )


def look_ahead_together(
    several: Sequence[History], own: Sequence[History] = ()
) -> Outlook:
    """Forecast several benefits as the sum of what is forecast of each.

    All of them are taken to go equally well or badly: the range is rather too wide
    than too narrow. Errors are means weighted by the plan, which the error of the sum
    does not exceed.

    :raises BenefitError: nothing is planned, or nothing is still to come
    """
    if len(several) == 1:
        return look_ahead(several[0], own)
    total = sum(one.total for one in several)
    done = sum(one.done for one in several)
    left = sum(map(_find_left, several))
    _check_amounts(total, left)
    running = [one for one in several if abs(_find_left(one)) >= NEAR]
    spreads = [_compare(one, own) for one in running]
    lefts = [_find_left(one) for one in running]
    pairs = list(zip(lefts, spreads, strict=True))
    ends = sum(np.sort(each * spread.coming) for each, spread in pairs)
    luck = sum(np.sort(each * spread.find(LUCK)) for each, spread in pairs)
    coming = sorted(map(float, ends / left))
    low, middle, high = ((done + left * each) / total for each in coming)
    needed = (2 - ENOUGH if total < 0 else ENOUGH) * total - done
    sizes = [abs(one.total) + NEAR for one in running]
    errors = {
        name: float(
            np.average([getattr(one.others, name) for one in spreads], weights=sizes)
        )
        for name in ("error", "plan_error", "pace_error")
    }
    return Outlook(
        rate=middle,
        low=low,
        high=high,
        chance=float((luck >= needed - NEAR).mean()),
        coming=tuple(coming),
        own=spreads[0].own,
        **errors,
    )


def _find_left(history: History) -> float:
    """Planned for the months to come."""
    return float(history.planned[history.closed :].sum())


def _check_amounts(total: float, left: float) -> None:
    if abs(total) < NEAR:
        raise BenefitError("Nothing is planned.")
    if abs(left) < NEAR:
        raise BenefitError("Nothing is still to come.")


def _compare(history: History, own: Sequence[History]) -> _Spread:
    share = history.closed / len(history.planned)
    others = find_others(find_place(share, MONTHS))
    ours = [one for one in own if _is_comparable(one)]
    values, weights = _join(history, share, others, ours)
    return _Spread(values, weights, others, len(ours))


def find_place(share: float, months: int) -> int:
    """Months that are over at ``share`` of a life; one at least is still to come.

    One at least is over where any is: a month says more than none.
    """
    first = 1 if share > 0 and months > 1 else 0
    return int(min(max(round(share * months), first), months - 1))


def _is_comparable(one: History) -> bool:
    return one.closed == len(one.planned) and abs(one.total) > NEAR


def _join(
    history: History, share: float, others: Others, ours: Sequence[History]
) -> tuple[np.ndarray, np.ndarray]:
    """What came of all others, sorted, and how much each counts."""
    looks, values = others.looks, others.coming
    scale = np.ones(len(values))
    if ours:
        places = [find_place(share, len(one.planned)) for one in ours]
        pairs = list(zip(ours, places, strict=True))
        looks = np.concatenate([looks, *(_look(one, place) for one, place in pairs)])
        values = np.append(values, [_measure_coming(one, at) for one, at in pairs])
        scale = np.append(scale, np.full(len(ours), len(scale) / SIMULATED_WEIGHT))
    order = np.argsort(values, kind="stable")
    weights = scale * weigh(_look(history, history.closed), looks)[0]
    return values[order], weights[order]


def _look(history: History, place: int) -> np.ndarray:
    return look_at(history.planned[None, :place], history.reported[None, :place])


def _measure_coming(history: History, place: int) -> float:
    """Realised / planned after ``place`` months of a benefit that is over."""
    left = float(history.planned[place:].sum())
    return float(history.counted[place:].sum()) / left if left else 0.0


def _find_chance(
    history: History, left: float, values: np.ndarray, weights: np.ndarray
) -> float:
    """Probability that the whole life is good enough."""
    is_disbenefit = history.total < 0
    enough = 2 - ENOUGH if is_disbenefit else ENOUGH
    needed = (enough * history.total - history.done) / left
    is_good = values <= needed + NEAR if is_disbenefit else values >= needed - NEAR
    return float(weights[is_good].sum() / weights.sum())
