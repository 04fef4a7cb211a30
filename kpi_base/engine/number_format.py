"""Number formats of spreadsheets: by how much they multiply what they show.

Grammar: ECMA-376 Part 1, §18.8.31. A format has up to four sections parted by
semicolons: for positive numbers, negative ones, zero and texts, unless conditions such
as ``[<80]`` say otherwise.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_KNOWN_FORMATS = 1_000
_DIGITS = 15  # significant ones, as many as spreadsheets calculate with
# Literal text, escaped characters, blanks as wide as one, fillers, brackets, the rest.
_TOKEN = re.compile(
    r'"[^"]*"?|\\.?|_.?|\*.?|\[(?P<bracket>[^\]]*)\]?|(?P<plain>.)', re.DOTALL
)
_CONDITION = re.compile(
    r"\s*(?P<operator><=|>=|<>|<|>|=)\s*(?P<limit>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*"
)
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Section:
    """A part of a format.

    :ivar percent_count: percent signs that multiply by 100 each
    :ivar condition: operator and limit of the numbers that it is for; None: by sign
    :ivar is_text: for texts only
    """

    percent_count: int
    condition: tuple[str, float] | None
    is_text: bool

    def is_met(self, number: float) -> bool:
        """Check whether the condition holds; False where there is none."""
        if not self.condition:
            return False
        name, limit = self.condition
        return _OPERATORS[name](number, limit)


def scale_as_shown(number: float, code: str) -> float:
    """The number that people see: 0.825 in the format ``0.0%`` is 82.5.

    :param code: of the format, as the file has it
    :return: ``number`` itself where no percent sign applies to it
    """
    if "%" not in code:
        return number
    count = _count_percents(_parse(code), number)
    return float(f"{number * 100**count:.{_DIGITS}g}") if count else number


def _count_percents(sections: tuple[Section, ...], number: float) -> int:
    """Percent signs of the section that ``number`` is shown by."""
    numeric = [section for section in sections if not section.is_text][:3]
    if not numeric:
        return 0
    if any(section.condition for section in numeric):
        section = _choose_by_condition(numeric, number)
    else:
        section = _choose_by_sign(numeric, number)
    return section.percent_count if section else 0


def _choose_by_sign(sections: list[Section], number: float) -> Section:
    if number < 0 and len(sections) > 1:
        return sections[1]
    if number == 0 and len(sections) > 2:
        return sections[2]
    return sections[0]


def _choose_by_condition(sections: list[Section], number: float) -> Section | None:
    """The first section whose condition holds, else the last that has none.

    A second of three without condition is for negative numbers. Spreadsheets show a
    number that no section is for as it is, or as ``###``.
    """
    for place, section in enumerate(sections):
        is_last = place == len(sections) - 1
        if section.is_met(number) or (is_last and place and not section.condition):
            return section
        if not section.condition and not is_last:
            is_first_taken = number > 0 if place == 0 else number < 0
            if is_first_taken:
                return section
    return None


@lru_cache(_KNOWN_FORMATS)
def _parse(code: str) -> tuple[Section, ...]:
    sections = []
    percent_count, condition, is_text = 0, None, False
    for token in _TOKEN.finditer(code):
        bracket, plain = token["bracket"], token["plain"]
        if bracket is not None:
            found = _CONDITION.fullmatch(bracket)
            if found and not condition:
                condition = found["operator"], float(found["limit"])
        elif plain == ";":
            sections.append(Section(percent_count, condition, is_text))
            percent_count, condition, is_text = 0, None, False
        elif plain == "%":
            percent_count += 1
        elif plain == "@":
            is_text = True
    sections.append(Section(percent_count, condition, is_text))
    return tuple(sections)
