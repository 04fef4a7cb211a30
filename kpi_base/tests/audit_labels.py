"""Each event that an addon logs has words that people read in the log."""

import ast
from pathlib import Path

from odoo.modules import get_module_path

# Functions that log an event, and the place of its code among their arguments.
LOGGING = {"AuditEvent": 1, "_log": 0, "_log_record": 0}
PART_EVENTS = ("added", "changed", "removed")


class AuditLabelsMixin:
    """For a test of each addon that logs events.

    :cvar addon: whose Python and models are read
    """

    addon = ""

    def test_every_event_has_words(self):
        labels = self.env["kpi.audit.log"]._event_labels()
        codes = self._find_logged_codes()
        self.assertTrue(codes, "nothing is logged")
        self.assertFalse(codes - labels.keys(), "no words in _event_labels")

    def _find_logged_codes(self):
        """Codes in calls of the addon, and those that its models declare."""
        return {
            code
            for path in Path(get_module_path(self.addon)).rglob("*.py")
            if "tests" not in path.parts
            for code in logged_codes(path.read_text())
        } | self._find_declared_codes()

    def _find_declared_codes(self):
        registry = self.env.registry
        parts = registry.descendants(["kpi.audited.part.mixin"], "_inherit")
        codes = set()
        for name in registry.descendants(["kpi.audited.row.mixin"], "_inherit"):
            model = self.env[name]
            if model._abstract or model._original_module != self.addon:
                continue
            codes |= {model._audited_event} - {""}
            if name in parts:
                codes |= {f"{model._audited_events}{what}" for what in PART_EVENTS}
        return codes


def logged_codes(source):
    """Codes that calls in ``source`` log; those of ``self`` are declared by models.

    :raises ValueError: a call whose code cannot be told from the source
    """
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    names = _assigned(tree.body)
    for function in functions:
        known = {**names, **_assigned(ast.walk(function))}
        arguments = {each.arg for each in function.args.args}
        for call in filter(_is_logging, ast.walk(function)):
            expression = call.args[LOGGING[_name(call)]]
            if function.name in LOGGING and getattr(expression, "id", "") in arguments:
                continue  # hands on what it was given
            yield from _texts(expression, known)


def _assigned(nodes):
    """Name → expression that is assigned to it."""
    return {
        target.id: node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_logging(node):
    is_call = isinstance(node, ast.Call) and _name(node) in LOGGING
    return is_call and len(node.args) > LOGGING[_name(node)]


def _name(call):
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def _texts(expression, known):
    """Texts that an expression can be."""
    match expression:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in known:
            yield from _texts(known[name], known)
        case ast.Dict(values=values):
            for value in values:
                yield from _texts(value, known)
        case ast.Call(func=ast.Attribute(attr="get", value=choices), args=[_, default]):
            yield from _texts(choices, known)
            yield from _texts(default, known)
        case ast.Attribute(value=ast.Name(id="self")) | ast.JoinedStr():
            return  # declared by the model
        case _:
            raise ValueError(f"which event is {ast.unparse(expression)}?")
