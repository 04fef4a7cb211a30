"""Is it worth its money: present value, return, benefit-cost ratio, payback.

Amounts are per year, the first of year 0, which is not discounted: as numpy-financial
and the Green Book count, not as the function NPV of spreadsheets does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .discounting import RateStep, list_factors
from .fault import BenefitError
from .polynomial import find_positive_roots

NOISE = 1e-12  # share of the largest amount; sums of floats are no nearer to 0


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
    """Every rate above −100 % at which the flows are worth nothing, in order.

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
        raise BenefitError("There is no amount to appraise.")
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > 1e15:
        raise BenefitError("An amount is no number below 10¹⁵. Correct it.")
    return numbers
