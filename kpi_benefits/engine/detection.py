"""Where benefits leak: silence, delay, and falls below the plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Literal

import numpy as np

from .history import NEAR, NOT_BEGUN, History, shift_plan
from .outlook import look_ahead
from .standing import QUARTER

Kind = Literal["shortfall", "decay", "delay", "silence", "adoption_stall"]
# So many times better a fall has to explain the months than none: e^2.7, about 15.
EVIDENCE = 2.7
LEAST_LOSS = 0.08  # of the plan since the fall; less is not worth a look
LEAST_MONTHS = 2
STEADY = 0.15  # what is realised changes less than this while the plan grows more
YEAR = 12
LONGEST = 36  # months that are looked at, the last ones
# (share lost at once, share lost each month, how much it counts): slow ones look most
# like chance, so they count most.
FALLS = (
    *((drop, 0.0, 2) for drop in (0.2, 0.3, 0.45, 0.7)),
    (0.0, 0.02, 12),
    *((0.0, decay, 1) for decay in (0.03, 0.05, 0.08, 0.12)),
)
NEVER = 10  # times as usual as in one of the later months
NOISES = (0.03, 0.05, 0.08, 0.13, 0.2, 0.3)
# Share of a month's noise that the next month still has. However loud the noise is, it
# may last: who is off for some months and comes back is no leak.
LASTS = (0.0, 0.3, 0.6, 0.9)
SEASONS = (0.0, 0.1, 0.2, 0.3)  # half of the way from the lowest to the highest month
SPREAD = 0.03  # of the mean of benefits that come as planned


@dataclass(frozen=True)
class Leak:
    """Value that a benefit loses, seen in its months.

    :ivar first: place of the first month in which it is seen
    :ivar months: how many months it is seen in, up to the last that is over
    :ivar planned, realised: of these months
    :ivar lost: so far, 0 or more
    :ivar coming: what will be lost in the months to come if nothing changes, 0 or more
    :ivar decay: share lost each month; 0 = not little by little
    """

    kind: Kind
    first: int
    months: int
    planned: float
    realised: float
    lost: float
    coming: float
    decay: float = 0.0


@dataclass(frozen=True)
class Turnings:
    """The best explanation by a fall, of each benefit; arrays of shape (benefits,).

    :ivar evidence: logarithm of how many times better some fall explains the months
        than none
    :ivar first: place of the month from which on it falls
    :ivar drop: share that was lost at once; 0 where it falls little by little
    :ivar decay: share that is lost each month
    """

    evidence: np.ndarray
    first: np.ndarray
    drop: np.ndarray
    decay: np.ndarray


def find_leaks(
    histories: Sequence[History], own: Sequence[History] = ()
) -> list[list[Leak]]:
    """Find what leaks, from the months that are over.

    What falls below the plan is forecast to lose what ``look_ahead`` says.

    * *silence*: no value since the month after the next booking was due, by its own
      cadence; for three months at least
    * *delay*: less than a tenth of the plan came in the first two months or more, and
      nothing makes up for them
    * *shortfall*, *decay*, *adoption stall*: months fall below the plan, which is not
      chance (``find_turnings``), and it is at least ``LEAST_LOSS`` of it. What comes
      late is compared with the plan moved by as many months.

    :param own: benefits whose months are over, which the forecast compares with
    :return: of each benefit; at most one of the last three kinds
    """
    late = [_count_late(one) for one in histories]
    found = [_find_missing(*each) for each in zip(histories, late, strict=True)]
    rows: dict[tuple[int, int], list[tuple[int, np.ndarray, np.ndarray]]] = {}
    for at, (one, months) in enumerate(zip(histories, late, strict=True)):
        places, ratios = _list_ratios(one, months)
        if len(ratios) >= LEAST_MONTHS:
            rows.setdefault((len(ratios), one.cadence), []).append((at, places, ratios))
    for (_count, step), group in rows.items():
        ratios = np.array([ratios for _at, _places, ratios in group])
        turnings = find_turnings(ratios, step)
        for row, (at, places, _ratios) in enumerate(group):
            if turnings.evidence[row] > EVIDENCE:
                fall = _find_fall(histories[at], late[at], places, turnings, row)
                found[at] += [_forecast_loss(one, histories[at], own) for one in fall]
    return found


def _count_late(history: History) -> int:
    """Months by which the benefit begins later than planned; one alone is chance.

    A first booking that makes up for the months before it is not late, and until a
    quarter is over, or as long as values are said to take, such a booking may come.
    """
    if history.total <= 0:
        return 0
    begin, known = history.begin, history.reported
    plan = history.planned[: history.closed]
    # NaN is not below anything: of these months nobody knows.
    has_begun = np.flatnonzero(~(known < NOT_BEGUN * plan + NEAR)[begin:])
    late = int(has_begun[0]) if len(has_begun) else max(history.closed - begin, 0)
    if len(has_begun) and history.is_caught_up(begin, begin + late):
        return 0
    wait = max(QUARTER, history.every)
    is_sure = len(has_begun) or late >= wait or late <= history.late
    return late if late >= LEAST_MONTHS and is_sure else 0


def _find_missing(history: History, late: int) -> list[Leak]:
    """Silence, and the delay by ``late`` months."""
    found, closed, silent = [], history.closed, history.silent
    if silent > max(history.cadence, LEAST_MONTHS):
        first = closed - silent + history.overdue
        planned = float(history.planned[first:closed].sum())
        # Nothing said of a disbenefit does not mean that value was lost.
        lost = max(planned, 0.0)
        found.append(Leak("silence", first, silent, planned, 0.0, lost, 0.0))
    if late:
        begin = history.begin
        gap = history.planned - shift_plan(history.planned, late)
        planned = float(history.planned[begin : begin + late].sum())
        realised = float(np.nansum(history.realised[begin : begin + late]))
        lost, coming = (
            max(float(part.sum()), 0.0) for part in (gap[:closed], gap[closed:])
        )
        found.append(Leak("delay", begin, late, planned, realised, lost, coming))
    return found


def _list_ratios(history: History, late: int) -> tuple[np.ndarray, np.ndarray]:
    """First months of spells between bookings, and realised / planned in each.

    Planned months up to the last booking, or as far as nothing came; gaps are bridged.
    Of a disbenefit less is better: 20% more than planned is as 20% less of a benefit.
    """
    planned = shift_plan(history.planned, late)[: history.closed]
    is_planned = np.abs(planned) > NEAR
    realised, due = history.spread_bookings(planned)
    reported = np.flatnonzero(is_planned & ~np.isnan(realised))
    if not len(reported):
        return reported, np.empty(0)
    places = np.flatnonzero(is_planned[: reported[-1] + 1])
    ratios = realised[reported] / planned[reported]
    if history.total < 0:
        ratios = 2 - ratios
    ratios, step = np.interp(places, reported, ratios), history.cadence
    # Spells end with the last booking; months that are not yet due say nothing.
    skipped = (due - int(places[0])) % step
    count = (len(places) - skipped) // step
    stop = skipped + count * step
    return places[skipped:stop:step], ratios[skipped:stop].reshape(-1, step).mean(1)


def _find_fall(
    history: History, late: int, places: np.ndarray, turnings: Turnings, row: int
) -> list[Leak]:
    first = int(places[turnings.first[row]])
    plan = shift_plan(history.planned, late)
    stop = int(places[-1]) + history.cadence
    planned = float(plan[first:stop].sum())
    realised = float(np.nansum(history.realised[first:stop]))
    lost, decay = planned - realised, float(turnings.decay[row])
    # What is lost little by little counts by what is missing of the last month.
    share = max(lost / abs(planned), (lost > 0) * (1 - (1 - decay) ** (stop - first)))
    if share < LEAST_LOSS:
        return []
    kind: Kind = "decay" if decay else "shortfall"
    if _is_stall(plan[first:stop], history.realised[first:stop]):
        kind, decay = "adoption_stall", 0.0
    return [Leak(kind, first, stop - first, planned, realised, lost, 0.0, decay)]


def _forecast_loss(leak: Leak, history: History, own: Sequence[History]) -> Leak:
    """The leak with what it will probably still cost: as the forecast beside it."""
    if abs(history.left) < NEAR or abs(history.total) < NEAR:
        return leak  # nothing is forecast of it
    _low, rate, _high = look_ahead([history], own).coming
    return replace(leak, coming=max(history.left * (1 - rate), 0.0))


def _is_stall(planned: np.ndarray, realised: np.ndarray) -> bool:
    """Whether the plan grew in these months, but not what was realised."""
    known = ~np.isnan(realised)
    planned, realised = planned[known], realised[known]
    half = len(planned) // 2
    if not half or planned[:half].sum() <= 0 or realised[:half].sum() <= 0:
        return False
    grown = planned[-half:].sum() / planned[:half].sum()
    changed = realised[-half:].sum() / realised[:half].sum()
    return grown > 1 + STEADY and abs(changed - 1) < STEADY


def find_turnings(ratios: np.ndarray, step: int = 1) -> Turnings:
    """Compare months with how they would be without and with a fall: Bayes' way.

    The months of a benefit are compared with those of one that comes as planned, and
    with those of one that falls from some month on, at once or little by little. In all
    of them months vary by an unknown noise, of which the next months keep an unknown
    share, and by a season that no plan knows of.

    :param ratios: shape (benefits, spells): realised / planned, oldest first, no gaps
    :param step: months of each spell
    """
    skipped = max(ratios.shape[1] - LONGEST // step, 0)
    ratios = ratios[:, skipped:]
    falls, shapes = _list_falls(ratios.shape[1], step)
    without, with_fall = [], []
    for whitening, weight in _list_noises(ratios.shape[1], step):
        seen, expected = ratios @ whitening.T, shapes @ whitening.T
        away = (seen**2).sum(1)[:, None] + (expected**2).sum(1) - 2 * seen @ expected.T
        likely = weight - away / 2
        without.append(likely[:, 0])
        with_fall.append(likely[:, 1:])
    by_fall = _add_logs(np.array(with_fall)) + np.log(falls[:, 3] / falls[:, 3].sum())
    best = falls[by_fall.argmax(1)]
    # Of what lasts from month to month, that counts which needs a fall least.
    lasting = np.reshape(without, (len(LASTS), -1, len(ratios))).swapaxes(0, 1)
    return Turnings(
        evidence=_add_logs(by_fall.T) - _add_logs(lasting).max(0) - np.log(len(LASTS)),
        first=best[:, 0].astype(int) + skipped,
        drop=best[:, 1],
        decay=best[:, 2],
    )


@cache
def _list_falls(spells: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """(first spell, drop, decay, weight) of falls; spells without one, then of each."""
    age = np.arange(spells * step) + 1
    falls, shapes = [], [np.ones(spells)]
    for first, (drop, decay, weight) in product(range(spells), FALLS):
        # That a benefit never comes to its size is more usual than a fall in a month.
        never = NEVER if drop and not first else 1
        falls.append((first, drop, decay, weight * never))
        since = np.maximum(age - first * step, 0)
        months = np.where(since, (1 - drop) * (1 - decay) ** since, 1.0)
        shapes.append(months.reshape(spells, step).mean(1))
    return np.array(falls), np.array(shapes)


@cache
def _list_noises(spells: int, step: int) -> list[tuple[np.ndarray, float]]:
    """Per noise and season: what makes spells independent, and its log determinant."""
    place = np.arange(spells * step)
    apart = np.abs(place[:, None] - place)
    turn = np.cos(2 * np.pi * apart / YEAR)
    found = []
    for lasts, noise, season in product(LASTS, NOISES, SEASONS):
        spread = noise**2 * lasts**apart + season**2 / 2 * turn + SPREAD**2
        spread = spread.reshape(spells, step, spells, step).mean((1, 3))
        root = np.linalg.cholesky(spread)
        found.append((np.linalg.inv(root), -float(np.log(np.diag(root)).sum())))
    return found


def _add_logs(logs: np.ndarray) -> np.ndarray:
    """Logarithm of the sum over the first axis."""
    most = logs.max(0)
    return most + np.log(np.exp(logs - most).sum(0))
