"""What a queue would have been like with more or fewer people: a replay.

The requests arrive as they did; whoever is free takes the one that waits longest, in
working hours, one at a time. How long each is worked on is drawn from what was
measured: the working time from when both the request and its approver were free until
the decision. Nothing is assumed of how times are distributed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from odoo.addons.kpi_base.engine.worktime import Timeline

MOST_DRAWS = 200_000  # handling times drawn for each number of people
RUNS = (20, 200)  # at least and at most
LIKELY = (0.05, 0.95)


@dataclass(frozen=True)
class Arrivals:
    """Requests in the order in which a group was asked, an array element each.

    :ivar asked: instants
    :ivar allowed: seconds that they had
    :ivar is_express: whether all hours count, or those of work
    """

    asked: np.ndarray
    allowed: np.ndarray
    is_express: np.ndarray


@dataclass(frozen=True)
class Replay:
    """How a queue would have been with so many approvers; seconds that count.

    :ivar median, p90: time until the decision, of half and of 90% of all requests
    :ivar median_low, median_high: where the median lies in 90% of the replays
    :ivar in_time: share within the time allowed
    :ivar busy: share of their working time that approvers are busy with it
    """

    approvers: int
    median: float
    p90: float
    median_low: float
    median_high: float
    in_time: float
    busy: float


def estimate_handling(
    asked: np.ndarray, decided: np.ndarray, approver: np.ndarray
) -> np.ndarray:
    """Working time that each request was worked on, at most.

    From when it had been asked for and its approver had decided on what they decided
    before, until the decision.

    :param asked, decided: seconds worked by then (``Timeline.seconds_until``)
    :param approver: number of who decided
    :return: same order; 0 where several were decided at once
    """
    order = np.lexsort((decided, approver))
    before = np.full(len(order), -np.inf)
    same = approver[order][1:] == approver[order][:-1]
    before[order[1:][same]] = decided[order[:-1][same]]
    return np.maximum(decided - np.maximum(asked, before), 0.0)


def serve_queue(asked: np.ndarray, handling: np.ndarray, approvers: int) -> np.ndarray:
    """When requests are decided if whoever is free first takes the next one.

    Kiefer & Wolfowitz 1955 (Trans. AMS 78, 1–18): the times at which each is free.

    :param asked: shape (requests,), ascending
    :param handling: shape (runs, requests), same unit
    :return: shape (runs, requests)
    :raises ValueError: nobody decides
    """
    if approvers < 1:
        raise ValueError(f"a queue needs at least one approver, got {approvers}")
    runs = np.arange(len(handling))
    free = np.full((len(handling), approvers), -np.inf)
    decided = np.empty(handling.shape)
    for number, moment in enumerate(asked):
        first = free.argmin(axis=1)
        begun = np.maximum(free[runs, first], moment)
        free[runs, first] = decided[:, number] = begun + handling[:, number]
    return decided


def replay_queue(
    timeline: Timeline,
    arrivals: Arrivals,
    handling: np.ndarray,
    staffings: Iterable[int],
    rng: np.random.Generator,
) -> list[Replay]:
    """Replay a queue with each of these numbers of approvers.

    All get the same draws, so that what differs is due to the number of people.

    :param handling: measured working times, any order; drawn with replacement
    """
    count = len(arrivals.asked)
    runs = int(np.clip(MOST_DRAWS // max(count, 1), *RUNS))
    drawn = rng.choice(handling, (runs, count))
    asked = timeline.seconds_until(arrivals.asked)
    span = max(float(asked[-1] - asked[0]), 1.0)
    replays = []
    for approvers in staffings:
        elapsed = _count_elapsed(timeline, arrivals, asked, drawn, approvers)
        median, p90 = np.quantile(elapsed, (0.5, 0.9))
        low, high = np.quantile(np.median(elapsed, axis=1), LIKELY)
        in_time = (elapsed <= arrivals.allowed).mean()
        busy = min(1.0, drawn.sum() / runs / (approvers * span))
        numbers = map(float, (median, p90, low, high, in_time, busy))
        replays.append(Replay(approvers, *numbers))
    return replays


def _count_elapsed(timeline, arrivals, asked, drawn, approvers) -> np.ndarray:
    """Seconds that count until each decision, by run."""
    decided = serve_queue(asked.astype(float), drawn, approvers)
    elapsed = decided - asked
    express = np.flatnonzero(arrivals.is_express)
    if len(express):
        worked = np.ceil(decided[:, express]).astype(np.int64)
        moments = timeline.instant_of(worked.ravel(), last=False).reshape(worked.shape)
        elapsed[:, express] = np.maximum(moments - arrivals.asked[express], 0)
    return elapsed
