"""Clock statement: every second from start to stop, counted or why not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from odoo.addons.kpi_base.engine.worktime import FOREVER, Timeline, WorkTimeError

from .clock import Clock, Pause, merge_pauses

DAY = 86_400  # seconds
MOST_DAYS = 45
Kind = Literal["counted", "held", "leave", "closed", "taken_over"]


@dataclass(frozen=True)
class Interval:
    """A stretch ``[start, stop)`` of one kind.

    :ivar kind: ``counted``; ``held``: work was possible, the request was on hold;
        ``leave``: would be work but for a leave or holiday; ``closed``: outside of
        working hours; ``taken_over``: counted before, no length of its own
    :ivar seconds: that count
    """

    start: int
    stop: int
    kind: Kind
    seconds: int


def list_intervals(timeline: Timeline, clock: Clock, stop: int) -> list[Interval]:
    """Intervals of a clock up to ``stop``, without gaps, oldest first.

    Their seconds add up to ``read_clock(timeline, clock, stop).elapsed``. What is both
    closed and on hold is closed: the hold took nothing away.
    """
    start = clock.start
    before = clock.elapsed_before
    found = [Interval(start, start, "taken_over", before)] if before else []
    if stop <= start:
        return found
    cuts = _find_cuts(timeline, clock.pauses, start, stop)
    kinds = _find_kinds(timeline, clock.pauses, cuts[:-1])
    firsts = np.flatnonzero(np.append(True, kinds[1:] != kinds[:-1]))
    begins, ends = cuts[firsts], np.append(cuts[firsts[1:]], stop)
    return found + [
        Interval(begin, end, kind, end - begin if kind == "counted" else 0)
        for begin, end, kind in zip(
            begins.tolist(), ends.tolist(), kinds[firsts].tolist(), strict=True
        )
    ]


def list_coming(
    timeline: Timeline, clock: Clock, now: int, until: int
) -> list[tuple[int, int]]:
    """Stretches ``[start, stop)`` from ``now`` on in which the clock counts.

    :param until: instant up to which they are wanted, at least a day from ``now`` and
        at most :data:`MOST_DAYS`
    :return: in order, empty while a pause runs
    """
    start = max(now, clock.start)
    stop = min(max(until, start + DAY), start + MOST_DAYS * DAY)
    try:
        found = list_intervals(
            timeline, replace(clock, start=start, elapsed_before=0), stop
        )
    except WorkTimeError:  # beyond the years that calendars cover
        return []
    return [(one.start, one.stop) for one in found if one.kind == "counted"]


def _find_cuts(
    timeline: Timeline, pauses: Sequence[Pause], start: int, stop: int
) -> np.ndarray:
    """All instants at which anything may change, from ``start`` to ``stop``."""
    timeline.cover(start, stop)
    usual = timeline.without_leaves()
    usual.cover(start, stop)
    edges = [timeline.opens, timeline.closes, usual.opens, usual.closes]
    ends = [moment for pause in pauses for moment in (pause.start, pause.stop)]
    moments = np.concatenate([*edges, np.array([start, stop, *ends], np.int64)])
    return np.unique(moments[(start <= moments) & (moments <= stop)])


def _find_kinds(
    timeline: Timeline, pauses: Sequence[Pause], moments: np.ndarray
) -> np.ndarray:
    """Kind of the stretch that begins at each moment."""
    merged = merge_pauses(pauses)
    is_open = _is_within(timeline.opens, timeline.closes, moments)
    usual = timeline.without_leaves()
    usual.cover(moments[0], moments[-1])
    is_usual = _is_within(usual.opens, usual.closes, moments)
    is_held = _is_within(
        np.array([pause.start for pause in merged], np.int64),
        np.array([pause.stop for pause in merged], np.int64),
        moments,
    )
    return np.select(
        [is_open & is_held, is_open, is_usual], ["held", "counted", "leave"], "closed"
    )


def _is_within(
    opens: np.ndarray, closes: np.ndarray, moments: np.ndarray
) -> np.ndarray:
    """Whether each moment is in one of the intervals, which do not overlap."""
    place = np.searchsorted(opens, moments, side="right")
    return np.append(-FOREVER, closes)[place] > moments
