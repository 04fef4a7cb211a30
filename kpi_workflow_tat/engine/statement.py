"""Clock statement: every second from start to stop, counted or why not."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from odoo.addons.kpi_base.engine.worktime import FOREVER, Timeline, WorkTimeError

from .clock import Clock, merge_pauses

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
    usual = timeline.without_leaves()
    for hours in (timeline, usual):
        hours.cover(start, stop)
    pauses = [(pause.start, pause.stop) for pause in merge_pauses(clock.pauses)]
    held_from, held_to = np.array(pauses, np.int64).reshape(-1, 2).T
    spans = (
        (timeline.opens, timeline.closes),
        (usual.opens, usual.closes),
        (held_from, held_to),
    )
    # All instants at which anything may change.
    moments = np.concatenate([[start, stop], *sum(spans, ())])
    cuts = np.unique(moments[(start <= moments) & (moments <= stop)])
    is_open, is_usual, is_held = (_is_within(*span, cuts[:-1]) for span in spans)
    kinds = np.select(
        [is_open & is_held, is_open, is_usual], ["held", "counted", "leave"], "closed"
    )
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


def _is_within(
    opens: np.ndarray, closes: np.ndarray, moments: np.ndarray
) -> np.ndarray:
    """Whether each moment is in one of the intervals, which do not overlap."""
    place = np.searchsorted(opens, moments, side="right")
    return np.append(-FOREVER, closes)[place] > moments
