"""Where a number stands among others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .fault import BenefitError

FEW = 5  # others, with fewer of which nothing is said


@dataclass(frozen=True)
class Rank:
    """Standing among others.

    :ivar percentile: percent of the others that are worse; half of those that are as
        good count as worse
    :ivar others: how many there are
    :ivar median: of the others
    """

    percentile: float
    others: int
    median: float


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
    return Rank(
        percentile=float(100 * worse / len(numbers)),
        others=len(numbers),
        median=float(np.median(numbers)),
    )
