"""From the text of a formula to its checked steps.

Python's ``ast`` reads the text; every node that is not listed here is refused. What
remains is a flat list of :class:`Node`, each after the nodes it uses, so that
nothing later needs recursion.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from .errors import FormulaError, Text, _lt
from .formula import Formula, Node
from .functions import (
    DIGITS_LIMIT,
    DIVISIONS,
    FUNCTIONS,
    HISTORY_FUNCTIONS,
    OPERATIONS,
    PERIODS_LIMIT,
    as_logical,
    as_number,
)
from .graph import look_back, suggestion
from .scan import DEPTH_LIMIT, RESERVED_WORDS, line_and_column, scan, shorten

NODES_LIMIT = 400
EXPONENT_LIMIT = 64
LOOK_BACK_LIMIT = 1200
RESERVED_NAMES = frozenset(FUNCTIONS) | RESERVED_WORDS

BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
COMPARISONS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@lru_cache(maxsize=4096)
def parse(text: str) -> Formula:
    """Read a formula and check all that can be checked without knowing the KPIs.

    :param text: the formula as typed, at most 1,000 characters
    :return: the formula; the same object again for the same text
    :raises FormulaError: with line and column of the first thing that is wrong
    """
    builder = _Builder(text)
    builder.build()
    return Formula(text, tuple(builder.nodes))


class _Builder:
    """Turns Python's tree of one text into nodes, operands first."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = scan(text)
        self.nodes: list[Node] = []

    def build(self) -> None:
        flat = "".join(
            " " if character in "\t\r\n" else character for character in self.text
        )
        try:
            tree = ast.parse(f"({flat})", mode="eval")
            root = self._convert_step(self._add(tree.body, 0), tree.body, False)
        except SyntaxError as error:
            raise self._syntax_error(error) from None
        except (RecursionError, MemoryError):
            raise FormulaError(
                _lt("The formula is nested too deeply. Split it into several KPIs."),
                1,
            ) from None
        # Folding constants leaves rests: what the root needs stays, in that order.
        needed = {root}
        for index in range(root, -1, -1):
            if index in needed:
                needed.update(self.nodes[index].operands)
        position = {old: new for new, old in enumerate(sorted(needed))}
        self.nodes = [
            replace(node, operands=tuple(position[old] for old in node.operands))
            for index, node in enumerate(self.nodes)
            if index in needed
        ]
        for node, periods in zip(self.nodes, look_back(self.nodes), strict=True):
            if periods.periods > LOOK_BACK_LIMIT:
                raise FormulaError(
                    _lt(
                        "Look back at most %(limit)s periods.",
                        limit=LOOK_BACK_LIMIT,
                    ),
                    **line_and_column(self.text, node.start),
                )

    def _syntax_error(self, error: SyntaxError) -> FormulaError:
        for token in self.tokens:
            if token.text in ("if", "else"):
                return FormulaError(
                    _lt("Invalid condition. Write: a if condition else b."),
                    **line_and_column(self.text, token.start),
                )
        return FormulaError(
            _lt("Invalid expression. Check the operators and brackets here."),
            **line_and_column(self.text, (error.offset or 2) - 2),
        )

    def _error(
        self, tree: ast.AST, text: Text, hints: Sequence[Text] = ()
    ) -> FormulaError:
        return FormulaError(
            text, **line_and_column(self.text, tree.col_offset - 1), hints=hints
        )

    def _append(self, name, operands, tree, value=None) -> int:
        # one less than in the tree: ast saw a bracket in front of the text
        start, end = tree.col_offset - 1, tree.end_col_offset - 1
        self.nodes.append(Node(name, tuple(operands), start, end, value))
        if len(self.nodes) > NODES_LIMIT:
            raise FormulaError(
                _lt(
                    "The formula has more than %(limit)s parts. Split it into "
                    "several KPIs.",
                    limit=NODES_LIMIT,
                ),
                **line_and_column(self.text, end - 1),
            )
        return len(self.nodes) - 1

    def _add(self, tree: ast.AST, depth: int) -> int:
        """Append what a tree stands for; the method is ``_add_<kind of tree>``."""
        if depth > DEPTH_LIMIT:
            raise self._error(
                tree,
                _lt(
                    "The formula has more than %(limit)s nested levels. Split it "
                    "into several KPIs.",
                    limit=DEPTH_LIMIT,
                ),
            )
        add = getattr(self, f"_add_{type(tree).__name__}", None)
        if add is None:
            raise self._error(
                tree,
                _lt(
                    "This is not allowed. Use KPI codes, numbers, operators and "
                    "functions."
                ),
            )
        return add(tree, depth + 1)

    def _add_Constant(self, tree: ast.Constant, depth: int) -> int:
        return self._append("constant", (), tree, float(tree.value))

    def _add_Name(self, tree: ast.Name, depth: int) -> int:
        if tree.id == "days_in_period":
            return self._append("days_in_period", (), tree)
        return self._append("code", (), tree, self._code(tree))

    def _add_UnaryOp(self, tree: ast.UnaryOp, depth: int) -> int:
        if isinstance(tree.op, ast.Not):
            return self._operation("not", [self._add(tree.operand, depth)], tree)
        operand = self._add(tree.operand, depth)
        if isinstance(tree.op, ast.UAdd):
            return self._convert_step(operand, tree.operand, False)
        return self._operation("negative", [operand], tree)

    def _add_BinOp(self, tree: ast.BinOp, depth: int) -> int:
        """Walk down the left side in a loop: ``a + b + c + …`` is not deep."""
        chain = []
        leftmost: ast.AST = tree
        while isinstance(leftmost, ast.BinOp):
            chain.append(leftmost)
            leftmost = leftmost.left
        result = self._add(leftmost, depth)
        for link in reversed(chain):
            right = self._add(link.right, depth)
            name = BINARY.get(type(link.op))
            if name is None:
                raise self._error(link, _lt("This operator is not allowed."))
            divisor = self.nodes[right]
            is_constant = divisor.name == "constant"
            if is_constant and name in DIVISIONS and divisor.value == 0:
                raise self._error(link.right, _lt("Division by zero."))
            if is_constant and name == "**" and abs(divisor.value) > EXPONENT_LIMIT:
                text = _lt(
                    "Exponents must be between −%(limit)s and %(limit)s.",
                    limit=EXPONENT_LIMIT,
                )
                raise self._error(link.right, text)
            result = self._operation(name, [result, right], link)
        return result

    def _add_Compare(self, tree: ast.Compare, depth: int) -> int:
        """``a < b < c`` is ``a < b and b < c``."""
        sides = [self._add(side, depth) for side in (tree.left, *tree.comparators)]
        parts = []
        for operator, *pair in zip(tree.ops, sides, sides[1:], strict=False):
            name = COMPARISONS.get(type(operator))
            if name is None:
                raise self._error(tree, _lt("This comparison is not allowed."))
            parts.append(self._operation(name, pair, tree))
        return parts[0] if len(parts) == 1 else self._operation("and", parts, tree)

    def _add_BoolOp(self, tree: ast.BoolOp, depth: int) -> int:
        operands = [self._add(value, depth) for value in tree.values]
        name = "and" if isinstance(tree.op, ast.And) else "or"
        return self._operation(name, operands, tree)

    def _add_IfExp(self, tree: ast.IfExp, depth: int) -> int:
        parts = (tree.test, tree.body, tree.orelse)
        return self._operation("if_", [self._add(part, depth) for part in parts], tree)

    def _add_Call(self, tree: ast.Call, depth: int) -> int:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        function = FUNCTIONS.get(name)
        if function is None:
            raise self._error(
                tree,
                _lt("Unknown function %(name)s.", name=shorten(name)),
                suggestion(name, FUNCTIONS),
            )
        self._check_arguments(tree, name)
        taken = function.operands[1]
        operands = [self._add(argument, depth) for argument in tree.args[:taken]]
        if name in HISTORY_FUNCTIONS and self.nodes[operands[0]].name == "constant":
            raise self._error(
                tree.args[0],
                _lt("A number has no earlier periods. Use a KPI code."),
            )
        value = self._parameter(tree, name, depth)
        return self._operation(name, operands, tree, value)

    def _check_arguments(self, tree: ast.Call, name: str) -> None:
        function = FUNCTIONS[name]
        fewest, most = function.operands
        if function.parameter:
            fewest += function.parameter_default is None
            most += 1
        if tree.keywords or not fewest <= len(tree.args) <= most:
            hint = _lt(
                "%(name)s needs several values. For several periods, use ytd(x) or "
                "rolling(x, periods).",
                name=name,
            )
            is_alone = len(tree.args) == 1 and name in ("sum", "avg", "min", "max")
            usage = _lt("Write %(usage)s.", usage=function.usage)
            raise self._error(tree, usage, [hint] if is_alone else [])

    def _parameter(self, tree: ast.Call, name: str, depth: int) -> int | str | None:
        function = FUNCTIONS[name]
        if function.parameter is None:
            return None
        if len(tree.args) == function.operands[1]:
            return function.parameter_default
        argument = tree.args[-1]
        if function.parameter == "code":
            if not isinstance(argument, ast.Name):
                raise self._error(
                    argument, _lt("Use one KPI code: %(name)s(code).", name=name)
                )
            return self._code(argument)
        lowest, highest = (
            (1, PERIODS_LIMIT)
            if function.parameter == "periods"
            else (-DIGITS_LIMIT, DIGITS_LIMIT)
        )
        node = self.nodes[self._add(argument, depth)]
        is_integral = node.name == "constant" and float(node.value).is_integer()
        if not is_integral or not lowest <= node.value <= highest:
            raise self._error(
                argument,
                _lt(
                    "Enter a whole number from %(lowest)s to %(highest)s.",
                    lowest=lowest,
                    highest=highest,
                ),
            )
        return int(node.value)

    def _code(self, tree: ast.Name) -> str:
        if tree.id in FUNCTIONS:
            raise self._error(
                tree,
                _lt(
                    "%(name)s is a function. Write %(usage)s.",
                    name=tree.id,
                    usage=FUNCTIONS[tree.id].usage,
                ),
            )
        return tree.id

    def _operation(self, name, operands: list[int], tree, value=None) -> int:
        """An operation on earlier steps; on constants alone the constant it gives."""
        operation = OPERATIONS[name]
        arguments = [self.nodes[index] for index in operands]
        if not arguments or any(node.name != "constant" for node in arguments):
            converted = [
                self._convert_step(index, tree, operation.takes_logical_at(position))
                for position, index in enumerate(operands)
            ]
            return self._append(name, converted, tree, value)
        numbers = [
            as_logical(number) if operation.takes_logical_at(position) else number
            for position, number in enumerate(np.float64(a.value) for a in arguments)
        ]
        with np.errstate(all="ignore"):
            result = operation.apply(*numbers, *([] if value is None else [value]))
        number = float(as_number(result) if operation.gives_logical else result)
        if not math.isfinite(number):
            raise self._error(
                tree, _lt("The result is too large or undefined. Check the numbers.")
            )
        return self._append("constant", (), tree, number)

    def _convert_step(self, index: int, tree: ast.AST, is_logical: bool) -> int:
        """A step as number or logical value, with a step between if it is not."""
        node = self.nodes[index]
        operation = OPERATIONS.get(node.name)
        gives_logical = operation is not None and operation.gives_logical
        if gives_logical == is_logical:
            return index
        name = "as_logical" if is_logical else "as_number"
        new_index = self._append(name, [index], tree)
        self.nodes[new_index] = replace(node, name=name, operands=(index,), value=None)
        return new_index
