"""Comparisons with numbers: “above 40 %”, “not below 85”, “drops by 10 %”."""

import re
from dataclasses import dataclass

from .pieces import Pieces

OPERATORS = {"above": ">", "below": "<", "atleast": ">=", "atmost": "<=", "equal": "="}
OPPOSITES = {">": "<=", "<": ">=", ">=": "<", "<=": ">"}
YEAR = re.compile(r"(?:19|20)\d\d")
HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0}


class UnitError(ValueError):
    """A number in a unit that the KPI does not have."""


@dataclass(frozen=True)
class Quantity:
    """A number and what it counts.

    :param unit: ``%``, a currency, ``points``, … or a time unit; empty = none given
    """

    number: float
    unit: str = ""

    def in_unit(self, unit: str) -> float:
        """The number in the unit of a KPI.

        :raises UnitError: that is not possible
        """
        if not self.unit or self.unit == unit:
            return self.number
        one = unit.removesuffix("s")
        if self.unit in HOURS and one in HOURS:
            return round(self.number * HOURS[self.unit] / HOURS[one], 9)
        if self.unit == "currency" or (self.unit, unit) == ("points", "%"):
            return self.number
        raise UnitError(self.unit)


@dataclass(frozen=True)
class Comparison:
    """``operator`` and what is compared with, at ``place``.

    :param begin: where the first of its pieces is
    :param stop: the place after the last one
    """

    operator: str
    quantity: Quantity
    place: int
    begin: int
    stop: int


def read_quantity(pieces: Pieces, place: int) -> tuple[Quantity, int] | None:
    """The number at ``place`` with scale and unit, and the place after it."""
    number = pieces.number(place)
    at = place + 1
    if number is None and (unit := pieces.value(place, "measure")):
        number, at = pieces.number(place + 1), place + 2  # “€ 500”
        return number if number is None else (Quantity(number, unit), at)
    if number is None:
        return None
    if scale := pieces.value(at, "scale"):
        number, at = number * float(scale), at + 1
    after = pieces.skip(at, "measure", "unit")
    unit = pieces.value(after, "measure") or pieces.value(after, "unit") or ""
    if unit in ("month", "quarter", "year", "half", "period"):
        return Quantity(number), at
    at = after + 1 if unit else at
    if pieces.has(at, "half_more"):
        number, at = number + 0.5, at + 1
    return Quantity(number, unit), at


def take_comparisons(pieces: Pieces, *, with_years: bool = True) -> list[Comparison]:
    """Comparisons with numbers, whose pieces are used up.

    :param with_years: also “over 2025”, which may be a year
    """
    found = []
    for place in list(pieces.places("cmp")):
        if not pieces.is_free(place):
            continue
        at = pieces.after(place)
        quantity = read_quantity(pieces, at) or read_quantity(
            pieces, pieces.skip(place + 1, "number", "measure")
        )
        begin: int = place
        stop = quantity[1] if quantity else 0
        if not quantity:
            quantity = read_quantity_before(pieces, place)
            if not quantity:
                continue
            begin, stop = quantity[1], place + 1
        if not with_years and _may_be_year(pieces, begin, stop, quantity[0]):
            continue
        operator = OPERATORS[pieces.value(place, "cmp") or ""]
        if operator in OPPOSITES and pieces.take_not(place):
            operator = OPPOSITES[operator]
        found.append(Comparison(operator, quantity[0], place, begin, stop))
        pieces.use(*range(begin, stop))
    return found


def _may_be_year(pieces: Pieces, begin: int, stop: int, quantity: Quantity) -> bool:
    """Check for a number such as 2025 that nothing is said to be counted by."""
    texts = [pieces.token(at).text for at in range(begin, stop)]
    return not quantity.unit and any(YEAR.fullmatch(text) for text in texts)


def read_quantity_before(pieces: Pieces, place: int) -> tuple[Quantity, int] | None:
    """The number before a verb, as in “350.000 Euro übersteigen”, and its place."""
    for begin in range(max(place - 3, 0), place):
        found = read_quantity(pieces, begin)
        if found and found[1] == place:
            return found[0], begin
    return None
