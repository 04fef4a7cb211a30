"""Terms of a commission plan, and the check that they leave no gaps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from .money import ONE, ZERO, CommissionError

COMPUTATIONS = ("flat", "percentage", "product", "marginal", "retroactive")


@dataclass(frozen=True)
class Band:
    """A rate for what lies above ``lower``, up to and including ``upper``.

    :param upper: None = without end
    """

    lower: Decimal
    upper: Decimal | None
    rate: Decimal

    @property
    def text(self) -> str:
        return f"{self.lower:f}–{'…' if self.upper is None else f'{self.upper:f}'}"


@dataclass(frozen=True)
class Accelerator:
    """Share of the quota above which earnings count ``factor`` times.

    :param above: share of the quota, 1 = all of it
    """

    above: Decimal
    factor: Decimal


@dataclass(frozen=True)
class Plan:
    """Terms by which an agent's commission is computed, over the lines of one period.

    :param unit: smallest amount of the currency
    :param computation: ``flat`` = ``flat`` per line; ``percentage`` = ``rate`` of the
        base; ``product`` = each part of the base at its rate of ``rates``, else at
        ``rate``; ``marginal`` = each band's rate for what the period's running base
        has in it; ``retroactive`` = the rate of the band that the period's base has
        reached, for all of it
    :param quota: base of a period that ``accelerators`` refer to
    :param line_floor, line_cap: least and most that a line pays
    :param period_cap: most that the lines of a period pay together
    """

    unit: Decimal
    computation: str
    flat: Decimal = ZERO
    rate: Decimal = ZERO
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    bands: tuple[Band, ...] = ()
    quota: Decimal | None = None
    accelerators: tuple[Accelerator, ...] = ()
    line_floor: Decimal | None = None
    line_cap: Decimal | None = None
    period_cap: Decimal | None = None

    def __post_init__(self) -> None:
        """
        :raises CommissionError: what the plan pays is not clear
        """
        if self.computation not in COMPUTATIONS:
            raise CommissionError(f"Unknown computation: {self.computation!r}.")
        if self.unit <= 0:
            raise CommissionError("The currency's rounding unit must be above 0.")
        _check_rates([self.rate, *self.rates.values()])
        _check_amounts(self.flat, self.line_floor, self.line_cap, self.period_cap)
        if self.line_floor and self.line_cap and self.line_floor > self.line_cap:
            raise CommissionError("The minimum per deal is above the maximum per deal.")
        if self.is_tiered:
            check_bands(self.bands)
        if not self.accelerators:
            return
        if not self.quota or self.quota <= 0:
            raise CommissionError("Accelerators need a quota above 0.")
        if self.computation == "flat":
            raise CommissionError(
                "A plan with a flat amount has no quota: remove the accelerators."
            )
        above = [each.above for each in self.accelerators]
        if len(set(above)) < len(above):
            raise CommissionError(
                "Two accelerators begin at the same share of the quota."
            )
        if any(each.above < 0 or each.factor <= 0 for each in self.accelerators):
            raise CommissionError(
                "An accelerator must begin at 0% or more, with a multiplier above 0."
            )

    @property
    def is_tiered(self) -> bool:
        return self.computation in ("marginal", "retroactive")

    def get_band(self, reached: Decimal) -> Band:
        """The band that an amount of 0 or more lies in; its end belongs to it."""
        return next(
            band
            for band in self.bands
            if (band.upper is None or reached <= band.upper)
            and (reached > band.lower or not band.lower)
        )


def check_bands(bands: tuple[Band, ...]) -> None:
    """
    :raises CommissionError: the bands do not cover every amount from 0 exactly once
    """
    if not bands:
        raise CommissionError("The plan has no tier. Add one that begins at 0.")
    _check_rates([band.rate for band in bands])
    reached: Decimal | None = ZERO
    for band in sorted(bands, key=lambda each: each.lower):
        if reached is None or band.lower < reached:
            raise CommissionError(f"Tier {band.text} overlaps the one before it.")
        if band.lower > reached:
            raise CommissionError(
                f"No tier covers {reached:f} to {band.lower:f}. Tiers follow one"
                " another from 0."
            )
        if band.upper is not None and band.upper <= band.lower:
            raise CommissionError(f"Tier {band.text} ends before it begins.")
        reached = band.upper
    if reached is not None:
        raise CommissionError(f"No tier covers what is above {reached:f}.")


def _check_rates(rates: list[Decimal]) -> None:
    for rate in rates:
        if not ZERO <= rate <= ONE:
            raise CommissionError(
                f"A rate must be between 0% and 100%, not {100 * rate:.2f}%."
            )


def _check_amounts(*amounts: Decimal | None) -> None:
    for amount in amounts:
        if amount is not None and amount < 0:
            raise CommissionError(f"An amount of a plan is 0 or more, not {amount:f}.")
