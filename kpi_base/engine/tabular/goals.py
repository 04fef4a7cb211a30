"""Targets as people write them: “≥ 95 %”, “< 5”, “± 5 %”, “10–12”."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ..fault import _lt
from ..written_number import DecimalMark
from .cells import (
    Amount,
    CellError,
    UnreadableCell,
    clip_cell,
    number_marks,
    read_number,
)

GoalSign = Literal["≥", "≤"]
_SIGNS: dict[str, GoalSign] = {
    **dict.fromkeys(("≥", "⩾", ">=", "=>", ">"), "≥"),
    **dict.fromkeys(("≤", "⩽", "<=", "=<", "<"), "≤"),
}
_SIGNED = re.compile(r"(?P<sign>[≥⩾≤⩽]|[<>]=?|=[<>])\s*(?P<number>.+)")
_AROUND = re.compile(r"(?P<middle>.*?)\s*(?:±|\+/[-\u2212–]|\+-)\s*(?P<width>.+)")
_DASH = re.compile(r"[-–—]|\bto\b|\bbis\b")


class Goal(Amount):
    """A number that values are to reach, or not to exceed.

    :ivar sign: “≥” or “≤”, also where “>” or “<” is written
    """

    __slots__ = ("sign",)

    def __new__(cls, number: float, sign: GoalSign) -> "Goal":
        is_titled = isinstance(number, Amount) and number.is_titled
        goal = super().__new__(cls, number, _units(number), is_titled=is_titled)
        goal.sign = sign
        return goal


@dataclass(frozen=True, slots=True)
class GoalRange:
    """The lowest and the highest good value."""

    low: float
    high: float

    @property
    def units(self) -> tuple[str, ...]:
        return _units(self.low)

    @property
    def is_titled(self) -> bool:
        return isinstance(self.low, Amount) and self.low.is_titled


def give_units(goal: float | GoalRange, units: tuple[str, ...]) -> float | GoalRange:
    """A number or target with the units of its title, unless it has its own."""
    if isinstance(goal, GoalRange):
        low, high = give_units(goal.low, units), give_units(goal.high, units)
        return GoalRange(low, high)
    if _units(goal):
        return goal
    amount = Amount(goal, units, is_titled=True)
    return Goal(amount, goal.sign) if isinstance(goal, Goal) else amount


def read_goal(
    cell: Any, mark: DecimalMark = ".", known_units: Collection[str] | None = None
) -> float | GoalRange:
    """The target in ``cell``: a number, also one with a sign, or a range.

    ::

        read_goal("≤ 3 %")  # Goal(3.0, "≤"), whose unit is %
        read_goal("± 5")  # GoalRange(-5.0, 5.0)

    :param mark, known_units: as of ``read_number``
    :raises CellError: none of these, or a range whose limits are not clear
    """
    if not isinstance(cell, str) or isinstance(cell, UnreadableCell):
        return read_number(cell, mark, known_units)
    text = cell.strip()
    if number_marks(text):
        return read_number(text, mark, known_units)
    if found := _SIGNED.fullmatch(text):
        number = read_number(found["number"], mark, known_units)
        return Goal(number, _SIGNS[found["sign"]])
    if found := _AROUND.fullmatch(text):
        return _read_around(text, found, mark, known_units)
    for low_text, high_text in _split_range(text):
        low = read_number(low_text, mark, known_units)
        high = read_number(high_text, mark, known_units)
        return _make_range(text, _share_units(low, high), _share_units(high, low))
    return read_number(cell, mark, known_units)


def find_goal_numbers(text: str) -> list[str]:
    """The numbers in a text that may be a target; the text itself if it is none."""
    text = text.strip()
    if number_marks(text):
        return [text]
    if found := _SIGNED.fullmatch(text):
        return [found["number"]]
    if found := _AROUND.fullmatch(text):
        return list(filter(None, (found["middle"], found["width"])))
    return next(map(list, _split_range(text)), [text])


def _read_around(
    text: str,
    found: re.Match[str],
    mark: DecimalMark,
    known_units: Collection[str] | None,
) -> GoalRange:
    width = read_number(found["width"], mark, known_units)
    middle = 0.0
    if found["middle"]:
        middle = read_number(found["middle"], mark, known_units)
        if _units(middle) != _units(width):
            # five percent of it, or five points
            raise CellError(
                _lt("“%(cell)s” is not clear. Enter the limits, such as 90–100."),
                cell=clip_cell(text),
            )
    limits = (middle - width, middle + width)
    return _make_range(text, *(_with_units(limit, width) for limit in limits))


def _split_range(text: str) -> Iterator[tuple[str, str]]:
    """The parts of “10–12”, which are numbers; “-5--2” is -5 to -2."""
    for dash in _DASH.finditer(text):
        parts = text[: dash.start()].strip(), text[dash.end() :].strip()
        if all(map(number_marks, parts)):
            yield parts


def _make_range(text: str, low: float, high: float) -> GoalRange:
    if low > high:
        raise CellError(
            _lt("“%(cell)s”: the first limit exceeds the second."), cell=clip_cell(text)
        )
    return GoalRange(low, high)


def _units(number: float) -> tuple[str, ...]:
    return number.units if isinstance(number, Amount) else ()


def _with_units(number: float, other: float) -> float:
    units = _units(other)
    return Amount(number, units) if units else number


def _share_units(number: float, other: float) -> float:
    """Give a limit the unit of the other one: “10–12 %”."""
    return number if _units(number) else _with_units(number, other)
