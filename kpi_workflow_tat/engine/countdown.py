"""Time that will count, for a clock that goes on by itself in a browser."""

from dataclasses import replace

from odoo.addons.kpi_base.engine.worktime import Timeline, WorkTimeError

from .clock import Clock
from .statement import list_intervals

DAY = 86_400  # seconds
MOST_DAYS = 45


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
