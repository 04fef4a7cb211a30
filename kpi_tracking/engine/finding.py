"""What there is to say of a KPI in one period, chosen by fixed rules.

A finding follows from the :class:`~.verdict.Standing` that chips and forecasts show, so
that it never says anything else. Sentences are made by ``kpi.report``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from .change import UNUSUAL, WINDOW, measure_last
from .status import Direction
from .verdict import Standing

MAX_FINDING = 70  # characters
MIN_STREAK = 3  # periods
MIN_BEATEN = 6  # earlier values that are all worse, or all better
MAX_GAP = 10.0  # times the target: beyond it, more says nothing
PAST_PERIODS = WINDOW + 2  # the usual changes, the last one, and where the first begins
SAME = 1e-9  # as a share; what rounding leaves of no difference


@dataclass(frozen=True)
class Situation:
    """A KPI in the period that a finding is about.

    :param past: its last :data:`PAST_PERIODS` periods, oldest first, the last of which
        is that of ``standing``
    :param outlook: of a running period, where one is forecast
    :param part: name of the largest part of an unusual change, where it is known
    """

    standing: Standing
    past: tuple[Standing, ...]
    outlook: Any = None
    part: str = ""

    @property
    def step(self) -> float | None:
        """Change since the period before; None where one has no value."""
        values = [each.judged.value for each in self.past[-2:]]
        return None if len(values) < 2 or None in values else values[1] - values[0]

    @cached_property
    def ratio(self) -> float:
        """The change in multiples of the usual one, see ``measure_changes``."""
        return measure_last(
            [each.judged.value for each in self.past],
            [bool(each.judged.seam) for each in self.past],
        )

    @property
    def is_unusual(self) -> bool:
        """Whether a closed period differs unusually from the one before."""
        if self.standing.is_running or not abs(self.ratio) > UNUSUAL:
            return False
        return abs(self.step) > SAME * abs(self.standing.judged.value)


def find_gap(standing: Standing, value: float | None = None) -> float | None:
    """How much better a value is than its target, as a share of it; worse is negative.

    :param value: another one, which the whole target is compared with; default: that of
        the period
    :return: None without a target; for a range 0 within it, and -inf outside; ±inf for
        a target of 0
    """
    judged, direction = standing.judged, standing.direction
    if direction == "range":
        shown = judged.value if value is None else value
        low = -np.inf if judged.low is None else judged.low
        high = np.inf if judged.high is None else judged.high
        return 0.0 if low <= shown <= high else -np.inf
    target = judged.due_target if value is None else judged.target
    if target is None:
        return None
    gap = (judged.value if value is None else value) - target
    gap = -gap if direction == "lower" else gap
    if abs(gap) <= SAME * abs(target):
        return 0.0
    return gap / abs(target) if target else float(np.copysign(np.inf, gap))


def count_streak(past: Sequence[Standing], kind: Literal["status", "step"]) -> int:
    """Periods up to the last one that all have met, missed, risen or fallen.

    :param kind: ``status``: whether they were on target; ``step``: how they changed
    """
    if kind == "status":
        marks = [
            each.judged.status == "on_target" if each.is_judged else None
            for each in past
        ]
    else:
        values = np.array([each.judged.value for each in past], float)
        steps = np.diff(values)
        steps[np.abs(steps) <= SAME * np.abs(values[1:])] = 0.0
        marks = np.sign(steps).tolist()
    if not marks or marks[-1] not in (1, -1, 0):
        return 0
    count = 0
    for mark in reversed(marks):
        if mark != marks[-1]:
            break
        count += 1
    return count if kind == "status" or marks[-1] else 0


@dataclass(frozen=True)
class Record:
    """A value that is better, or worse, than those before.

    :param count: periods with a value, its own included, among which it is
    :param since: the last one that was as good, or as bad; None = none that is known
    """

    is_best: bool
    count: int
    since: Standing | None


def find_record(past: Sequence[Standing], direction: Direction) -> Record | None:
    """What makes the last value the best or worst for long; None where nothing does."""
    known = [each for each in past if each.judged.value is not None]
    if direction == "range" or not known or known[-1] is not past[-1]:
        return None
    *earlier, last = (each.judged.value for each in known)
    for sign in (1, -1):
        reached = [
            at
            for at, value in enumerate(earlier)
            if sign * (last - value) <= SAME * abs(last)
        ]
        beaten = len(earlier) - (reached[-1] + 1 if reached else 0)
        if beaten >= MIN_BEATEN:
            since = known[reached[-1]] if reached else None
            is_best = (sign > 0) == (direction == "higher")
            return Record(is_best, beaten + 1, since)
    return None
