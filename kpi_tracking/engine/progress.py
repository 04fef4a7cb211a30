"""Improvement of a KPI over the period before."""

from .status import ACHIEVEMENT_CAP, Direction


def measure_progress(
    value: float,
    previous: float,
    direction: Direction,
    achievement: float | None = None,
    achieved_before: float | None = None,
) -> float:
    """Measure how much better ``value`` is than ``previous``: negative = worse.

    In percentage points of the target where both have an achievement, which counts
    from 0 % on; else in percent of ``previous``.

    :param achievement, achieved_before: percent; None = no target
    :return: within ±:data:`ACHIEVEMENT_CAP`; 0 where it cannot be said: without
        targets, from zero or where a range is best
    """
    if achievement is not None and achieved_before is not None:
        change = max(achievement, 0.0) - max(achieved_before, 0.0)
    elif previous and direction != "range":
        change = 100 * (value - previous) / abs(previous)
        change = -change if direction == "lower" else change
    else:
        change = 0.0
    return min(max(change, -ACHIEVEMENT_CAP), ACHIEVEMENT_CAP)
