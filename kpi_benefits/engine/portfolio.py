"""Initiatives beside each other: which do best, which are at risk, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .fault import BenefitError
from .standing import DIGITS, find_miss, measure_realisation

RiskReason = Literal["behind", "above", "silent", "benefits", "critical"]


@dataclass(frozen=True)
class Standing:
    """Benefits of an initiative in one currency, added up.

    :ivar planned: of all months, as ``realized``
    :ivar planned_to_date: of the months that are over, as ``realized_to_date``
    :ivar silent: closed months in a row without a value, where that is unusual
    :ivar at_risk: benefits whose owner confirmed that they are at risk
    :ivar critical: critical leakages that are open
    """

    id: int
    planned: float
    realized: float
    planned_to_date: float
    realized_to_date: float
    silent: int = 0
    at_risk: int = 0
    critical: int = 0
    is_open: bool = True

    @property
    def rate(self) -> float | None:
        """Realised / planned to date; None where nothing was planned."""
        return measure_realisation(self.realized_to_date, self.planned_to_date)

    @property
    def gap(self) -> float:
        """Planned to date and not realised; below 0 = more than planned."""
        return round(self.planned_to_date - self.realized_to_date, DIGITS)


FEW = 5  # others, with fewer of which nothing is said


@dataclass(frozen=True)
class Rank:
    """Standing among others.

    :ivar percentile: percent of the others that are worse; half of those that are as
        good count as worse
    :ivar median: of the others
    """

    percentile: float
    median: float


def find_risks(standing: Standing) -> list[tuple[RiskReason, float]]:
    """Why an initiative is at risk, each with its number; none where it is not.

    As of a benefit, by what is realised to date and by silence. Of disbenefits less is
    better. What is closed cannot be helped.
    """
    if not standing.is_open:
        return []
    risks: list[tuple[RiskReason, float]] = []
    if miss := find_miss(standing.planned_to_date, standing.realized_to_date):
        risks.append((miss, standing.rate))
    if standing.silent:
        risks.append(("silent", standing.silent))
    if standing.at_risk:
        risks.append(("benefits", standing.at_risk))
    if standing.critical:
        risks.append(("critical", standing.critical))
    return risks


def choose_best(standings: Iterable[Standing], count: int) -> list[Standing]:
    """Those that realised the most of their plan to date; the larger first if equal."""
    begun = [one for one in standings if one.planned_to_date > 0 < one.realized_to_date]
    begun.sort(key=lambda one: (-one.rate, -one.realized_to_date, one.id))
    return begun[:count]


def choose_at_risk(standings: Iterable[Standing]) -> list[Standing]:
    """Those at risk, what is missing most first."""
    found = [one for one in standings if find_risks(one)]
    return sorted(found, key=lambda one: (-one.gap, -one.planned, one.id))


def rank(
    value: float, others: Sequence[float], *, is_lower_better: bool
) -> Rank | None:
    """Rank a number among those of others.

    :return: None where there are fewer than ``FEW`` others
    :raises BenefitError: a number is missing or not finite
    """
    numbers = np.asarray(others, float)
    if not (np.isfinite(value) and np.isfinite(numbers).all()):
        raise BenefitError("A number to compare is missing or not finite.")
    if len(numbers) < FEW:
        return None
    sign = -1 if is_lower_better else 1
    worse = (sign * numbers < sign * value).sum() + (numbers == value).sum() / 2
    return Rank(float(100 * worse / len(numbers)), float(np.median(numbers)))
