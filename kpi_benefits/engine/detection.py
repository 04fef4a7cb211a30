"""Where benefits leak: silence, delay, and falls below the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from .history import History, shift_plan
from .standing import SILENT_PERIODS

Kind = Literal["shortfall", "decay", "delay", "silence", "adoption_stall"]
# So many times better a fall has to explain the months than none: e^2.7, about 15.
EVIDENCE = 2.7
LEAST_LOSS = 0.08  # of the plan since the fall; less is not worth a look
NOT_BEGUN = 0.1  # of the plan: below it a benefit has not begun
LEAST_MONTHS = 2
STEADY = 0.15  # what is realised changes less than this while the plan grows more
NEAR = 1e-9
YEAR = 12
LONGEST = 36  # months that are looked at, the last ones
DROPS = (0.15, 0.3, 0.45, 0.7)
DECAYS = (0.03, 0.05, 0.08, 0.15)  # a month
NOISES = (0.03, 0.06, 0.1, 0.15, 0.2, 0.35)
SEASONS = (0.0, 0.1, 0.2)  # half of the way from the lowest to the highest month
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


def find_leaks(histories: Sequence[History]) -> list[list[Leak]]:
    """Find what leaks, from the months that are over.

    * *silence*: no value for two months
    * *delay*: less than a tenth of the plan came in the first two months or more
    * *shortfall*, *decay*, *adoption stall*: months fall below the plan, which is not
      chance (``find_turnings``), and it is at least ``LEAST_LOSS`` of it. What comes
      late is compared with the plan moved by as many months.

    :return: of each benefit; at most one of the last three kinds
    """
    late = [_count_late(one) for one in histories]
    found = [_find_missing(*each) for each in zip(histories, late, strict=True)]
    rows: dict[int, list[tuple[int, np.ndarray, np.ndarray]]] = {}
    for at, (one, months) in enumerate(zip(histories, late, strict=True)):
        places, ratios = _list_ratios(one, months)
        if len(ratios) >= LEAST_MONTHS:
            rows.setdefault(len(ratios), []).append((at, places, ratios))
    for group in rows.values():
        turnings = find_turnings(np.array([ratios for _at, _places, ratios in group]))
        for row, (at, places, _ratios) in enumerate(group):
            if turnings.evidence[row] > EVIDENCE:
                found[at] += _find_fall(histories[at], late[at], places, turnings, row)
    return found


def _find_begin(history: History) -> int:
    """Place of the first month in which something is planned."""
    return int(np.argmax(np.abs(history.planned) > NEAR))


def _count_late(history: History) -> int:
    """Months by which the benefit begins later than planned; one alone is chance."""
    if history.total <= 0:
        return 0
    begin, known = _find_begin(history), history.reported
    least = NOT_BEGUN * history.planned[: history.closed] + NEAR
    # NaN is not below anything: of these months nobody knows.
    has_begun = np.flatnonzero(~(known < least)[begin:])
    late = int(has_begun[0]) if len(has_begun) else max(history.closed - begin, 0)
    return late if late >= LEAST_MONTHS else 0


def _find_missing(history: History, late: int) -> list[Leak]:
    """Silence, and the delay by ``late`` months."""
    found, closed, silent = [], history.closed, history.silent
    if silent >= SILENT_PERIODS:
        first = closed - silent + history.overdue
        planned = float(history.planned[first:closed].sum())
        # Nothing said of a disbenefit does not mean that value was lost.
        lost = max(planned, 0.0)
        found.append(Leak("silence", first, silent, planned, 0.0, lost, 0.0))
    if late:
        begin = _find_begin(history)
        gap = history.planned - shift_plan(history.planned, late)
        planned = float(history.planned[begin : begin + late].sum())
        realised = float(np.nansum(history.realised[begin : begin + late]))
        lost, coming = (
            max(float(part.sum()), 0.0) for part in (gap[:closed], gap[closed:])
        )
        found.append(Leak("delay", begin, late, planned, realised, lost, coming))
    return found


def _list_ratios(history: History, late: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of planned months, and realised / planned there; gaps are bridged.

    Months up to the last reported one. Of a disbenefit less is better: 20 % more than
    planned is as 20 % less of a benefit.
    """
    planned = shift_plan(history.planned, late)[: history.closed]
    is_planned = np.abs(planned) > NEAR
    reported = np.flatnonzero(is_planned & ~np.isnan(history.realised))
    if not len(reported):
        return reported, np.empty(0)
    places = np.flatnonzero(is_planned[: reported[-1] + 1])
    ratios = history.realised[reported] / planned[reported]
    if history.total < 0:
        ratios = 2 - ratios
    return places, np.interp(places, reported, ratios)


def _find_fall(
    history: History, late: int, places: np.ndarray, turnings: Turnings, row: int
) -> list[Leak]:
    first = int(places[turnings.first[row]])
    plan = shift_plan(history.planned, late)
    stop = int(places[-1]) + 1
    planned = float(plan[first:stop].sum())
    realised = float(np.nansum(history.realised[first:stop]))
    lost = planned - realised
    if lost < LEAST_LOSS * abs(planned):
        return []
    left = plan[stop:]
    decay = float(turnings.decay[row])
    kind: Kind = "decay" if decay else "shortfall"
    coming = float(np.abs(left).sum()) * lost / abs(planned)
    if _is_stall(plan[first:stop], history.realised[first:stop]):
        kind = "adoption_stall"
        usual = float(np.nanmean(history.realised[first:stop]))
        coming, decay = float(np.maximum(left - usual, 0.0).sum()), 0.0
    elif decay:
        ages = np.arange(stop - first, stop - first + len(left)) + 1
        coming = float((np.abs(left) * (1 - (1 - decay) ** ages)).sum())
    return [Leak(kind, first, stop - first, planned, realised, lost, coming, decay)]


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


def find_turnings(ratios: np.ndarray) -> Turnings:
    """Compare months with how they would be without and with a fall: Bayes' way.

    The months of a benefit are compared with those of one that comes as planned, and
    with those of one that falls from some month on, at once or little by little. In all
    of them months vary by an unknown noise, and by a season that no plan knows of.

    :param ratios: shape (benefits, months): realised / planned, oldest first, no gaps
    """
    skipped = max(ratios.shape[1] - LONGEST, 0)
    ratios = ratios[:, skipped:]
    falls, shapes = _list_falls(ratios.shape[1])
    without, with_fall = [], []
    for whitening, weight in _list_noises(ratios.shape[1]):
        seen, expected = ratios @ whitening.T, shapes @ whitening.T
        away = (seen**2).sum(1)[:, None] + (expected**2).sum(1) - 2 * seen @ expected.T
        likely = weight - away / 2
        without.append(likely[:, 0])
        with_fall.append(likely[:, 1:])
    by_fall = _add_logs(np.array(with_fall))
    best = falls[by_fall.argmax(1)]
    return Turnings(
        evidence=_add_logs(by_fall.T)
        - np.log(len(falls))
        - _add_logs(np.array(without)),
        first=best[:, 0].astype(int) + skipped,
        drop=best[:, 1],
        decay=best[:, 2],
    )


@cache
def _list_falls(months: int) -> tuple[np.ndarray, np.ndarray]:
    """(first month, drop, decay) of each fall; the months without one, then of each."""
    place = np.arange(months)
    falls = [
        (first, drop, decay)
        for first in range(months)
        for drop, decay in (*((each, 0) for each in DROPS), *((0, e) for e in DECAYS))
    ]
    shapes = [
        np.where(place < first, 1.0, (1 - drop) * (1.0 - decay) ** (place - first + 1))
        for first, drop, decay in falls
    ]
    return np.array(falls), np.array([np.ones(months), *shapes])


@cache
def _list_noises(months: int) -> list[tuple[np.ndarray, float]]:
    """Per noise and season: what makes months independent, and its log determinant."""
    place = np.arange(months)
    turn = np.cos(2 * np.pi * (place[:, None] - place) / YEAR)
    found = []
    for noise in NOISES:
        for season in SEASONS:
            spread = noise**2 * np.eye(months) + season**2 / 2 * turn + SPREAD**2
            root = np.linalg.cholesky(spread)
            found.append((np.linalg.inv(root), -float(np.log(np.diag(root)).sum())))
    return found


def _add_logs(logs: np.ndarray) -> np.ndarray:
    """Logarithm of the sum over the first axis."""
    most = logs.max(0)
    return most + np.log(np.exp(logs - most).sum(0))
