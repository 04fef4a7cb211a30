"""Small changes of Python code that its tests should notice.

``find_mutations(tree)`` lists them in the order of the code, always the same one.
``mutation.apply()`` changes the tree for good, so each needs a tree of its own.
"""

import ast
import copy
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
# a call with one of these names becomes what it is called on, or with
REMOVED_CALLS = {"abs", "round", "sorted", "reversed", "set"}
REMOVED_METHODS = {"casefold", "copy", "lower", "lstrip", "rstrip", "strip", "upper"}
# types and decorators say little of what code does; tests of values do not read them
SKIPPED_FIELDS = {"annotation", "returns", "decorator_list", "type_params"}
SKIPPED_NAMES = {"__all__", "__slots__"}
MAX_TEXT, MAX_AROUND = 60, 25


@dataclass(frozen=True)
class Scope:
    """The code around a node.

    :ivar name: functions and classes, joined by dots
    :ivar lines: first and last line of the statement, without the block it begins
    """

    name: str = ""
    is_in_function: bool = False
    has_texts: bool = False
    lines: tuple[int, int] = (1, 1)

    def inside(self, node: ast.AST) -> "Scope":
        """The scope of what ``node`` holds."""
        changes: dict = {}
        if isinstance(node, ast.stmt):
            changes["lines"] = _lines_of(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            changes["name"] = f"{self.name}.{node.name}".strip(".")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            changes["is_in_function"] = True
        if isinstance(node, ast.JoinedStr | ast.Assert):
            changes["has_texts"] = True
        return replace(self, **changes)


@dataclass(frozen=True)
class Mutation:
    """One change of one place.

    :ivar line: where the place begins; it ends in ``last_line``
    :ivar before: its code; shortened, as is ``after``
    """

    line: int
    last_line: int
    scope: Scope
    before: str
    after: str
    parent: ast.AST
    field: str
    index: int | None
    replacement: ast.AST

    def apply(self) -> None:
        """Changes the tree that it was found in."""
        ast.fix_missing_locations(self.replacement)
        if self.index is None:
            setattr(self.parent, self.field, self.replacement)
        else:
            getattr(self.parent, self.field)[self.index] = self.replacement


def find_mutations(tree: ast.AST) -> list[Mutation]:
    """All changes of a module's code."""
    return list(_find_inside(tree, Scope()))


def _find_inside(parent: ast.AST, scope: Scope) -> Iterator[Mutation]:
    for field, index, node in _children(parent):
        if _is_skipped(node):
            continue
        inner = scope.inside(node)
        for replacement in _replacements(parent, field, node, inner):
            before, after = _difference(ast.unparse(node), ast.unparse(replacement))
            yield Mutation(
                line=node.lineno,
                last_line=node.end_lineno,
                scope=inner,
                before=before,
                after=after,
                parent=parent,
                field=field,
                index=index,
                replacement=ast.copy_location(replacement, node),
            )
        # what an error says may change without a test
        if not isinstance(node, ast.Raise):
            yield from _find_inside(node, inner)


def _children(parent: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(parent):
        if field in SKIPPED_FIELDS:
            continue
        if isinstance(value, list):
            for index, node in enumerate(value):
                if isinstance(node, ast.AST):
                    yield field, index, node
        elif isinstance(value, ast.AST):
            yield field, None, value


def _is_skipped(node: ast.AST) -> bool:
    """Docstrings, lists of names, and what is there for type checkers."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if isinstance(node, ast.Assign):
        return any(getattr(each, "id", "") in SKIPPED_NAMES for each in node.targets)
    return False


def _replacements(
    parent: ast.AST, field: str, node: ast.AST, scope: Scope
) -> Iterator[ast.AST]:
    """What ``node`` is changed to, one at a time."""
    if isinstance(node, ast.stmt):
        yield from _changed_statement(node)
    elif isinstance(node, ast.Compare):
        yield from _changed_comparison(node)
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        yield from _changed_operator(node)
    elif isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.Not | ast.USub):
            yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _changed_constant(node, scope)
    elif isinstance(node, ast.Call):
        yield from _changed_call(node)
    if _is_condition(parent, field) and isinstance(
        node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.NamedExpr
    ):
        yield ast.UnaryOp(ast.Not(), node)


def _is_condition(parent: ast.AST, field: str) -> bool:
    return field == "ifs" or (
        field == "test" and isinstance(parent, ast.If | ast.While | ast.IfExp)
    )


def _changed_statement(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.Return):
        if node.value and not isinstance(node.value, ast.Constant):
            yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise):
        yield ast.Pass()
    elif isinstance(node, ast.Expr):
        if isinstance(node.value, ast.Call):
            yield ast.Pass()
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()
    elif isinstance(node, ast.AugAssign):
        yield from _changed_operator(node)


def _changed_comparison(node: ast.Compare) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


def _changed_operator(node: ast.AST) -> Iterator[ast.AST]:
    is_text = isinstance(getattr(node, "left", None), ast.Constant | ast.JoinedStr)
    if isinstance(node.op, ast.Mod) and is_text:
        return
    if type(node.op) in OPERATORS:
        changed = copy.copy(node)
        changed.op = OPERATORS[type(node.op)]()
        yield changed


def _changed_constant(node: ast.Constant, scope: Scope) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        # a large one stays what it is
        yield ast.Constant(value + 1 if value + 1 != value else value * 2)
    # outside functions they are mostly tables of words
    elif isinstance(value, str) and scope.is_in_function and not scope.has_texts:
        yield ast.Constant(f"XX{value}")


def _changed_call(node: ast.Call) -> Iterator[ast.AST]:
    function = node.func
    if isinstance(function, ast.Name):
        if function.id in SWAPPED_CALLS:
            changed = copy.copy(node)
            changed.func = ast.Name(SWAPPED_CALLS[function.id], ast.Load())
            yield changed
        if function.id in REMOVED_CALLS and node.args:
            yield node.args[0]
    elif isinstance(function, ast.Attribute):
        if function.attr in REMOVED_METHODS and not node.args:
            yield function.value


def _lines_of(statement: ast.stmt) -> tuple[int, int]:
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if not body:
        return statement.lineno, statement.end_lineno
    first = getattr(body[0], "lineno", statement.lineno + 1)
    return statement.lineno, max(statement.lineno, first - 1)


def _difference(before: str, after: str) -> tuple[str, str]:
    """Both, of long ones what differs and a few characters around it."""
    before, after = " ".join(before.split()), " ".join(after.split())
    start = len(os.path.commonprefix([before, after]))
    same_end = len(os.path.commonprefix([before[start:][::-1], after[start:][::-1]]))
    return _excerpt(before, start, same_end), _excerpt(after, start, same_end)


def _excerpt(text: str, start: int, same_end: int) -> str:
    # at the beginning of a word
    first = text.rfind(" ", 0, max(start - MAX_AROUND, 0)) + 1
    last = min(len(text) - same_end + MAX_AROUND, len(text), first + MAX_TEXT)
    begin = "… " if first else ""
    end = " …" if last < len(text) else ""
    return f"{begin}{text[first:last].strip()}{end}"
