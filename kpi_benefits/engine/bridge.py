"""From planned to realised benefit, in parts that add up to the cent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from math import factorial, prod

from .fault import BenefitError

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Bridge:
    """Steps from planned to realised.

    :ivar timing: what going live later or earlier than planned changed
    :ivar effects: factor → what its deviation changed, of those with plan and actual
    :ivar unexplained: the rest
    """

    planned: Decimal
    timing: Decimal
    effects: Mapping[str, Decimal]
    unexplained: Decimal
    realised: Decimal


def build_bridge(
    planned: Decimal,
    shifted: Decimal,
    realised: Decimal,
    factors: Mapping[str, tuple[Decimal, Decimal]],
    *,
    unit: Decimal = CENT,
) -> Bridge:
    """Explain the way from planned to realised.

    :param shifted: the planned curve moved to the actual go-live, for the same periods
    :param factors: factor → planned and actual number, whose products are the benefit
    :param unit: the smallest amount, to which all are rounded
    :raises BenefitError: numbers that are not finite
    """
    numbers = [planned, shifted, realised, *sum(factors.values(), ())]
    if not all(Decimal(number).is_finite() for number in numbers):
        raise BenefitError("A number of the bridge is missing or not finite.")
    start, moved, stop = (
        Decimal(number).quantize(unit) for number in (planned, shifted, realised)
    )
    # Parts are rounded so that they add up to their rounded sum: largest remainder.
    parts, step = share_product(factors.values()), Fraction(unit)
    floors = [part / step // 1 for part in parts]
    left = round(sum(parts, Fraction(0)) / step) - sum(floors)
    lost = sorted(range(len(parts)), key=lambda at: floors[at] - parts[at] / step)
    for place in lost[:left]:
        floors[place] += 1
    effects = {
        factor: int(floor) * unit for factor, floor in zip(factors, floors, strict=True)
    }
    rest = stop - moved - sum(effects.values(), Decimal(0))
    return Bridge(start, moved - start, effects, rest, stop)


def share_product(pairs: Sequence[tuple[Decimal, Decimal]]) -> list[Fraction]:
    """Shapley value of each factor in the change of a product, exactly.

    The mean, over all orders in which the factors could change one after the other, of
    what each changes (Shapley 1953; Sun 1998 for products). Zeros and negative numbers
    are allowed, as nothing is divided.

    :param pairs: number before and after of each factor; at most six
    :return: their sum is the product after less the product before
    """
    exact = [(Fraction(before), Fraction(after)) for before, after in pairs]
    if not exact:
        return []
    if len(exact) > 6:
        raise BenefitError("More than six factors cannot be told apart.")
    shares = [Fraction(0)] * len(exact)
    for order in permutations(range(len(exact))):
        now = [before for before, _after in exact]
        for place in order:
            earlier = prod(now)
            now[place] = exact[place][1]
            shares[place] += prod(now) - earlier
    return [share / factorial(len(exact)) for share in shares]
