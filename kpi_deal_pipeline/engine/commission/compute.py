"""The commissions of one agent in one period, each with its derivation.

The order of the steps is: base, rate, accelerator, split, least and most of a line,
most of the period. What managers get on top (``override``) and what is paid in advance
(``draw``) come after all lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from odoo.addons.kpi_base.engine.spread import SpreadError, apportion

from .money import ONE, ZERO, CommissionError, round_amount
from .plan import Plan

# (kind, basis, rate) of each piece of the base that has its own rate
Rates = list[tuple[str, Decimal, Decimal]]


@dataclass(frozen=True)
class Part:
    """Share of a base that has its own rate."""

    amount: Decimal
    product: str = ""


@dataclass(frozen=True)
class Line:
    """Basis of one commission.

    :param key: what the caller knows the line by
    :param parts: the base, in the plan's currency
    :param weights: shares of all who split the commission
    :param own: index of the agent in ``weights``
    :param overlay: share that is paid beside the others', who lose nothing by it
    """

    key: object
    parts: tuple[Part, ...]
    weights: tuple[Decimal, ...] = (ONE,)
    own: int = 0
    overlay: Decimal = ONE

    @property
    def base(self) -> Decimal:
        return sum((part.amount for part in self.parts), ZERO)

    def without(self, share: Decimal, full: "Line") -> "Line":
        """The line with a base smaller by ``share`` of that of ``full``, at least 0."""
        parts = tuple(
            Part(max(part.amount - first.amount * share, ZERO), part.product)
            for part, first in zip(self.parts, full.parts, strict=True)
        )
        return replace(self, parts=parts)


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    :param kind: ``base``, ``flat``, ``rate``, ``accelerator``, ``rounding``, ``split``,
        ``overlay``, ``floor``, ``cap``, ``period_cap`` or ``override``
    :param basis, factor: what was multiplied; None where the step is no product
    :param amount: what the step adds; for ``base`` the base itself
    :param total: commission after the step
    """

    kind: str
    basis: Decimal | None
    factor: Decimal | None
    amount: Decimal
    total: Decimal


@dataclass(frozen=True)
class Commission:
    """Amount that a line pays, and the steps to it."""

    key: object
    base: Decimal
    amount: Decimal
    steps: tuple[Step, ...]


def commissions(plan: Plan, lines: Iterable[Line]) -> list[Commission]:
    """Commission of each line of a period, now that all of them are known.

    With a retroactive plan a new line changes what the earlier ones pay: compute with
    and without it to know the corrections.

    :param lines: of one agent and period, in the order in which they were earned
    :raises CommissionError: a line with a negative base or a share of nobody
    """
    lines = list(lines)
    reached = sum((line.base for line in lines), ZERO)
    start, paid, found = ZERO, ZERO, []
    for line in lines:
        each = compute_line(plan, line, start, reached, paid)
        found.append(each)
        start += line.base
        paid += each.amount
    return found


def compute_line(
    plan: Plan, line: Line, start: Decimal, reached: Decimal, paid: Decimal
) -> Commission:
    """Commission of one line, where all that it depends on of the others is known.

    :param start: base of the lines before it in this period
    :param reached: base of the full period
    :param paid: commissions of the lines before it
    :raises CommissionError: as ``commissions``
    """
    _check(line)
    derivation = _Derivation(plan, line, start, reached)
    derivation.earn()
    derivation.share()
    derivation.limit(paid)
    return Commission(line.key, line.base, derivation.total, tuple(derivation.steps))


def override(
    key: object, shares: Sequence[tuple[Decimal, Decimal]], unit: Decimal
) -> Commission:
    """Commission that a manager gets on top of those of a team.

    :param key: what the caller knows it by
    :param shares: (commission, rate) of each; never what other managers get
    :return: its base is the sum of the team's commissions
    """
    base = sum((amount for amount, _rate in shares), ZERO)
    steps, total = [Step("base", None, None, base, ZERO)], ZERO
    for amount, rate in shares:
        total += amount * rate
        steps.append(Step("override", amount, rate, amount * rate, total))
    rounded = round_amount(total, unit)
    if rounded != total:
        steps.append(Step("rounding", None, None, rounded - total, rounded))
    return Commission(key, base, rounded, tuple(steps))


def _check(line: Line) -> None:
    if line.base < 0:
        raise CommissionError(
            f"The base {line.base:f} is below 0. Enter money returned as a refund."
        )
    if not 0 <= line.own < len(line.weights):
        raise CommissionError("The agent has no share in this deal.")
    if line.overlay < 0:
        raise CommissionError(f"A share is 0 or more, not {line.overlay:f}.")


class _Derivation:
    """A line on its way from the base to what is paid."""

    def __init__(
        self, plan: Plan, line: Line, start: Decimal, reached: Decimal
    ) -> None:
        self.plan, self.line = plan, line
        self.start, self.reached = start, reached
        self.total = ZERO
        self.steps = [Step("base", None, None, line.base, ZERO)]

    def earn(self) -> None:
        """Rates and accelerators on the base."""
        rates = self._rates()
        for kind, basis, rate in rates:
            self._add(kind, basis * rate, basis, rate)
        if self.plan.accelerators and self.line.base:
            self._accelerate(rates)
        self._add("rounding", round_amount(self.total, self.plan.unit) - self.total)

    def share(self) -> None:
        """The agent's part of what the line pays."""
        line, full = self.line, self.total
        if len(line.weights) > 1:
            try:
                parts = apportion(full, line.weights, self.plan.unit)
            except SpreadError as error:
                raise CommissionError(str(error)) from error
            weight = line.weights[line.own] / sum(line.weights, ZERO)
            self._add("split", parts[line.own] - full, full, weight)
        if line.overlay != ONE:
            part = round_amount(self.total * line.overlay, self.plan.unit)
            self._add("overlay", part - self.total, self.total, line.overlay)

    def limit(self, paid: Decimal) -> None:
        """Least and most of the line, then most of the period.

        :param paid: by the lines before in this period
        """
        plan = self.plan
        # A line without base, such as one refunded in full, is guaranteed nothing.
        if plan.line_floor is not None and self.line.base:
            self._add("floor", max(plan.line_floor - self.total, ZERO))
        if plan.line_cap is not None:
            self._add("cap", min(plan.line_cap - self.total, ZERO))
        if plan.period_cap is not None:
            self._add("period_cap", min(plan.period_cap - paid - self.total, ZERO))

    def _rates(self) -> Rates:
        """(kind, basis, rate) of each piece of the base that has its own rate."""
        plan, line = self.plan, self.line
        match plan.computation:
            case "flat":
                return [("flat", plan.flat, ONE)] if line.base else []
            case "product":
                return [
                    ("rate", part.amount, plan.rates.get(part.product, plan.rate))
                    for part in line.parts
                ]
            case "marginal":
                bands = sorted(plan.bands, key=lambda band: band.lower)
                pieces = [
                    (self._overlap(each.lower, each.upper), each) for each in bands
                ]
                return [("rate", basis, each.rate) for basis, each in pieces if basis]
            case "retroactive":
                return [("rate", line.base, plan.get_band(self.reached).rate)]
        return [("rate", line.base, plan.rate)]

    def _accelerate(self, rates: Rates) -> None:
        """Earnings beyond shares of the quota, which count more.

        The pieces of a tiered base lie one after the other; those of other plans lie
        everywhere in it, in proportion.
        """
        steps = sorted(self.plan.accelerators, key=lambda each: each.above)
        limits = [each.above * self.plan.quota for each in steps]
        full = sum((basis * rate for _kind, basis, rate in rates), ZERO)
        for each, lower, upper in zip(steps, limits, [*limits[1:], None], strict=True):
            if self.plan.computation == "marginal":
                earned, start = ZERO, self.start
                for _kind, basis, rate in rates:
                    earned += _overlap(start, start + basis, lower, upper) * rate
                    start += basis
            else:
                earned = full * self._overlap(lower, upper) / self.line.base
            if earned:
                gain = earned * (each.factor - ONE)
                self._add("accelerator", gain, earned, each.factor)

    def _overlap(self, lower: Decimal, upper: Decimal | None) -> Decimal:
        """Length of the part of the line's base that lies in [lower, upper]."""
        return _overlap(self.start, self.start + self.line.base, lower, upper)

    def _add(
        self,
        kind: str,
        amount: Decimal,
        basis: Decimal | None = None,
        factor: Decimal | None = None,
    ) -> None:
        """Add a step; one that is no product and changes nothing is none."""
        if amount or basis is not None:
            self.total += amount
            self.steps.append(Step(kind, basis, factor, amount, self.total))


def _overlap(
    start: Decimal, stop: Decimal, lower: Decimal, upper: Decimal | None
) -> Decimal:
    """Length of the part of [start, stop] that lies in [lower, upper]."""
    end = stop if upper is None else min(stop, upper)
    return max(end - max(start, lower), ZERO)
