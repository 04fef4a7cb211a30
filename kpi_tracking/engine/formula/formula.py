"""A formula that was read: a flat list of steps, each after the steps it uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from .functions import FUNCTIONS
from .node import Node
from .program import Program, compile_program
from .scan import line_and_column


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

    @cached_property
    def constants(self) -> tuple[float, ...]:
        """Numbers that are used, in order; ``2 * 3`` is one number, 6."""
        return tuple(self._values("constant"))

    @cached_property
    def program(self) -> Program:
        """The steps that :func:`evaluate` runs."""
        return compile_program(self.nodes)

    def text_of(self, node: Node) -> str:
        """The part of the text that a node came from, in one line."""
        return " ".join(self.text[node.start : node.end].split())

    def locate_node(self, node: Node) -> dict[str, int]:
        """Line and column of a node, from 1."""
        return line_and_column(self.text, node.start)

    def locate_code(self, code: str) -> dict[str, int]:
        """Line and column where a KPI is first named; empty where it is not."""
        for node in self.nodes:
            if node.value == code and node.name in ("code", "target", "baseline"):
                return self.locate_node(node)
        return {}

    def _values(self, name: str) -> Iterable:
        return (node.value for node in self.nodes if node.name == name)
