"""A formula's steps laid out for speed: a frame of arrays and what fills it.

The frame begins with the context, the inputs and the constants; each step appends
its result. A step writes into its left operand where that is a result which nothing
else needs, so that no memory is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .functions import OPERATIONS, Operation
from .node import Node

CONTEXT_REGISTER = 0
COMMUTATIVE = frozenset({"+", "*"})
Step = tuple[Callable, "int | None", "int | tuple[int, ...]"]


@dataclass(frozen=True)
class Program:
    """Steps to evaluate a formula.

    A step is (function, left, right), or (function, None, arguments) where it takes
    other than two values; numbers are positions in the frame. ``is_fresh`` says that
    the last array was made by the steps and belongs to nobody else.
    """

    codes: tuple[str, ...]
    constants: tuple[object, ...]
    steps: tuple[Step, ...]
    result: int
    is_fresh: bool


def compile_program(nodes: Sequence[Node]) -> Program:
    """Lay out the steps of a formula.

    :param nodes: operands before the nodes that use them, the result last
    """
    return _Layout(nodes).program()


class _Layout:
    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        self.codes = tuple(dict.fromkeys(n.value for n in nodes if n.name == "code"))
        self.constants: list[object] = []
        self.register: list[int] = []
        for node in nodes:
            self.register.append(self._leaf_register(node))
        self.parameter = {
            index: self._constant_register(node.value)
            for index, node in enumerate(nodes)
            if node.name in OPERATIONS and node.value is not None
        }
        self.step_start = 1 + len(self.codes) + len(self.constants)

    def program(self) -> Program:
        steps: list[Step] = []
        for index, node in enumerate(self.nodes):
            if node.name in OPERATIONS:
                steps.append(self._step(index, node, OPERATIONS[node.name]))
                self.register[index] = self.step_start + len(steps) - 1
        return Program(
            self.codes,
            tuple(self.constants),
            tuple(steps),
            self.register[-1],
            self._is_fresh(self.nodes[-1]),
        )

    def _leaf_register(self, node: Node) -> int:
        if node.name == "code":
            return 1 + self.codes.index(node.value)
        if node.name == "constant":
            # numpy takes an array without dimensions faster than a float
            return self._constant_register(np.array(node.value))
        return -1

    def _constant_register(self, value: object) -> int:
        self.constants.append(value)
        return len(self.codes) + len(self.constants)

    def _step(self, index: int, node: Node, operation: Operation) -> Step:
        operands = [self.register[operand] for operand in node.operands]
        if operation.in_place:
            for position in range(2 if node.name in COMMUTATIVE else 1):
                if self._is_fresh(self.nodes[node.operands[position]]):
                    return (
                        operation.in_place,
                        operands[position],
                        operands[1 - position],
                    )
        if operation.needs_context:
            operands.insert(0, CONTEXT_REGISTER)
        if node.value is not None:
            operands.append(self.parameter[index])
        if len(operands) == 2:
            return operation.apply, operands[0], operands[1]
        return operation.apply, None, tuple(operands)

    @staticmethod
    def _is_fresh(node: Node) -> bool:
        """Return whether a node's result is an array of its own, used by one node only.

        Only comparisons share operands, and these write nowhere.
        """
        return node.name in OPERATIONS and bool(node.operands)
