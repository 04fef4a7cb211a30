"""Discount rates that change over the years of a project (HM Treasury, Green Book)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .fault import BenefitError


@dataclass(frozen=True)
class RateStep:
    """A rate, and the first year that it discounts.

    :ivar first_year: 1 = from year 0 to year 1
    :ivar rate: 0.035 = 3.5 % a year
    """

    first_year: int
    rate: float


def list_factors(steps: Sequence[RateStep], years: int) -> np.ndarray:
    """Factor of each year from 0: each year discounts the one before it by its rate.

    A rate that begins in year 31 so acts on what thirty years of the one before it have
    left: with the Green Book's rates 0.345901 in year 31, not 1.03⁻³¹ = 0.399987.

    :param steps: in any order, the first from year 1
    :param years: how many, with year 0, whose factor is 1
    :raises BenefitError: no rate for year 1, two for a year, a rate of −100 % or less
    """
    ordered = sorted(steps, key=lambda step: step.first_year)
    starts = [step.first_year for step in ordered]
    if not starts or starts[0] != 1:
        raise BenefitError("There is no discount rate for year 1. Add one.")
    if len(set(starts)) < len(starts):
        raise BenefitError("Two discount rates begin in the same year. Remove one.")
    if not all(-1 < step.rate < np.inf for step in ordered):
        raise BenefitError("A discount rate must be above −100 %.")
    year = np.arange(1, max(years, 1))
    place = np.searchsorted(starts, year, side="right") - 1
    growth = 1 + np.array([step.rate for step in ordered])[place]
    return np.concatenate([[1.0], 1 / np.cumprod(growth)])
