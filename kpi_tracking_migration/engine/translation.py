"""Meaning of the formulas and filters of the predecessor (18.1) in terms of ours.

There a formula was Python over ``count_a`` (records of the period), ``count_b`` (those
of them that pass the filter) and ``records`` (the latter themselves). Counts, sums and
the like of fields, and arithmetic on them, say the same here; nothing else does.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

AGGREGATES = ("sum", "max", "min")
SYMBOLS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
FUNCTIONS = {"abs", "max", "min", "round"}
SHARES = {
    "count_b / count_a * 100",
    "count_b * 100 / count_a",
    "100 * count_b / count_a",
    "100 * (count_b / count_a)",
}
COUNTS = ("count_b", "len(records)")
USERS = {"uid", "user.id", "assigned_user.id"}
PLACEHOLDER = "part_%d"


class PredecessorError(ValueError):
    """A formula or filter without a counterpart; the text is for the KPI's owner."""


@dataclass(frozen=True)
class Measure:
    """Measure taken from records.

    :param measure: as ``measure`` of a KPI: count, share, sum, average, min, max
    :param field: path of the field; empty for counts
    :param is_filtered: only records that pass the filter
    """

    measure: str
    field: str = ""
    is_filtered: bool = True


@dataclass(frozen=True)
class Translation:
    """A formula over measures, named ``part_0``, ``part_1`` … in it."""

    formula: str
    measures: tuple[Measure, ...]

    @property
    def is_measure(self) -> bool:
        """Return whether the value is a measure itself: no formula is needed."""
        return self.formula == PLACEHOLDER % 0


@dataclass(frozen=True)
class Filter:
    """A domain and, apart from it, its condition on a person.

    :param conditions: the domain without what asks for the person
    :param user_field: field of a record that holds the person whom it counts for;
        empty where the filter is the same for everybody
    """

    conditions: list
    user_field: str = ""


def translate_formula(text: str | None) -> Translation:
    """The formula of a KPI of the predecessor in terms of ours.

    Its guards against a count of 0 fall away: dividing by nothing gives no value here.

    :raises PredecessorError: no formula, or one that reads more than records say
    """
    measures: list[Measure] = []
    with _limit_nesting("formula"):
        node = _parse_expression(_clean_text(text), "formula")
        formula = _write(node, measures)
    return Translation(formula, tuple(measures))


def translate_filter(text: str | None) -> Filter:
    """The filter of a KPI of the predecessor.

    :raises PredecessorError: something else than a list of conditions on constants,
        today and the person whom the KPI is for
    """
    with _limit_nesting("filter"):
        node = _parse_expression(_clean_text(text) or "[]", "filter")
        if not isinstance(node, ast.List):
            raise PredecessorError("The filter is not a list of conditions.")
        leaves = [_leaf(each) for each in node.elts]
    person = [leaf for leaf in leaves if _asks_for_person(leaf)]
    if not person:
        return Filter(leaves)
    if len(person) > 1 or any(leaf in ("|", "!") for leaf in leaves):
        raise PredecessorError("The filter asks for the person within “or” or “not”.")
    rest = [leaf for leaf in leaves if leaf is not person[0] and leaf != "&"]
    return Filter(rest, person[0][0])


@contextmanager
def _limit_nesting(what: str) -> Iterator[None]:
    """Refuse what is nested deeper than Python reads."""
    try:
        yield
    except (RecursionError, MemoryError) as error:
        raise PredecessorError(f"The {what} is too long or too nested.") from error


def _clean_text(text: str | None) -> str:
    """Without the invisible marks and curly quotes that the predecessor took away."""
    text = re.sub("[\u200e\u200f\u202a-\u202e\n\r\t]", " ", text or "")
    return re.sub("[“”]", '"', text).strip()


def _parse_expression(text: str, what: str) -> ast.expr:
    if not text:
        raise PredecessorError(f"It has no {what}.")
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise PredecessorError(f"The {what} cannot be read: {text}") from error


def _write(node: ast.expr, measures: list[Measure]) -> str:
    """A formula of ours; what it measures is added to ``measures``."""
    node = _strip_guards(node)
    if measure := _measure(node):
        if measure not in measures:
            measures.append(measure)
        return PLACEHOLDER % measures.index(measure)
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(
            number, bool
        ):
            return repr(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{_write(operand, measures)})"
        case (
            ast.BinOp(left=left, op=operator, right=right)
            | ast.Compare(left=left, ops=[operator], comparators=[right])
        ) if type(operator) in SYMBOLS:
            symbol = SYMBOLS[type(operator)]
            return f"({_write(left, measures)} {symbol} {_write(right, measures)})"
        case ast.Call(func=ast.Name(id="float"), args=[inner]):
            return _write(inner, measures)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            name, parts = "if_", [test, body, orelse]
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as parts, keywords=[]) if (
            name in FUNCTIONS
        ):
            pass
        case _:
            raise _unknown(node)
    return f"{name}({', '.join(_write(part, measures) for part in parts)})"


def _strip_guards(node: ast.expr) -> ast.expr:
    """Without “… if count_a else 0”, “(count_a or 1)”, “or 0”: against nothing."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        first, *others = node.values
        guards = [ast.unparse(other) for other in others]
        return first if guards in (["0"], ["1"]) else node
    if not isinstance(node, ast.IfExp) or not (
        isinstance(node.orelse, ast.Constant) and node.orelse.value == 0
    ):
        return node
    test = re.sub(r"\s*(>|!=) 0(\.0)?$", "", ast.unparse(node.test))
    test = "len(records)" if test == "records" else test
    is_guard = f"/ {test}" in ast.unparse(node.body)
    return _strip_guards(node.body) if is_guard else node


def _measure(node: ast.expr) -> Measure | None:
    """Read the measure that ``node`` takes of the records; None if it takes none."""
    text = ast.unparse(node)
    if text == "count_a":
        return Measure("count", is_filtered=False)
    if text in COUNTS:
        return Measure("count")
    if re.sub(r"\.0\b", "", text) in SHARES:
        return Measure("share")
    return _average(node) or _aggregate(node)


def _average(node: ast.expr) -> Measure | None:
    """The sum of a field by the number of the same records."""
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            total, count = _aggregate(left), _measure(_strip_guards(right))
            if total and total.measure == "sum" and count == Measure("count"):
                return Measure("average", total.field)
    return None


def _aggregate(node: ast.expr) -> Measure | None:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[records], keywords=[]) if (
            name in AGGREGATES
        ):
            field = _field_of(records)
            return Measure(name, field) if field else None
    return None


def _field_of(node: ast.expr) -> str | None:
    """The path in ``records.mapped('path')`` or ``r.path for r in records``."""
    mapped = re.fullmatch(r"records\.mapped\('([\w.]+)'\)", ast.unparse(node))
    if mapped:
        return mapped[1]
    if not isinstance(node, ast.GeneratorExp | ast.ListComp):
        return None
    (loop, *more) = node.generators
    path = re.fullmatch(rf"{ast.unparse(loop.target)}\.([\w.]+)", ast.unparse(node.elt))
    plain = not more and not loop.ifs and ast.unparse(loop.iter) == "records"
    return path[1] if path and plain else None


def _leaf(node: ast.expr) -> str | tuple[Any, Any, Any]:
    if isinstance(node, ast.Constant) and node.value in ("&", "|", "!"):
        return node.value
    if not isinstance(node, ast.Tuple | ast.List) or len(node.elts) != 3:
        raise _unknown(node)
    name, operator, value = map(_constant, node.elts)
    return name, operator, value


def _constant(node: ast.expr) -> Any:
    text = ast.unparse(node)
    if text in USERS:
        return _Person
    if text in ("today", "str(today)"):
        return "today"
    if isinstance(node, ast.List | ast.Tuple):
        return [_constant(each) for each in node.elts]
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise _unknown(node) from error


class _Person:
    """Stands for the person whom a KPI is for."""


def _asks_for_person(leaf: str | tuple[Any, Any, Any]) -> bool:
    if not isinstance(leaf, tuple) or leaf[2] not in (_Person, [_Person]):
        return False
    if leaf[1] not in ("=", "in"):
        raise PredecessorError(f"The filter asks for the person by “{leaf[1]}”.")
    return True


def _unknown(node: ast.expr) -> PredecessorError:
    return PredecessorError(f"“{ast.unparse(node)}” has no counterpart here.")
