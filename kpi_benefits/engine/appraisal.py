"""Is it worth its money: present value, return, benefit-cost ratio, payback.

Amounts are per year, the first of year 0, which is not discounted: as numpy-financial
and the Green Book count, not as the function NPV of spreadsheets does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from .fault import BenefitError, _lt

NOISE = 1e-12  # share of the largest amount; sums of floats are no nearer to 0
# How far from 0, relative to the size of its terms, a value is rounding only.
ROUNDING = 1e-13
Dated = tuple[date | None, float]


@dataclass(frozen=True)
class Appraisal:
    """Figures of a project; None where there is none.

    :ivar npv: present value of benefits less costs
    :ivar bcr: present value of benefits / present value of costs
    :ivar returns: every internal rate of return, in order; several where the sign of
        the flows changes more than once, none where it never does
    :ivar payback_years: after which the project has earned what it cost, undiscounted
    """

    npv: float
    bcr: float | None
    returns: tuple[float, ...]
    payback_years: float | None

    @property
    def irr(self) -> float | None:
        """The internal rate of return, where there is exactly one."""
        return self.returns[0] if len(self.returns) == 1 else None


@dataclass(frozen=True)
class RateStep:
    """A rate, and the first year that it discounts.

    :ivar first_year: 1 = from year 0 to year 1
    :ivar rate: 0.035 = 3.5% a year
    """

    first_year: int
    rate: float


def appraise(
    costs: Sequence[float], benefits: Sequence[float], steps: Sequence[RateStep]
) -> Appraisal:
    """Judge a project by what it costs and brings each year.

    :param costs: above 0 where money is spent
    :param benefits: as many; disbenefits below 0
    :raises BenefitError: amounts that are no finite numbers, rates that leave a gap
    """
    spent, gained = _read(costs), _read(benefits)
    flows = gained - spent
    factors = list_factors(steps, len(flows))
    cost = float(spent @ factors)
    return Appraisal(
        npv=float(flows @ factors),
        bcr=float(gained @ factors) / cost if cost > 0 else None,
        returns=find_returns(flows),
        payback_years=find_payback(flows),
    )


def present_value(flows: Sequence[float], steps: Sequence[RateStep]) -> float:
    """Σ flow × factor of its year.

    :raises BenefitError: as ``appraise``
    """
    amounts = _read(flows)
    return float(amounts @ list_factors(steps, len(amounts)))


def find_returns(flows: Sequence[float]) -> tuple[float, ...]:
    """Every rate above −100% at which the flows are worth nothing, in order.

    :raises BenefitError: amounts that are no finite numbers
    """
    roots = find_positive_roots(_clear_noise(_read(flows)))
    return tuple(sorted(1 / root - 1 for root in roots))


def find_payback(flows: Sequence[float]) -> float | None:
    """Years until what was spent is earned, and stays so, evenly within a year.

    :return: 0 where nothing has to be earned back; None where it never is
    :raises BenefitError: amounts that are no finite numbers
    """
    amounts = _read(flows)
    total = _clear_noise(np.cumsum(amounts))
    below = np.flatnonzero(total < 0)
    if not len(below):
        return 0.0
    last = below[-1]
    if last == len(total) - 1:
        return None
    return float(last - total[last] / amounts[last + 1])


def _clear_noise(amounts: np.ndarray) -> np.ndarray:
    """Amounts of which those are 0 that would be if floats were exact."""
    size = np.abs(amounts)
    return np.where(size <= NOISE * size.max(), 0.0, amounts)


def _read(amounts: Sequence[float]) -> np.ndarray:
    numbers = np.asarray(amounts, float)
    if not len(numbers):
        raise BenefitError(_lt("There is no amount to appraise."))
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > 1e15:
        raise BenefitError(_lt("Amounts must be numbers up to 1,000,000,000,000,000."))
    return numbers


def list_factors(steps: Sequence[RateStep], years: int) -> np.ndarray:
    """Factor of each year from 0: each year discounts the one before it by its rate.

    A rate that begins in year 31 so acts on what thirty years of the one before it have
    left: with the Green Book's rates 0.345901 in year 31, not 1.03⁻³¹ = 0.399987.

    :param steps: in any order, the first from year 1
    :param years: how many, with year 0, whose factor is 1
    :raises BenefitError: no rate for year 1, two for a year, a rate of −100% or less
    """
    ordered = sorted(steps, key=lambda step: step.first_year)
    starts = [step.first_year for step in ordered]
    if not starts or starts[0] != 1:
        raise BenefitError(_lt("There is no discount rate for year 1. Add one."))
    if len(set(starts)) < len(starts):
        raise BenefitError(
            _lt("Two discount rates begin in the same year. Remove one.")
        )
    if not all(-1 < step.rate < np.inf for step in ordered):
        raise BenefitError(_lt("A discount rate must be above −100%."))
    year = np.arange(1, max(years, 1))
    place = np.searchsorted(starts, year, side="right") - 1
    growth = 1 + np.array([step.rate for step in ordered])[place]
    return np.concatenate([[1.0], 1 / np.cumprod(growth)])


def find_positive_roots(coefficients: np.ndarray) -> list[float]:
    """Find the roots above 0 of Σ cᵢ xⁱ, in order.

    Between neighbouring terms of unlike signs lies a power k for which x⁻ᵏ Σ cᵢ xⁱ has
    a derivative of one change of sign less, Σ (i − k) cᵢ xⁱ⁻ᵏ⁻¹: its roots are the
    turning points between which at most one root lies each (Rolle; Descartes' rule of
    signs is the case without a turning point). So none is lost, as eigenvalues of a
    companion matrix lose double ones in their imaginary parts.

    :param coefficients: finite, lowest power first
    """
    terms = np.trim_zeros(np.asarray(coefficients, float))
    if not len(terms):
        return []
    return _find_roots(terms / np.abs(terms).max())


def _find_roots(terms: np.ndarray) -> list[float]:
    filled = np.flatnonzero(terms)
    signs = np.sign(terms[filled])
    changes = np.flatnonzero(signs[1:] != signs[:-1])
    if not len(changes):
        return []
    power = (filled[changes[0]] + filled[changes[0] + 1]) / 2
    turns = _find_roots(terms * (np.arange(len(terms)) - power))
    edges = [0.0, *turns, np.inf]
    sides = [signs[0]]
    for turn in turns:
        value, size = _evaluate(terms, turn), _evaluate(np.abs(terms), turn)
        # 0 where the terms cancel but for rounding.
        sides.append(0.0 if abs(value) <= ROUNDING * size else float(np.sign(value)))
    sides.append(signs[-1])
    roots = [turn for turn, side in zip(turns, sides[1:-1], strict=True) if not side]
    for low, high, left, right in zip(edges, edges[1:], sides, sides[1:], strict=False):
        if left * right < 0:
            roots.append(_bisect(terms, low, high, left))
    return sorted(roots)


def _evaluate(terms: np.ndarray, x: float) -> float:
    """Σ cᵢ xⁱ, divided by the highest power where that keeps it finite."""
    if x <= 1:
        return float(np.polynomial.polynomial.polyval(x, terms))
    return float(np.polynomial.polynomial.polyval(1 / x, terms[::-1]))


def _bisect(terms: np.ndarray, low: float, high: float, left: float) -> float:
    """The root between two points, of which 0 and ∞ are approached by doubling."""
    if np.isinf(high):
        high = max(2 * low, 1.0)
        while left * _evaluate(terms, high) > 0:
            low, high = high, 2 * high
    if low == 0:
        low = high / 2
        while left * _evaluate(terms, low) < 0:
            low, high = low / 2, low
    while low < (middle := (low + high) / 2) < high:
        if left * _evaluate(terms, middle) > 0:
            low = middle
        else:
            high = middle
    return high


def add_up_years(*several: Sequence[Dated]) -> tuple[int | None, list[list[float]]]:
    """Amounts of each calendar year, from the first of all days on.

    :param several: lists of (day, amount); what has no day is in the first year
    :return: that year, None where nothing has a day; and amounts of each list
    """
    years = [day.year for dated in several for day, _amount in dated if day]
    first = min(years, default=None)
    added = []
    for dated in several:
        amounts = [0.0] * (max(years) - first + 1 if years else 1)
        for day, amount in dated:
            amounts[day.year - first if day else 0] += amount
        added.append(amounts)
    return first, added
