"""Number formats of spreadsheets: by how much they multiply, and in which units.

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
_UNIT = re.compile(r"[%‰]|(?:[^\W\d_]|[$€£¥₹₽₩₺₴₫฿])+")
_SIGNS = frozenset("$€£¥₹₽₩₺₴₫฿")
# Commas behind the digits, each of which divides by 1,000 what is shown.
_SCALING = re.compile(r"[0#?](,+)(?![0#?,])")
# Words for what the commas leave out, by their number.
_SCALE_WORDS = {
    1: frozenset(("k", "t", "tsd", "th", "thousand", "tausend")),
    2: frozenset(("m", "mm", "mn", "mio", "mln", "million", "millions", "millionen")),
    3: frozenset(("b", "bn", "md", "mrd", "mld", "billion", "billions", "milliarden")),
}
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
    :ivar units: words and signs that are shown with the number
    """

    percent_count: int
    condition: tuple[str, float] | None
    is_text: bool
    units: tuple[str, ...] = ()

    def is_met(self, number: float) -> bool:
        """Check whether the condition holds; False where there is none."""
        if not self.condition:
            return False
        name, limit = self.condition
        return _OPERATORS[name](number, limit)


def read_as_shown(number: float, code: str) -> tuple[float, tuple[str, ...]]:
    """The number and the units that people see: “82.5%”, “12 Mio”, “CHF 12”.

    Without a percent sign that applies it is ``number`` itself, in full also where the
    format divides what it shows: ``0.0,," Mio"``.

    :param code: of the format, as the file has it
    """
    sections = _parse(code)
    if not any(one.percent_count or one.units for one in sections):
        return number, ()
    section = _find_section(sections, number)
    if not section:
        return number, ()
    count = section.percent_count
    shown = float(f"{number * 100**count:.{_DIGITS}g}") if count else number
    return shown, section.units


def _find_section(sections: tuple[Section, ...], number: float) -> Section | None:
    """The section that ``number`` is shown by."""
    numeric = [section for section in sections if not section.is_text][:3]
    if not numeric:
        return None
    if any(section.condition for section in numeric):
        return _choose_by_condition(numeric, number)
    return _choose_by_sign(numeric, number)


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
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["plain"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(map(_read_section, parts))


def _read_section(tokens: list[re.Match[str]]) -> Section:
    conditions = (
        _CONDITION.fullmatch(token["bracket"])
        for token in tokens
        if token["bracket"] is not None
    )
    condition = next(filter(None, conditions), None)
    plain = "".join(token["plain"] or " " for token in tokens)
    return Section(
        plain.count("%"),
        condition and (condition["operator"], float(condition["limit"])),
        "@" in plain,
        _find_units(tokens, plain),
    )


def _find_units(tokens: list[re.Match[str]], plain: str) -> tuple[str, ...]:
    """Words and signs next to the digits, each once; not those for thousands.

    :param plain: the tokens of one character; blanks for the others
    """
    if not re.search(r"[0#?]|general", plain, re.IGNORECASE):
        return ()  # a text is shown instead of the number
    scaling = _SCALING.search(plain)
    words = _SCALE_WORDS.get(len(scaling[1]), frozenset()) if scaling else frozenset()
    units: dict[str, None] = {}
    for unit in _UNIT.findall("".join(map(_read_literal, tokens))):
        word = unit.strip("".join(_SIGNS))
        if word.casefold() in words:
            unit = unit.replace(word, "")
        if unit:
            units[unit] = None
    return tuple(units)


def _read_literal(token: re.Match[str]) -> str:
    """What a token shows next to the digits; a blank for one that shows nothing."""
    text, bracket, plain = token[0], token["bracket"], token["plain"]
    if bracket is not None:
        is_currency = bracket.startswith("$")
        return f" {bracket[1:].split('-')[0]} " if is_currency else ""
    if plain:
        return plain if plain in _SIGNS or plain in "%‰" else " "
    if text.startswith('"'):
        return text.strip('"')
    return text[1:] if text.startswith("\\") else " "
