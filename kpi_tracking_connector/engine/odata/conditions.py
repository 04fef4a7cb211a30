"""``$filter``: what it says, checked against the columns that there are."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from .fault import ODataFault

MOST_TERMS = 500
MOST_CHARACTERS = 50_000
MOST_DEEP = 100  # conditions within conditions; a chain of them is flat
OPERATORS = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.In: "in",
}
MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
NUMBERS = {"Int32", "Double"}
LITERALS = {  # literal → kinds of columns that it can be compared with
    ast.Integer: NUMBERS,
    ast.Float: NUMBERS,
    ast.Boolean: {"Boolean"},
    ast.String: {"String"},
    ast.Date: {"Date"},
    ast.DateTime: {"DateTimeOffset"},
}
TEXT_TESTS = {"contains", "startswith", "endswith"}
FUNCTIONS = {  # name → (kinds of columns it takes, kind that comes out)
    "tolower": ({"String"}, "String"),
    "toupper": ({"String"}, "String"),
    "year": ({"Date"}, "Int32"),
    "month": ({"Date"}, "Int32"),
    "day": ({"Date"}, "Int32"),
}


@dataclass(frozen=True)
class Test:
    """A column compared with a value.

    :param function: applied to the column before; empty: none
    :param operator: of ``OPERATORS`` or ``TEXT_TESTS``
    :param value: a number, text, bool, day or moment; None = null; a list for “in”
    """

    column: str
    function: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Group:
    """Conditions that hold together.

    :param word: “and”, “or”; “not” has one part
    """

    word: str
    parts: tuple["Test | Group", ...]


def read_filter(text: str, columns: Mapping[str, str]) -> Test | Group:
    """Read ``$filter``.

    :param columns: name → type of Edm
    :raises ODataFault: it is none, too large, or of what is not there
    """
    if len(text) > MOST_CHARACTERS:
        raise ODataFault(f"$filter is longer than {MOST_CHARACTERS} characters.")
    if "\x00" in text:
        raise ODataFault("$filter contains a character that no value has.")
    try:
        tokens = _close_short_lists(ODataLexer().tokenize(text))
        tree = ODataParser().parse(tokens)
        return _Reader(columns).visit(tree, 0)
    except (ODataException, ValueError, OverflowError) as error:
        # The parser names tokens of its own; what people need is where it ended.
        raise ODataFault(f"$filter cannot be read: {error}"[:300]) from error


def _close_short_lists(tokens: Iterator[Any]) -> Iterator[Any]:
    """Let a list of one, ``in (5)``, be one: the parser wants a comma there."""
    before = []
    for token in tokens:
        if token.type == ")" and before[-3:-1] == ["IN", "("]:
            yield from ODataLexer().tokenize(",")
        if token.type != "WS":
            before = [*before[-2:], token.type]
        yield token


class _Reader:
    """Reads one tree, and counts its terms."""

    def __init__(self, columns: Mapping[str, str]):
        self.columns = columns
        self.count = 0

    def visit(self, node: Any, depth: int) -> Test | Group:
        if depth > MOST_DEEP:
            raise ODataFault("$filter is nested too deeply.")
        if isinstance(node, ast.BoolOp):
            word = "and" if isinstance(node.op, ast.And) else "or"
            parts = [self.visit(each, depth + 1) for each in _chain(node)]
            return Group(word, tuple(parts))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Group("not", (self.visit(node.operand, depth + 1),))
        if isinstance(node, ast.Call):
            return self._read_text_test(node)
        if isinstance(node, ast.Compare):
            return self._read_comparison(node)
        if isinstance(node, ast.Identifier):
            return self._test(node, "eq", ast.Boolean("true"))
        raise ODataFault("$filter: this kind of condition is not available.", 501)

    def _read_text_test(self, node: ast.Call) -> Test:
        name = node.func.full_name()
        if name not in TEXT_TESTS:
            raise _unavailable(name)
        left, right = node.args
        if not isinstance(right, ast.String):
            raise ODataFault(f"$filter: {name} takes a column and a text.")
        return self._test(left, name, right)

    def _read_comparison(self, node: ast.Compare) -> Test:
        left, right = node.left, node.right
        operator = OPERATORS[type(node.comparator)]
        if isinstance(left, ast._Literal) and operator in MIRRORED:
            left, right, operator = right, left, MIRRORED[operator]
        if isinstance(left, ast.Call) and left.func.name in TEXT_TESTS:
            if operator == "eq" and right == ast.Boolean("true"):
                return self._read_text_test(left)
            raise ODataFault("$filter: compare such a function with true, or use not.")
        return self._test(left, operator, right)

    def _test(self, left: Any, operator: str, right: Any) -> Test:
        self.count += len(right.val) if isinstance(right, ast.List) else 1
        if self.count > MOST_TERMS:
            raise ODataFault(f"$filter has more than {MOST_TERMS} terms.")
        function = ""
        if isinstance(left, ast.Call):
            function = left.func.full_name()
            if function not in FUNCTIONS:
                raise _unavailable(function)
            (left,) = left.args
        if not isinstance(left, ast.Identifier):
            raise ODataFault("$filter: a comparison begins with a column.", 501)
        name = left.full_name()
        if name not in self.columns:
            raise ODataFault(f"$filter: there is no column {name[:100]}.")
        kind = self.columns[name]
        if function:
            taken, given = FUNCTIONS[function]
            _check_fits(kind in taken, name, function)
            kind = given
        if operator in TEXT_TESTS:
            _check_fits(kind == "String", name, operator)
        return Test(name, function, operator, _read_value(right, kind, operator, name))


def _chain(node: ast.BoolOp) -> list[Any]:
    """The parts of “a and b and c”, which the parser nests to the left."""
    parts, word = [], type(node.op)
    while isinstance(node, ast.BoolOp) and isinstance(node.op, word):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def _read_value(node: Any, kind: str, operator: str, name: str) -> Any:
    if operator == "in":
        if not isinstance(node, ast.List):
            raise ODataFault("$filter: “in” takes a list, such as in (1,2).")
        return [_read_value(each, kind, "", name) for each in node.val]
    if isinstance(node, ast.Null):
        if operator not in ("eq", "ne"):
            raise ODataFault("$filter: null can be compared by eq and ne only.")
        return None
    if type(node) not in LITERALS:
        raise ODataFault(f"$filter: compare {name} with a value.")
    _check_fits(kind in LITERALS[type(node)], name, "this value")
    value = node.py_val
    if isinstance(value, float) and not math.isfinite(value):
        raise ODataFault("$filter: a number is too large.")
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _check_fits(fits: bool, name: str, other: str) -> None:
    if not fits:
        raise ODataFault(f"$filter: {name} and {other} are of different types.")


def _unavailable(name: str) -> ODataFault:
    known = ", ".join([*sorted(TEXT_TESTS), *FUNCTIONS])
    return ODataFault(f"$filter: {name} is not available; there are {known}.", 501)
