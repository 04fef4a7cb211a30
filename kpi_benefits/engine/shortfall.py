"""Shortfall of benefits against their plan, how much of it leakages explain."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .realisation import DIGITS

Severity = Literal["low", "medium", "high", "critical"]

# Share of the planned value from which a leakage is that severe.
LIMITS: tuple[tuple[float, Severity], ...] = (
    (0.25, "critical"),
    (0.10, "high"),
    (0.02, "medium"),
)


@dataclass(frozen=True)
class Shortfall:
    """What is missing against the plan.

    :ivar gap: planned less realised, to date; 0 where nothing is missing
    :ivar explained: part of it that leakages explain
    """

    gap: float
    explained: float

    @property
    def unexplained(self) -> float:
        """The rest of the gap."""
        return round(self.gap - self.explained, DIGITS)


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
    return Shortfall(gap, min(gap, round(own + common_loss, DIGITS)))


def suggest_severity(impact: float, planned: float) -> Severity:
    """How severe a leakage is, by its impact as a share of the planned value.

    :param impact: from 0 on
    :param planned: of its benefit, else of the initiative; below 0: a disbenefit. Of
        nothing planned every impact is a large share
    """
    if not impact:
        return "low"
    size = abs(planned)
    for share, severity in LIMITS:
        if impact >= share * size:
            return severity
    return "low"
