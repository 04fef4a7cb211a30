"""What a period may pay: by which of its open deals are won, and with the next tier."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from math import ceil

import numpy as np

from .compute import Line, Part, commissions, compute_line
from .money import ZERO, CommissionError
from .plan import Plan

DRAWS = 1_000
# (index of the line, base before it, base of the period, paid before it) → commission
Pay = Callable[[int, Decimal, Decimal, Decimal], Decimal]
QUANTILES = (Decimal("0.1"), Decimal("0.5"), Decimal("0.9"))


@dataclass(frozen=True)
class Prospect:
    """A line of a deal that may be won.

    :param deal: what it belongs to; lines of one deal are won together
    :param chance: from 0 to 1, the same for all lines of a deal; 1 = it is won already
    """

    line: Line
    deal: object
    chance: float

    def __post_init__(self) -> None:
        """
        :raises CommissionError: the chance is none
        """
        if not 0 <= self.chance <= 1:
            raise CommissionError(f"A chance is from 0 to 1, not {self.chance}.")


@dataclass(frozen=True)
class Range:
    """:ivar p10, p50, p90: what is not exceeded in 10, 50 and 90% of the draws"""

    p10: Decimal
    p50: Decimal
    p90: Decimal


@dataclass(frozen=True)
class NextStep:
    """The base from which on a plan pays more.

    :param kind: ``tier`` or ``accelerator``
    :param limit: base of the period above which it begins
    :param missing: base up to there, the smallest amount at least; what comes beyond
        is paid at the next step
    :param before, after: rates of the tiers, or factors of the accelerators
    :param gain: commissions that so much more base, and a unit, bring to the period
    """

    kind: str
    limit: Decimal
    missing: Decimal
    before: Decimal
    after: Decimal
    gain: Decimal


def estimate_range(
    plan: Plan,
    prospects: Sequence[Prospect],
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Range:
    """Commissions of a period of which some deals are still open.

    Monte Carlo: in each draw a deal is won with its chance, independently of the
    others, and what is won is paid as ``commissions`` pays it. Quantiles are those of
    the draws (Hyndman & Fan 1996, type 1: always a sum that was drawn). With 1,000
    draws the rank of a 10% quantile is off by one point (√(0.1 · 0.9 / draws)).

    :param prospects: of one agent and period, in the order in which they would be
        earned
    :param rng: seeded, so that the same deals give the same range
    :raises CommissionError: as ``commissions``
    """
    lines = [each.line for each in prospects]
    outcomes, drawn = np.unique(
        _draw(prospects, rng, draws), axis=0, return_inverse=True
    )
    pay = _remember_pay(plan, lines)
    bases = [line.base for line in lines]
    totals = [_sum_pay(bases, pay, np.flatnonzero(won).tolist()) for won in outcomes]
    ordered = sorted(totals[at] for at in drawn.ravel())
    return Range(*(ordered[ceil(share * draws) - 1] for share in QUANTILES))


def find_next_step(plan: Plan, lines: Sequence[Line], at: int) -> NextStep | None:
    """How far the period is from where the plan pays more, and what that brings.

    :param lines: of one agent and period
    :param at: index of the line whose base would grow
    :return: None where the plan has no higher step
    """
    reached = sum((line.base for line in lines), ZERO)
    steps = sorted(_steps(plan, reached), key=lambda each: each[0])
    if not steps:
        return None
    limit, kind, before, after = steps[0]
    missing = limit - reached
    first, *rest = lines[at].parts
    beyond = Part(first.amount + missing + plan.unit, first.product)
    grown = replace(lines[at], parts=(beyond, *rest))
    more = _total(plan, [*lines[:at], grown, *lines[at + 1 :]])
    # The end of a tier belongs to it: there the smallest amount more is missing.
    told = max(missing, plan.unit)
    return NextStep(kind, limit, told, before, after, more - _total(plan, lines))


def _steps(
    plan: Plan, reached: Decimal
) -> Iterator[tuple[Decimal, str, Decimal, Decimal]]:
    """(base, kind, before, after) of what is still to be reached."""
    if plan.is_tiered:
        band = plan.get_band(reached)
        if band.upper is not None:
            following = plan.get_band(band.upper + plan.unit)
            yield band.upper, "tier", band.rate, following.rate
    factor = Decimal(1)
    for each in sorted(plan.accelerators, key=lambda step: step.above):
        limit = each.above * (plan.quota or ZERO)
        if limit >= reached:
            yield limit, "accelerator", factor, each.factor
            return
        factor = each.factor


def _draw(
    prospects: Sequence[Prospect], rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Whether each line is won, shape (draws, lines)."""
    deals = dict.fromkeys(each.deal for each in prospects)
    places = {deal: place for place, deal in enumerate(deals)}
    numbers = rng.random((draws, len(places)))
    columns = [places[each.deal] for each in prospects]
    return numbers[:, columns] < np.array([each.chance for each in prospects])


def _remember_pay(plan: Plan, lines: Sequence[Line]) -> Pay:
    """What a line pays; one that stands as in a draw before is computed once.

    That depends on the others only by what the plan counts: where the running base
    stands, the band that is reached, what was paid before.
    """
    counts_start = plan.computation == "marginal" or bool(plan.accelerators)

    @cache
    def compute(at: int, start: Decimal, reached: Decimal, paid: Decimal) -> Decimal:
        return compute_line(plan, lines[at], start, reached, paid).amount

    def pay(at: int, start: Decimal, reached: Decimal, paid: Decimal) -> Decimal:
        if plan.computation == "retroactive":
            band = plan.get_band(reached)
            reached = band.lower + plan.unit if band.upper is None else band.upper
        return compute(
            at,
            start if counts_start else ZERO,
            reached if plan.computation == "retroactive" else ZERO,
            ZERO if plan.period_cap is None else paid,
        )

    return pay


def _sum_pay(bases: Sequence[Decimal], pay: Pay, won: Sequence[int]) -> Decimal:
    """Commissions of the lines with these indexes, in their order."""
    reached = sum((bases[at] for at in won), ZERO)
    start = paid = ZERO
    for at in won:
        paid += pay(at, start, reached, paid)
        start += bases[at]
    return paid


def _total(plan: Plan, lines: Sequence[Line]) -> Decimal:
    return sum((each.amount for each in commissions(plan, lines)), ZERO)
