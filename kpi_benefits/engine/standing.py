"""Standing of a benefit, by rules: planned, in progress, at risk, realised or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, takewhile
from typing import Literal, NamedTuple

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
UNDER_WAY: set[Reason] = {"as_planned", "behind", "above", "silent"}
Severity = Literal["low", "medium", "high", "critical"]

ENOUGH = 0.9  # of the plan of the full life
TOO_LITTLE = 0.8  # of the plan to date
SILENT_PERIODS = 2  # in a row without a value
QUARTER = 3  # months: so long a first booking may take
DIGITS = 6  # of amounts; what is beyond them is noise of their sums
# Share of the planned value from which a leakage is that severe.
LIMITS: dict[Severity, float] = {"critical": 0.25, "high": 0.10, "medium": 0.02}


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


class Shortfall(NamedTuple):
    """What is missing against the plan.

    :ivar gap: planned less realised, to date; 0 where nothing is missing
    :ivar explained: part of it that leakages explain
    :ivar unexplained: the rest
    """

    gap: float
    explained: float
    unexplained: float


def judge(
    planned: Sequence[float], realised: Sequence[float | None], every: int = 1
) -> Judgement:
    """Judge a benefit by its months that are over.

    :param planned: of all its months, in order
    :param realised: of those that are over; None = nobody has said
    :param every: months from one value to the next, as far as that is known beforehand
    """
    if not realised:
        return Judgement("planned", "not_begun", None, 0)
    # Sums of floats that should be 0 are not quite.
    plan = round(sum(planned[: len(realised)]), DIGITS)
    done = sum(map(count_realised, planned, realised))
    rate = done / plan if plan else None
    silent = sum(1 for _one in takewhile(lambda one: one is None, realised[::-1]))
    if len(realised) == len(planned):
        unreported = realised.count(None)
        if plan < 0 and unreported:
            # Nothing said of a disbenefit does not mean that there was none.
            return Judgement("at_risk", "unreported", rate, unreported)
        if is_reached(plan, done):
            return Judgement("realized", "reached", rate, silent)
        reason = "overrun" if plan < 0 else "missed"
        return Judgement("not_realized", reason, rate, silent)
    known = [place for place, one in enumerate(realised) if one is not None]
    # Who reports once a quarter or a year is not silent in between.
    cadence = max(every, measure_cadence(known) if known else 1)
    if silent >= SILENT_PERIODS - 1 + cadence:
        return Judgement("at_risk", "silent", rate, silent)
    if miss := find_miss(plan, done):
        return Judgement("at_risk", miss, rate, silent)
    return Judgement("in_progress", "as_planned", rate, silent)


def count_silent(judgements: Sequence[Judgement]) -> int:
    """Months in which nobody said anything of several benefits, longer than usual.

    :return: 0 where one that is under way has a value, or need not have one yet
    """
    under_way = [one for one in judgements if one.reason in UNDER_WAY]
    silent = [one.silent for one in under_way if one.reason == "silent"]
    return min(silent) if silent and len(silent) == len(under_way) else 0


def measure_cadence(places: Sequence[int]) -> int:
    """Months from one booking to the next: half of the time was spent in shorter gaps.

    So a correction a month after the yearly booking does not make it a monthly one. How
    long the first one took says something only as long as there is no other: a year may
    begin anywhere.

    :param places: of the months that have one, at least one, in order, from 0 on
    """
    if len(places) == 1:
        return places[0] + 1
    gaps = sorted(later - earlier for earlier, later in pairwise(places))
    half = (places[-1] - places[0]) / 2
    return next(
        gap for gap, spent in zip(gaps, accumulate(gaps), strict=True) if spent >= half
    )


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


def count_realised(planned: float, realised: float | None) -> float:
    """Amount of a month that is over as ratios and gaps count it.

    What was reported; else nothing, and of a disbenefit its plan: saying nothing of it
    does not make anything better.

    :param realised: None = nobody has said
    """
    return min(planned, 0.0) if realised is None else realised


def measure_realisation(realised: float, planned: float) -> float | None:
    """Σ realised / Σ planned: a ratio of sums at every level, never a mean of ratios.

    Disbenefits are negative on both sides. To date or of the full life: by which
    months were added up.

    :param realised: sum in one currency
    :param planned: sum of the same months
    :return: 1 = as planned; None where the plan adds up to nothing
    """
    return realised / planned if round(planned, DIGITS) else None


def explain_shortfall(
    gaps: Mapping[int, float], losses: Mapping[int, float], common_loss: float = 0.0
) -> Shortfall:
    """Compare what is missing with what is known to leak: nothing counts twice.

    A loss is a part of the gap, not one beside it. The losses of a benefit explain no
    more than the gap of that benefit, and all together no more than the gap of all.

    :param gaps: benefit → planned less realised to date; below 0: ahead of its plan,
        which makes up for others
    :param losses: benefit → what its leakages cost, less what was recovered, from 0 on
    :param common_loss: the same of leakages that are of no single benefit
    """
    gap = max(round(sum(gaps.values()), DIGITS), 0.0)
    own = sum(
        min(max(each, 0.0), losses.get(benefit, 0.0)) for benefit, each in gaps.items()
    )
    explained = min(gap, round(own + common_loss, DIGITS))
    return Shortfall(gap, explained, round(gap - explained, DIGITS))


def suggest_severity(impact: float, planned: float) -> Severity:
    """How severe a leakage is, by its impact as a share of the planned value.

    :param impact: from 0 on
    :param planned: of its benefit, else of the initiative; below 0: a disbenefit. Of
        nothing planned every impact is a large share
    """
    reached = (one for one, share in LIMITS.items() if impact >= share * abs(planned))
    return next(reached, "low") if impact else "low"
