"""A goal that is within reach: what was reached in about six of ten periods before."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_SHARE, AIM, MOST_SHARE = 0.5, 0.6, 0.7
PERIODS, LEAST_PERIODS = 12, 4


@dataclass(frozen=True)
class Goal:
    """:param share: of the periods before, those that reached it, from 0 to 1"""

    value: float
    share: float


def suggest_goal(
    values: Sequence[float], *, is_higher_better: bool, decimals: int
) -> Goal | None:
    """The value that 50 to 70% of the last 12 comparable periods reached.

    Of several the one nearest to 60%. None where fewer than four periods are known, or
    none of their values divides them so: where all are the same, say.

    :param values: one for each period that has any, oldest first
    :param decimals: those that the goal is written with
    """
    last = list(values)[-PERIODS:]
    if len(last) < LEAST_PERIODS:
        return None

    def share_of(goal: float) -> float:
        reached = sum(
            value >= goal if is_higher_better else value <= goal for value in last
        )
        return reached / len(last)

    goals = [Goal(goal, share_of(goal)) for goal in {round(v, decimals) for v in last}]
    goals = [goal for goal in goals if LEAST_SHARE <= goal.share <= MOST_SHARE]
    # Of two as near the more demanding one: fewer reached it.
    return min(
        goals, key=lambda goal: (abs(goal.share - AIM), goal.share), default=None
    )
