"""A formula that was read: a flat list of steps, each after the steps it uses."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .functions import FUNCTIONS
from .scan import line_and_column

NAMES_OF_KPIS = ("code", "target", "baseline")
CODE = re.compile(r"\b[A-Za-z_]\w*")
# Functions whose result is in the unit of the KPI that they are asked about.
SAME_UNIT = re.compile(
    r"(?:abs|baseline|prev|rolling|round|target|ytd)\(\s*(\w+)\s*(?:,[^()]*)?\)\Z"
)


@dataclass(frozen=True)
class Node:
    """One step: a constant, a KPI's code, or an operation on earlier steps.

    ``start`` and ``end`` bound its text; ``value`` is a constant's number, a code's
    name, or the parameter of a function.
    """

    name: str
    operands: tuple[int, ...]
    start: int
    end: int
    value: float | int | str | None = None


@dataclass(frozen=True)
class Formula:
    """A formula that may be evaluated; equal when its text is."""

    text: str
    nodes: tuple[Node, ...] = field(compare=False, repr=False)

    @cached_property
    def codes(self) -> frozenset[str]:
        """KPIs whose facts are needed."""
        return frozenset(self._values("code"))

    @cached_property
    def target_codes(self) -> frozenset[str]:
        """KPIs whose targets are needed."""
        return frozenset(self._values("target"))

    @cached_property
    def baseline_codes(self) -> frozenset[str]:
        """KPIs whose baselines are needed."""
        return frozenset(self._values("baseline"))

    @cached_property
    def functions(self) -> frozenset[str]:
        """Functions that are used."""
        return frozenset(node.name for node in self.nodes if node.name in FUNCTIONS)

    def text_of(self, node: Node) -> str:
        """The part of the text that a node came from, in one line."""
        return " ".join(self.text[node.start : node.end].split())

    def locate_node(self, node: Node) -> dict[str, int]:
        """Line and column of a node, from 1."""
        return line_and_column(self.text, node.start)

    def locate_code(self, code: str) -> dict[str, int]:
        """Line and column where a KPI is first named; empty where it is not."""
        for node in self.nodes:
            if node.value == code and node.name in NAMES_OF_KPIS:
                return self.locate_node(node)
        return {}

    def _values(self, name: str) -> Iterable:
        return (node.value for node in self.nodes if node.name == name)


def name_codes(text: str, names: Mapping[str, str]) -> str:
    """Put the names of KPIs, in quotes, for their codes in a part of a formula.

    :param names: code → name; other words of ``text`` stay
    """

    def word(match: re.Match[str]) -> str:
        code = match[0]
        return f"“{names[code]}”" if code in names else code

    return CODE.sub(word, text)


def find_unit_code(text: str, codes: Container[str]) -> str | None:
    """Code of the KPI in whose unit a part of a formula is; None where there is none.

    :param codes: those of the formula's KPIs
    """
    code = text if text in codes else SAME_UNIT.sub(r"\1", text)
    return code if code in codes else None
