"""``$filter`` as a condition of SQL, checked against the columns that there are."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    ast.Eq: "{} = %s",
    ast.NotEq: "{} IS DISTINCT FROM %s",
    ast.Lt: "{} < %s",
    ast.LtE: "{} <= %s",
    ast.Gt: "{} > %s",
    ast.GtE: "{} >= %s",
    ast.In: "{} IN %s",
}
MIRRORED = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
TEXT_TESTS = {
    "contains": "position(%s IN {}) > 0",
    "endswith": "starts_with(reverse({}), reverse(%s))",
    "startswith": "starts_with({}, %s)",
}
# Name → kind that comes out, and SQL; moments are those of UTC, as they are shown.
DATE_PARTS = {
    name: ("Int32", f"extract({name} FROM {{}})") for name in ("year", "month", "day")
}
UTC_PARTS = {
    name: ("Int32", f"extract({name} FROM {{}} AT TIME ZONE 'UTC')")
    for name in (*DATE_PARTS, "hour", "minute")
}
FUNCTIONS = {  # kind of columns that functions take → functions
    "String": {
        "tolower": ("String", "lower({})"),
        "toupper": ("String", "upper({})"),
    },
    "Date": DATE_PARTS,
    "DateTimeOffset": {
        **UTC_PARTS,
        "date": ("Date", "({} AT TIME ZONE 'UTC')::date"),
    },
}
FUNCTION_NAMES = [*dict.fromkeys(name for of in FUNCTIONS.values() for name in of)]
NUMBERS = {"Int32", "Double"}
LITERALS = {  # literal → kinds of columns that it can be compared with
    ast.Integer: NUMBERS,
    ast.Float: NUMBERS,
    ast.Boolean: {"Boolean"},
    ast.String: {"String"},
    ast.Date: {"Date"},
    ast.DateTime: {"DateTimeOffset"},
}

Condition = tuple[str, list[Any]]
ALL: Condition = ("TRUE", [])


def read_filter(text: str, columns: Mapping[str, str]) -> Condition:
    """Read ``$filter``.

    :param columns: name → type of Edm
    :return: SQL over a SELECT called “row”, and the value of each ``%s`` in it
    :raises ODataFault: it is none, too large, or of what is not there
    """
    reader = _Reader(columns)
    with _faults():
        return reader.visit(_parse(text), 0), reader.values


def read_part(text: str, columns: Mapping[str, str], some: set[str]) -> Condition:
    """What ``$filter`` asks of some columns: parts of it, joined by “and”.

    All rows of the filter are rows of these.

    :param some: the columns, of which the condition has no others
    :return: as ``read_filter``
    """
    found, values = [], []
    with _faults():
        tree = _parse(text)
        is_chain = isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)
        for part in _chain(tree) if is_chain else [tree]:
            reader = _Reader(columns)
            sql = reader.visit(part, 0)
            if reader.names <= some:
                found.append(f"({sql})")
                values += reader.values
    return " AND ".join(found) or "TRUE", values


def _parse(text: str) -> Any:
    if len(text) > MOST_CHARACTERS:
        raise ODataFault(f"$filter is longer than {MOST_CHARACTERS} characters.")
    if "\x00" in text:
        raise ODataFault("$filter contains a character that no value has.")
    return ODataParser().parse(_close_short_lists(ODataLexer().tokenize(text)))


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
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
    """Reads one tree, whose terms it counts and whose values it collects."""

    def __init__(self, columns: Mapping[str, str]):
        self.columns = columns
        self.values: list[Any] = []
        self.names: set[str] = set()
        self.count = 0

    def visit(self, node: Any, depth: int) -> str:
        if depth > MOST_DEEP:
            raise ODataFault("$filter is nested too deeply.")
        match node:
            case ast.BoolOp():
                parts = [self.visit(each, depth + 1) for each in _chain(node)]
                word = " AND " if isinstance(node.op, ast.And) else " OR "
                return f"({word.join(parts)})"
            case ast.UnaryOp(op=ast.Not()):
                # What compares with nothing does not hold, so that its opposite does.
                return f"({self.visit(node.operand, depth + 1)}) IS NOT TRUE"
            case ast.Call():
                return self._read_text_test(node)
            case ast.Compare():
                return self._read_comparison(node)
            case ast.Identifier():
                return self._test(node, ast.Eq, ast.Boolean("true"))
        raise ODataFault("$filter: this kind of condition is not available.", 501)

    def _read_text_test(self, node: ast.Call) -> str:
        name = node.func.full_name()
        if name not in TEXT_TESTS:
            raise _unavailable(name)
        left, right = node.args
        if not isinstance(right, ast.String):
            raise ODataFault(f"$filter: {name} takes a column and a text.")
        return self._test(left, name, right)

    def _read_comparison(self, node: ast.Compare) -> str:
        left, right, operator = node.left, node.right, type(node.comparator)
        if isinstance(left, ast._Literal):
            left, right, operator = right, left, MIRRORED.get(operator, operator)
        if isinstance(left, ast.Call) and left.func.name in TEXT_TESTS:
            if operator == ast.Eq and right == ast.Boolean("true"):
                return self._read_text_test(left)
            raise ODataFault("$filter: compare such a function with true, or use not.")
        return self._test(left, operator, right)

    def _test(self, left: Any, operator: Any, right: Any) -> str:
        """The column of a comparison first.

        :param operator: of ``OPERATORS`` or ``TEXT_TESTS``
        """
        self.count += len(right.val) if isinstance(right, ast.List) else 1
        if self.count > MOST_TERMS:
            raise ODataFault(f"$filter has more than {MOST_TERMS} terms.")
        function = ""
        if isinstance(left, ast.Call):
            function = left.func.full_name()
            if function not in FUNCTION_NAMES:
                raise _unavailable(function)
            (left,) = left.args
        if not isinstance(left, ast.Identifier):
            raise ODataFault("$filter: a comparison begins with a column.", 501)
        name = left.full_name()
        if name not in self.columns:
            raise ODataFault(f"$filter: there is no column {name[:100]}.")
        kind, sql = self.columns[name], f'row."{name}"'
        self.names.add(name)
        if function:
            of_kind = FUNCTIONS.get(kind, {})
            _check_fits(function in of_kind, name, function)
            kind, pattern = of_kind[function]
            sql = pattern.format(sql)
        if operator in TEXT_TESTS:
            _check_fits(kind == "String", name, operator)
            self.values.append(right.py_val)
            return TEXT_TESTS[operator].format(sql)
        value = _read_value(right, kind, operator, name)
        self.values.append(value)
        if value is None and operator == ast.Eq:
            return f"{sql} IS NOT DISTINCT FROM %s"
        return OPERATORS[operator].format(sql)


def _chain(node: ast.BoolOp) -> list[Any]:
    """The parts of “a and b and c”, which the parser nests to the left."""
    parts, word = [], type(node.op)
    while isinstance(node, ast.BoolOp) and isinstance(node.op, word):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def _read_value(node: Any, kind: str, operator: Any, name: str) -> Any:
    if operator == ast.In:
        if not isinstance(node, ast.List):
            raise ODataFault("$filter: “in” takes a list, such as in (1,2).")
        return tuple(_read_value(each, kind, None, name) for each in node.val)
    if isinstance(node, ast.Null):
        if operator not in (ast.Eq, ast.NotEq):
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
    known = ", ".join([*TEXT_TESTS, *FUNCTION_NAMES])
    return ODataFault(f"$filter: {name} is not available; there are {known}.", 501)
