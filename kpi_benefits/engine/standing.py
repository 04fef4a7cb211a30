"""Standing of a benefit, by rules: planned, in progress, at risk, realised or not."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from .realisation import DIGITS, count_realised

Standing = Literal["planned", "in_progress", "at_risk", "realized", "not_realized"]
Reason = Literal[
    "not_begun",
    "as_planned",
    "behind",
    "above",
    "silent",
    "unreported",
    "reached",
    "missed",
    "overrun",
]
Miss = Literal["behind", "above"]

ENOUGH = 0.9  # of the plan of the full life
TOO_LITTLE = 0.8  # of the plan to date
SILENT_PERIODS = 2  # in a row without a value


@dataclass(frozen=True)
class Period:
    """A month of a benefit.

    :ivar stop: first day that is not in it
    :ivar realised: None = nobody has said yet
    """

    start: date
    stop: date
    planned: float
    realised: float | None


@dataclass(frozen=True)
class Judgement:
    """The standing and why; the numbers are for the sentence that says it.

    :ivar rate: realised / planned to date, or of the full life where it is over; None
        where nothing was planned
    :ivar silent: closed periods in a row, up to the last, without a value; all of them
        that have none where this is the reason
    """

    standing: Standing
    reason: Reason
    rate: float | None
    silent: int


def judge(periods: list[Period], today: date) -> Judgement:
    """Judge a benefit by its months that are over.

    :param periods: in order
    """
    closed = [period for period in periods if period.stop <= today]
    if not closed:
        return Judgement("planned", "not_begun", None, 0)
    # Sums of floats that should be 0 are not quite.
    planned = round(sum(period.planned for period in closed), DIGITS)
    realised = sum(count_realised(one.planned, one.realised) for one in closed)
    rate = realised / planned if planned else None
    silent = _count_silent(closed)
    if len(closed) == len(periods):
        score = _measure_score(planned, realised)
        return _judge_whole(closed, score, rate, planned < 0)
    if silent >= SILENT_PERIODS:
        return Judgement("at_risk", "silent", rate, silent)
    if miss := find_miss(planned, realised):
        return Judgement("at_risk", miss, rate, silent)
    return Judgement("in_progress", "as_planned", rate, silent)


def find_miss(planned: float, realised: float) -> Miss | None:
    """How a plan to date is missed; None: it is not, or nothing was planned.

    :return: too little came, or too much of a disbenefit, of which less is better
    """
    planned = round(planned, DIGITS)
    score = _measure_score(planned, realised)
    if score is None:
        return None
    if planned < 0:
        return "above" if score <= TOO_LITTLE else None
    return "behind" if score < TOO_LITTLE else None


def get_rate_limit(planned: float) -> float:
    """Rate below which a plan to date is missed; of a disbenefit, from which on."""
    return 2 - TOO_LITTLE if planned < 0 else TOO_LITTLE


def is_reached(planned: float, realised: float) -> bool | None:
    """Whether enough of a plan came, of a disbenefit no more; None: nothing planned."""
    score = _measure_score(round(planned, DIGITS), realised)
    return None if score is None else score >= ENOUGH


def _measure_score(planned: float, realised: float) -> float | None:
    """1 = as planned, above is better, also of a disbenefit; None: nothing planned."""
    if not planned:
        return None
    return round(1 + (realised - planned) / abs(planned), DIGITS)


def _judge_whole(
    closed: list[Period],
    score: float | None,
    rate: float | None,
    is_disbenefit: bool,
) -> Judgement:
    """Judge a benefit of which all months are over."""
    unreported = sum(period.realised is None for period in closed)
    if is_disbenefit and unreported:
        # Nothing said of a disbenefit does not mean that there was none.
        return Judgement("at_risk", "unreported", rate, unreported)
    silent = _count_silent(closed)
    if score is not None and score >= ENOUGH:
        return Judgement("realized", "reached", rate, silent)
    reason = "overrun" if is_disbenefit else "missed"
    return Judgement("not_realized", reason, rate, silent)


def _count_silent(closed: list[Period]) -> int:
    count = 0
    for period in reversed(closed):
        if period.realised is not None:
            break
        count += 1
    return count
