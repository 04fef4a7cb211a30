"""Paths to fields in stored texts, which a renamed field follows.

A path is ``event_id.rated_at``, or ``event_id/rated_at`` in lists of exported fields.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

PATH = re.compile(r"[^\W\d]\w*(?:[./][^\W\d]\w*)*")
OPERATOR = re.compile(r"[=<>!?]+|(not )?(any!?|in|=?i?like)|child_of|parent_of")


@dataclass(frozen=True)
class FieldRenaming:
    """A field that gets another name.

    :ivar relations: (model, field) → model that the field leads to
    """

    model: str
    old: str
    new: str
    relations: Mapping[tuple[str | None, str], str]

    def rename_in_text(self, text: str, model: str) -> str:
        """A domain, context, sorting or path, with the field's new name.

        Values that people compare with stay, also where they look like the name. What
        is no Python expression is read as a list of paths.

        :param model: that the text is about
        """
        bare = text.lstrip()
        if bare != text:  # Python would take the margin for an indented block
            return text[: len(text) - len(bare)] + self.rename_in_text(bare, model)
        try:
            tree = ast.parse(text, mode="eval") if text[:1] in "[({" else None
        except SyntaxError:
            tree = None
        if tree is None:
            return self._rename_paths(text, model)

        code = text.encode()
        starts = [0, *accumulate(map(len, code.splitlines(keepends=True)))]
        names = list(self._find_names(tree, model))
        # from the end, so that earlier positions stay valid
        names.sort(key=lambda name: (name[0].lineno, name[0].col_offset), reverse=True)
        for node, start_model in names:
            first = starts[node.lineno - 1] + node.col_offset
            last = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
            renamed = self._rename_paths(code[first:last].decode(), start_model)
            code = code[:first] + renamed.encode() + code[last:]
        return code.decode()

    def _rename_paths(self, text: str, model: str | None) -> str:
        return PATH.sub(lambda path: self._follow(path[0], model)[0], text)

    def _follow(self, path: str, model: str | None) -> tuple[str, str | None]:
        """The path with the new name, and the model that it leads to."""
        parts = re.split(r"([./])", path)
        for place, name in enumerate(parts):
            if place % 2:
                continue
            if (model, name) == (self.model, self.old):
                parts[place] = self.new
            model = self.relations.get((model, name))
        return "".join(parts), model

    def _find_names(
        self, node: ast.AST, model: str | None
    ) -> Iterator[tuple[ast.Constant, str | None]]:
        """Strings that can name fields, each with the model that it begins at."""
        match node:
            case ast.Constant(value=str()):
                yield node, model
            case ast.Dict(values=values):
                for value in values:
                    yield from self._find_names(value, model)
            case (
                ast.Tuple(elts=[name, operator, operand])
                | ast.List(elts=[name, operator, operand])
            ) if _is_condition(name, operator):
                yield name, model
                if "any" in operator.value:
                    model = self._follow(name.value, model)[1]
                    yield from self._find_names(operand, model)
            case _:
                for child in ast.iter_child_nodes(node):
                    yield from self._find_names(child, model)


def _is_condition(name: ast.expr, operator: ast.expr) -> bool:
    match name, operator:
        case ast.Constant(value=str()), ast.Constant(value=str(text)):
            return bool(OPERATOR.fullmatch(text))
    return False
