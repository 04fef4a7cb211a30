"""A target handed down a tree of departments, so that the parts add up.

Rounding is by largest remainder at each level: see :func:`spread.split`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .spread import SpreadError, split

TOP = -1
WHOLE = 100.0  # percent
TOLERANCE = 1e-9


class CascadeError(SpreadError):
    """Weights that split nothing.

    :ivar parent: the place whose target they should split, ``TOP`` for the whole
    """

    def __init__(self, message: str, parent: int) -> None:
        self.parent = parent
        super().__init__(message)


@dataclass(frozen=True)
class Cascade:
    """Amounts of the places, and what is left of each place that has others below.

    :param remainders: place, or ``TOP``, → what the places below it do not get
    """

    amounts: list[float]
    remainders: dict[int, float] = field(default_factory=dict)


def cascade(
    total: float,
    parents: Sequence[int],
    weights: Sequence[float],
    decimals: int,
    *,
    is_share: bool = False,
    takes_rest: Sequence[bool] | None = None,
) -> Cascade:
    """Split ``total`` down a tree.

    :param parents: for each place the one above it, which comes before it, or ``TOP``
    :param weights: of each place among those below the same parent
    :param decimals: of the amounts
    :param is_share: weights are percent of the parent's amount, which need not add up
        to 100; else the whole amount is split
    :param takes_rest: which place takes what those beside it leave; the first counts
    :raises CascadeError: the weights below a parent are all 0, or one is negative
    """
    takes_rest = takes_rest or [False] * len(parents)
    amounts = [0.0] * len(parents)
    remainders = {}
    for parent in sorted(set(parents)):
        places = [place for place, above in enumerate(parents) if above == parent]
        whole = total if parent == TOP else amounts[parent]
        parts, rest = _split(
            whole, [weights[place] for place in places], decimals, is_share, parent
        )
        taker = next((n for n, place in enumerate(places) if takes_rest[place]), None)
        if taker is not None:
            parts[taker], rest = round(parts[taker] + rest, decimals + 3), 0.0
        for place, part in zip(places, parts, strict=True):
            amounts[place] = part
        remainders[parent] = rest
    return Cascade(amounts, remainders)


def _split(whole, weights, decimals, is_share, parent):
    try:
        if not is_share:
            return split(whole, weights, decimals), 0.0
        return _shared(whole, weights, decimals)
    except SpreadError as error:
        raise CascadeError(str(error), parent) from error


def _shared(whole, percents, decimals):
    """Parts of so many percent, and what is left; less than nothing above 100 %."""
    left = WHOLE - sum(percents)
    if left > TOLERANCE:
        *parts, rest = split(whole, [*percents, left], decimals)
        return parts, rest
    parts = split(whole * sum(percents) / WHOLE, percents, decimals)
    return parts, round(whole - sum(parts), decimals + 3)
