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
    derivation = _Derivation(plan, line)
    derivation.earn(start, reached)
    derivation.share()
    derivation.limit(paid)
    return derivation.result()


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

    def __init__(self, plan: Plan, line: Line) -> None:
        self.plan, self.line = plan, line
        self.total = ZERO
        self.steps = [Step("base", None, None, line.base, ZERO)]

    def result(self) -> Commission:
        return Commission(self.line.key, self.line.base, self.total, tuple(self.steps))

    def earn(self, start: Decimal, reached: Decimal) -> None:
        """Rates and accelerators on the base.

        :param start: base of the period before this line
        :param reached: base of the full period
        """
        rates = self._rates(start, reached)
        for kind, basis, rate in rates:
            self._add(kind, basis, rate, basis * rate)
        if self.plan.accelerators and self.line.base:
            self._accelerate(start, rates)
        self._round()

    def share(self) -> None:
        """The agent's part of what the line pays."""
        line, full = self.line, self.total
        if len(line.weights) > 1:
            part = self._parts(full)[line.own]
            weight = line.weights[line.own] / sum(line.weights, ZERO)
            self._add("split", full, weight, part - full)
        if line.overlay != ONE:
            part = round_amount(self.total * line.overlay, self.plan.unit)
            self._add("overlay", self.total, line.overlay, part - self.total)

    def _parts(self, full: Decimal) -> list[Decimal]:
        try:
            return apportion(full, self.line.weights, self.plan.unit)
        except SpreadError as error:
            raise CommissionError(str(error)) from error

    def limit(self, paid: Decimal) -> None:
        """Least and most of the line, then most of the period.

        :param paid: by the lines before in this period
        """
        plan = self.plan
        # A line without base, such as one refunded in full, is guaranteed nothing.
        if plan.line_floor is not None and self.line.base:
            if self.total < plan.line_floor:
                self._add("floor", None, None, plan.line_floor - self.total)
        if plan.line_cap is not None and self.total > plan.line_cap:
            self._add("cap", None, None, plan.line_cap - self.total)
        if plan.period_cap is not None and self.total > plan.period_cap - paid:
            self._add("period_cap", None, None, plan.period_cap - paid - self.total)

    def _rates(self, start: Decimal, reached: Decimal) -> Rates:
        """(kind, basis, rate) of each piece of the base that has its own rate."""
        return getattr(self, f"_rates_{self.plan.computation}")(start, reached)

    def _rates_flat(self, _start: Decimal, _reached: Decimal) -> Rates:
        return [("flat", self.plan.flat, ONE)] if self.line.base else []

    def _rates_percentage(self, _start: Decimal, _reached: Decimal) -> Rates:
        return [("rate", self.line.base, self.plan.rate)]

    def _rates_product(self, _start: Decimal, _reached: Decimal) -> Rates:
        rates, default = self.plan.rates, self.plan.rate
        return [
            ("rate", part.amount, rates.get(part.product, default))
            for part in self.line.parts
        ]

    def _rates_marginal(self, start: Decimal, _reached: Decimal) -> Rates:
        bands = sorted(self.plan.bands, key=lambda band: band.lower)
        pieces = [
            (_overlap(start, start + self.line.base, band.lower, band.upper), band.rate)
            for band in bands
        ]
        return [("rate", basis, rate) for basis, rate in pieces if basis]

    def _rates_retroactive(self, _start: Decimal, reached: Decimal) -> Rates:
        return [("rate", self.line.base, self.plan.get_band(reached).rate)]

    def _accelerate(self, start: Decimal, rates: Rates) -> None:
        """Earnings beyond shares of the quota, which count more.

        The pieces of a tiered base lie one after the other; those of other plans lie
        everywhere in it, in proportion.
        """
        steps = sorted(self.plan.accelerators, key=lambda each: each.above)
        for at, each in enumerate(steps):
            lower = each.above * self.plan.quota
            upper = steps[at + 1].above * self.plan.quota if steps[at + 1 :] else None
            earned = self._get_commission_between(start, rates, lower, upper)
            if earned:
                self._add(
                    "accelerator", earned, each.factor, earned * (each.factor - ONE)
                )

    def _get_commission_between(
        self, start: Decimal, rates: Rates, lower: Decimal, upper: Decimal | None
    ) -> Decimal:
        if self.plan.computation != "marginal":
            inside = _overlap(start, start + self.line.base, lower, upper)
            full = sum((basis * rate for _kind, basis, rate in rates), ZERO)
            return full * inside / self.line.base
        earned = ZERO
        for _kind, basis, rate in rates:
            earned += _overlap(start, start + basis, lower, upper) * rate
            start += basis
        return earned

    def _round(self) -> None:
        full = round_amount(self.total, self.plan.unit)
        if full != self.total:
            self._add("rounding", None, None, full - self.total)

    def _add(
        self,
        kind: str,
        basis: Decimal | None,
        factor: Decimal | None,
        amount: Decimal,
    ) -> None:
        self.total += amount
        self.steps.append(Step(kind, basis, factor, amount, self.total))


def _overlap(
    start: Decimal, stop: Decimal, lower: Decimal, upper: Decimal | None
) -> Decimal:
    """Length of the part of [start, stop] that lies in [lower, upper]."""
    end = stop if upper is None else min(stop, upper)
    return max(end - max(start, lower), ZERO)
