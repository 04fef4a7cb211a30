import ast
from pathlib import Path

from odoo.tests import BaseCase

ADDON = Path(__file__).parents[2]


class TestSudoReasons(BaseCase):
    """Wherever the user's rights are left behind, a comment says why."""

    def test_every_place_has_a_reason(self):
        lacking = [
            f"{path.relative_to(ADDON)}:{number}: {text}"
            for path in sorted(ADDON.rglob("*.py"))
            if "tests" not in path.parts
            for number, text in without_reason(path.read_text())
        ]
        self.assertFalse(lacking, "no reason given:\n" + "\n".join(lacking))

    def test_the_check_itself(self):
        cases = (
            ("a = b.sudo().c", [1]),
            ("# because\na = b.sudo().c", []),
            ("a = b.sudo().c  # because", []),
            ("# because\na = (\n    b\n    .sudo()\n    .c\n)", []),
            ("a = (\n    b\n    .sudo()\n    .c\n)", [1]),
            ("# because\na = 1\nb = c.sudo()", [3]),
            ("for a in b.sudo():\n    # not that\n    c = a", [1]),
            ("# because\nfor a in b.sudo():\n    c = a", []),
            ("def f():\n    # because\n    return self.with_user(1)", []),
            ("def f():\n    return self._search([], bypass_access=True)", [2]),
            ("a = b.sudo(False)", []),  # takes on rights, leaves none
        )
        for source, expected in cases:
            with self.subTest(source=source):
                found = [number for number, _text in without_reason(source)]
                self.assertEqual(found, expected)


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
