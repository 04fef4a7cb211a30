"""Wherever an addon leaves the user's rights behind, a comment says why."""

import ast
from pathlib import Path

from odoo.modules import get_module_path


class SudoReasonsMixin:
    """For a test of each addon.

    :cvar addon: whose Python is read
    """

    addon = ""

    def test_every_place_has_a_reason(self):
        root = Path(get_module_path(self.addon))
        lacking = [
            f"{path.relative_to(root)}:{number}: {text}"
            for path in sorted(root.rglob("*.py"))
            if "tests" not in path.parts
            for number, text in without_reason(path.read_text())
        ]
        self.assertFalse(lacking, "no reason given:\n" + "\n".join(lacking))


def without_reason(source):
    """(line, its text) of each statement that leaves rights behind without a word."""
    lines = source.splitlines()
    for statement in _statements(ast.parse(source)):
        body = getattr(statement, "body", None)
        last = body[0].lineno - 1 if body else statement.end_lineno
        if not any(map(_leaves_rights, _own_nodes(statement))):
            continue
        above = lines[statement.lineno - 2].strip() if statement.lineno > 1 else ""
        own = lines[statement.lineno - 1 : max(last, statement.lineno)]
        if body:  # a comment in there belongs to what follows
            own = own[:1]
        if not above.startswith("#") and not any("# " in line for line in own):
            yield statement.lineno, lines[statement.lineno - 1].strip()


def _statements(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]


def _own_nodes(statement):
    """Nodes of a statement without those of the statements inside it."""
    todo = [statement]
    while todo:
        node = todo.pop()
        yield node
        if node is statement or not isinstance(node, ast.stmt):
            todo.extend(
                child
                for child in ast.iter_child_nodes(node)
                if not isinstance(child, ast.stmt)
            )


def _leaves_rights(node):
    if not isinstance(node, ast.Call):
        return False
    if any(word.arg == "bypass_access" for word in node.keywords):
        return True
    name = getattr(node.func, "attr", "")
    is_back = bool(node.args) and getattr(node.args[0], "value", None) is False
    return name == "with_user" or (name == "sudo" and not is_back)
