"""Which KPIs a summary names, and in which order.

What a KPI weighs comes first: a company's counts more than a person's, one with a
target more than one without. Then how much there is to say: how far the target is
missed, how far the last change is beyond the usual one, and of how many periods it is
the worst.
"""

from dataclasses import dataclass
from math import isfinite

MAX_SENTENCES = 5
LEVELS = {"company": 1.0, "department": 0.35, "team": 0.2, "user": 0.05}
WITHOUT_TARGET = 0.15
MISS, MAX_MISS = 4.0, 1.5  # a quarter short counts 1; of more than that at most 1.5
MOVE, MAX_MOVE = 3.0, 0.6  # four times the usual change counts all
WORST, MAX_WORST = 12, 0.5  # the worst of a year counts all
LEAST_USUAL = 0.01  # of the value: a KPI that hardly changes has no usual change
MAX_WEIGHT = 2.0  # times the usual weight of a scorecard's line; at least one by it


@dataclass(frozen=True)
class Standing:
    """What is known of a KPI in its latest closed period.

    :ivar report_id: its id
    :ivar definition_id: of KPIs of one definition a summary names one
    :ivar scope_type: company, department, team or user
    :ivar value: in the unit of the KPI
    :ivar gap: by what share of its target it is better, below 0: misses it; NaN = none
    :ivar step: last change; NaN = not known
    :ivar usual: usual size of a change; NaN = not known
    :ivar worst_of: of how many periods, this one included, it is the worst
    :ivar weight: in its scorecards, 1 = usual
    :ivar is_money: it is a sum of money
    """

    report_id: int
    definition_id: int
    scope_type: str
    value: float
    gap: float
    step: float
    usual: float
    worst_of: int
    weight: float
    is_money: bool

    @property
    def has_target(self) -> bool:
        return isfinite(self.gap)

    @property
    def importance(self) -> float:
        """How much it matters; 0 where there is nothing to say."""
        miss = min(MISS * max(-self.gap, 0.0), MAX_MISS) if self.has_target else 0.0
        move = 0.0
        usual = max(self.usual, LEAST_USUAL * abs(self.value))
        if isfinite(self.step) and usual > 0:
            beyond = max(abs(self.step) / usual - 1, 0.0) / MOVE
            move = MAX_MOVE * min(beyond, 1.0)
        worst = 0.0
        if not self.gap >= 0:
            worst = MAX_WORST * min(self.worst_of - 1, WORST) / WORST
        weight = min(max(self.weight, 1 / MAX_WEIGHT), MAX_WEIGHT)
        level = LEVELS[self.scope_type] * (1.0 if self.has_target else WITHOUT_TARGET)
        return level * weight * (miss + move + worst)


def choose_kpis(standings: list[Standing]) -> list[Standing]:
    """At most five, the most important first, one per definition; those without a
    target only where none with one has anything to say."""
    chosen: dict[int, Standing] = {}
    worth = [each for each in standings if each.importance > 0]
    with_target = [each for each in worth if each.has_target]
    for each in sorted(with_target or worth, key=_order):
        chosen.setdefault(each.definition_id, each)
    return list(chosen.values())[:MAX_SENTENCES]


def _order(standing: Standing) -> tuple[float, bool, int]:
    """Sums of money first among about equals."""
    return -round(standing.importance, 1), not standing.is_money, standing.report_id
