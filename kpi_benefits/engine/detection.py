"""Where benefits leak: silence, delay, and falls below the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .history import History, shift_plan
from .standing import SILENT_PERIODS
from .turning import Turnings, find_turnings

Kind = Literal["shortfall", "decay", "delay", "silence", "adoption_stall"]

# So many times better a fall has to explain the months than none: e^2.7, about 15.
EVIDENCE = 2.7
LEAST_LOSS = 0.08  # of the plan since the fall; less is not worth a look
NOT_BEGUN = 0.1  # of the plan: below it a benefit has not begun
LEAST_MONTHS = 2
STEADY = 0.15  # what is realised changes less than this while the plan grows more
NEAR = 1e-9


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


def find_leaks(histories: Sequence[History]) -> list[list[Leak]]:
    """Find what leaks, from the months that are over.

    * *silence*: no value for two months
    * *delay*: less than a tenth of the plan came in the first two months or more
    * *shortfall*, *decay*, *adoption stall*: months fall below the plan, which is not
      chance (``turning.py``), and it is at least ``LEAST_LOSS`` of it. What comes late
      is compared with the plan moved by as many months.

    :return: of each benefit; at most one of the last three kinds
    """
    late = [_count_late(one) for one in histories]
    found = [
        [*_find_silence(one), *_find_delay(one, months)]
        for one, months in zip(histories, late, strict=True)
    ]
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


def _find_silence(history: History) -> list[Leak]:
    silent = history.silent
    if silent < SILENT_PERIODS:
        return []
    months = silent - history.overdue
    first = history.closed - months
    planned = float(history.planned[first : history.closed].sum())
    # Nothing said of a disbenefit does not mean that value was lost.
    lost = max(planned, 0.0)
    return [Leak("silence", first, silent, planned, 0.0, lost, 0.0)]


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


def _find_delay(history: History, late: int) -> list[Leak]:
    if not late:
        return []
    begin, closed = _find_begin(history), history.closed
    gap = history.planned - shift_plan(history.planned, late)
    return [
        Leak(
            "delay",
            begin,
            late,
            planned=float(history.planned[begin : begin + late].sum()),
            realised=float(np.nansum(history.realised[begin : begin + late])),
            lost=max(float(gap[:closed].sum()), 0.0),
            coming=max(float(gap[closed:].sum()), 0.0),
        )
    ]


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
