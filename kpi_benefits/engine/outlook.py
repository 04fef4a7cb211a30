"""How a benefit will probably end, by what became of others that looked like it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

from .fault import BenefitError
from .history import History
from .simulation import simulate
from .standing import ENOUGH

FEW = 10  # own ones, with fewer of which forecasts rest on simulated ones
# So many own benefits weigh as much as the simulated ones together.
SIMULATED_WEIGHT = 20
NEAR = 1e-9
LUCK = (np.arange(100) + 0.5) / 100  # from the worst to the best that may come
SEED, COUNT, MONTHS = 0, 2000, 24
AT_ONCE = 100  # simulated ones that are compared with all
RECENT = 3  # months
SILENT = 2  # months without a value
# How far others may differ and still count: rate so far, rate of the last months,
# silence, share of the months in which nothing came, how much months vary.
WIDTHS = np.array([0.1, 0.05, 0.1, 0.15, 0.1])
RATES = np.append(0.01, np.arange(0.1, 2.01, 0.1))
NOTHING = 0.02  # of the plan: less is nothing
FADE = 0.85  # of what a month says of the own pace by each one that follows
USUAL_NOISE, NOISE_MONTHS = 0.15, 3.0  # of a month, and months that this counts for
MAX_NOISE = 1.0  # of the plan: whose months vary more is like all of those
DRIFT = 0.3  # of the own pace: so much it may change by itself
# Others alike, in own ones, that count as much as a month of the benefit itself.
NEEDED = 0.02
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
class Pace:
    """How fast benefits realise their plans; arrays of shape (benefits,).

    :ivar rate: realised / planned
    :ivar noise: deviation of a month from it
    :ivar months: how many it rests on, older ones counting less; 0 = unknown
    """

    rate: np.ndarray
    noise: np.ndarray
    months: np.ndarray


@dataclass(frozen=True)
class Others:
    """Simulated benefits at one age, a row each, and how good forecasts from them are.

    :ivar looks: shape (others, 5), see ``WIDTHS``
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
    """What may come of a benefit.

    :ivar left: what it plans for the months to come
    :ivar coming: realised / planned of them, a quantile for each of ``LUCK``
    """

    left: float
    coming: np.ndarray
    others: Others

    def find(self, shares: Sequence[float]) -> np.ndarray:
        """Quantiles of the amount that is still to come, the least first."""
        return np.sort(self.left * np.interp(shares, LUCK, self.coming))


def look_ahead(several: Sequence[History], own: Sequence[History] = ()) -> Outlook:
    """Forecast how much of the plan of the whole life will be realised.

    It goes on at its own pace, drawn toward what became of others as far as they looked
    alike at the same share of their life: the own ones that are over, and simulated
    ones (``simulation.py``), all of which weigh as much as ``SIMULATED_WEIGHT`` own
    ones. Who does better is never forecast to end worse.

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
    """What may come of the rest of the plan, by the own pace and by others alike."""
    share = history.closed / len(history.planned)
    others = find_others(find_place(share, MONTHS))
    pairs = [(one, find_place(share, len(one.planned))) for one in ended]
    looks = np.concatenate([others.looks, *(_look(one, at) for one, at in pairs)])
    values = np.append(
        others.coming,
        [_divide(one.counted[at:].sum(), one.planned[at:].sum()) for one, at in pairs],
    )
    scale = np.ones(len(values))
    scale[: len(others.coming)] = SIMULATED_WEIGHT / len(others.coming)
    order = np.argsort(values, kind="stable")
    own, pace = _look(history, history.closed), _measure_own_pace(history)
    # Who does better is never forecast to end worse: the least of what the same
    # benefit would come to at its own rate, and at higher ones.
    rate = pace.rate[0]
    rates = np.append(rate, RATES[RATES > rate]) if pace.months[0] else pace.rate
    factors = np.ones(len(rates)) if rate < NEAR else rates / rate
    tried = np.repeat(own, len(rates), axis=0)
    tried[:, :2] *= factors[:, None]
    tried[:, 4] = np.minimum(tried[:, 4] * factors, MAX_NOISE)
    if rate < NEAR and pace.months[0]:
        tried[1:, :2], tried[1:, 3] = rates[1:, None], 0.0
    paces = Pace(rates, pace.noise * factors, np.repeat(pace.months, len(rates)))
    left = int((np.abs(history.planned[history.closed :]) > NEAR).sum())
    theirs = pick(values[order], scale[order] * weigh(tried, looks[order]), LUCK)
    alike = (scale * _weigh(tried, looks, WIDTHS)).sum(1)
    coming = _blend(theirs, alike, paces, left, LUCK)
    return _Spread(history.left, coming.min(0), others)


def _measure_own_pace(history: History) -> Pace:
    """Pace of the months that have a value; before a late go-live there is none."""
    planned = history.planned[: history.closed]
    realised, due = history.spread_bookings(planned)
    if len(history.booked) and history.cadence > 1:
        realised[due:] = np.nan
    realised[: history.late] = np.nan
    return measure_pace(planned[None], realised[None])


def measure_pace(planned: np.ndarray, realised: np.ndarray) -> Pace:
    """Realised / planned of each benefit, the last months counting most.

    :param planned, realised: shape (benefits, closed months); NaN = nothing reported
    """
    is_known = ~np.isnan(realised) & (np.abs(planned) > NEAR)
    ratios = np.where(is_known, realised, 0.0) / np.where(is_known, planned, 1.0)
    weights = np.abs(planned) * is_known * FADE ** np.arange(planned.shape[1])[::-1]
    total = weights.sum(1)
    rate = _divide((weights * ratios).sum(1), total)
    months = _divide(total**2, (weights**2).sum(1))
    away = _divide((weights * (ratios - rate[:, None]) ** 2).sum(1), total)
    squares = months * away + NOISE_MONTHS * (USUAL_NOISE * rate) ** 2
    noise = np.sqrt(squares / (np.maximum(months - 1, 0.0) + NOISE_MONTHS))
    return Pace(rate, noise, months)


def _blend(
    theirs: np.ndarray,
    alike: np.ndarray,
    pace: Pace,
    left: int,
    shares: Sequence[float],
) -> np.ndarray:
    """Quantiles of what comes: own ones, drawn to those of others who looked alike.

    Each quantile is a mean of both (Vincent 1912), weighted by how many others are
    alike and how many months of one's own there are (Bühlmann 1967, ASTIN Bulletin 4,
    199–207, “Experience rating and credibility”). Of nobody alike nothing is taken.

    :param theirs: shape (benefits, shares): quantiles of what came of others
    :param alike: shape (benefits,): how many of them looked alike, in own ones
    :param left: months to come
    :return: shape (benefits, shares)
    """
    months = np.maximum(pace.months, NEAR)
    spread = pace.noise**2 * (1 / months + 1 / max(left, 1)) + (DRIFT * pace.rate) ** 2
    normal = np.array([NormalDist().inv_cdf(share) for share in shares])
    ours = pace.rate[:, None] + np.sqrt(spread)[:, None] * normal
    # What only ever came does not go away again.
    ours = np.where(pace.rate[:, None] < 0, ours, np.maximum(ours, 0.0))
    share = alike / (alike + NEEDED * pace.months + FAINT)
    share = np.where(pace.months > 0, share, 1.0)[:, None]
    return share * theirs + (1 - share) * ours


def find_place(share: float, months: int) -> int:
    """Months that are over at ``share`` of a life; one at least is still to come.

    One at least is over where any is: a month says more than none.
    """
    first = 1 if share > 0 and months > 1 else 0
    return int(min(max(round(share * months), first), months - 1))


def _look(history: History, place: int) -> np.ndarray:
    return look_at(history.planned[None, :place], history.reported[None, :place])


def look_at(planned: np.ndarray, realised: np.ndarray) -> np.ndarray:
    """What benefits look like by their closed months, see ``WIDTHS``.

    :param planned, realised: shape (benefits, closed months); NaN = nothing reported
    :return: shape (benefits, 5)
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
    looks[:, 3] = (np.abs(done) <= NOTHING * np.abs(planned)).mean(1)
    looks[:, 4] = np.minimum(measure_pace(planned, realised).noise, MAX_NOISE)
    return looks


def weigh(looks: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How much others count: 1 = looked the same; shape (benefits, others).

    Where few looked alike, those count that looked a little different, too.
    """
    weights = _weigh(looks, others, WIDTHS) + FAINT
    for wider in WIDER:
        is_alone = weights.sum(1) < ALIKE
        if not is_alone.any():
            break
        weights[is_alone] = _weigh(looks[is_alone], others, wider * WIDTHS) + FAINT
    return weights


def _weigh(looks: np.ndarray, others: np.ndarray, widths: np.ndarray) -> np.ndarray:
    away = sum(
        ((looks[:, at, None] - others[None, :, at]) / width) ** 2
        for at, width in enumerate(widths)
    )
    return np.exp(-0.5 * away)


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
    places = np.array([np.searchsorted(row, shares) for row in reached])
    return values[np.minimum(places, len(values) - 1)]


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
    shares = [0.5, *TAILS, *(1 - TAILS)]
    alike, theirs = np.empty(COUNT), np.empty((COUNT, len(shares)))
    # All pairs at once would take 130 MB of a server's worker.
    for rows in np.array_split(np.arange(COUNT), COUNT // AT_ONCE):
        weights = weigh(looks[rows], looks)
        weights[np.arange(len(rows)), rows] = 0.0
        theirs[rows] = pick(coming, weights, shares)
        alike[rows] = _weigh(looks[rows], looks, WIDTHS).sum(1) - 1
    alike *= SIMULATED_WEIGHT / COUNT
    pace = measure_pace(planned[:, :place], realised[:, :place])
    middle, *ends = _blend(theirs, alike, pace, MONTHS - place, shares).T
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
