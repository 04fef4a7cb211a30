"""Filters of records as people type them: fields compared with values, and, or.

::

    parse_filter('IsWon and Amount >= 1000 or StageName = "Closed Won"')

A field alone has to be true; “and” binds more closely than “or”.
"""

import re
from dataclasses import dataclass
from typing import Literal

from odoo.addons.kpi_base.engine.fault import Fault

from .caller import _lt

MAX_LENGTH = 2_000
MAX_CONDITIONS = 50
Operator = Literal["=", "!=", ">", ">=", "<", "<="]
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<operator>!=|<>|>=|<=|=|>|<)
      | "(?P<double>[^"]*)"
      | '(?P<single>[^']*)'
      | (?P<word>[^\s"'=<>!()]+)
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class FilterFault(Fault):
    """Text that is no filter, with the reason."""


@dataclass(frozen=True)
class Condition:
    """A field compared with a value.

    :ivar field: its name at the service
    :ivar value: text as typed; of numbers and of true and false, their text
    :ivar is_quoted: whether the value is a text, also if it looks like a number
    """

    field: str
    operator: Operator = "="
    value: str = "true"
    is_quoted: bool = False

    @property
    def is_number(self) -> bool:
        return not self.is_quoted and bool(_NUMBER.fullmatch(self.value))


def parse_filter(text: str) -> list[list[Condition]]:
    """Read a filter: a list of alternatives, each a list of conditions.

    :return: empty if there is no filter
    :raises FilterFault: what is wrong, and after which text
    """
    if not text.strip():
        return []
    if len(text) > MAX_LENGTH or _CONTROL.search(text):
        raise FilterFault(_lt("The filter is too long or has invalid characters."))
    tokens = _split(text.strip())
    alternatives: list[list[Condition]] = [[]]
    while True:
        condition, tokens = _take_condition(tokens)
        alternatives[-1].append(condition)
        if not tokens:
            break
        kind, word = tokens.pop(0)
        if kind != "word" or word.lower() not in ("and", "or"):
            raise _fault_at(word)
        if word.lower() == "or":
            alternatives.append([])
    if sum(map(len, alternatives)) > MAX_CONDITIONS:
        raise FilterFault(
            _lt("The filter has more than %(most)s conditions."), most=MAX_CONDITIONS
        )
    return alternatives


def _split(text: str) -> list[tuple[str, str]]:
    """``(kind, text)`` of each part of a filter."""
    tokens, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            raise _fault_at(text[place:].strip())
        kind = str(found.lastgroup)
        tokens.append((kind, found[kind]))
        place = found.end()
    return tokens


def _take_condition(
    tokens: list[tuple[str, str]],
) -> tuple[Condition, list[tuple[str, str]]]:
    """The first condition, and the tokens behind it."""
    kind, field = tokens[0] if tokens else ("", "")
    if kind != "word" or field.lower() in ("and", "or"):
        raise _fault_at(field)
    if len(tokens) < 2 or tokens[1][0] != "operator":
        return Condition(field), tokens[1:]
    operator = tokens[1][1].replace("<>", "!=")
    kind, value = tokens[2] if len(tokens) > 2 else ("", "")
    is_joint = kind == "word" and value.lower() in ("and", "or")
    if kind in ("", "operator") or is_joint:
        raise _fault_at(f"{field} {operator}")
    return Condition(field, operator, value, kind != "word"), tokens[3:]


def _fault_at(text: str) -> FilterFault:
    return FilterFault(
        _lt(
            "The filter cannot be read at “%(text)s”. Write e.g. IsWon and Amount >= "
            '1000 or StageName = "Closed Won".'
        ),
        text=text[:30],
    )
