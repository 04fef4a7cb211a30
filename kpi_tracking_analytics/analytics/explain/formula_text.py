"""Formulas as people write them: what they take in, and the part of each in a change.

What looks at other periods, such as ``prev(x)``, is an input of its own, with its value
in each of the two periods.
"""

from collections.abc import Mapping

import numpy as np

from odoo.addons.kpi_tracking.engine.formula import (
    EvalContext,
    Formula,
    Node,
    evaluate,
    parse,
)

from .inputs import InputSplit, split_formula

INPUTS = frozenset(
    {"baseline", "code", "days_in_period", "prev", "rolling", "target", "ytd"}
)


def list_inputs(formula: Formula) -> list[str]:
    """Texts of what a formula takes in, in reading order, each once.

    As those of ``kpi_tracking.engine.formula.explain``: ``won``, ``prev(won)``.
    """
    return list(dict.fromkeys(map(formula.text_of, _find_inputs(formula))))


def split_by_inputs(
    formula: Formula,
    before: Mapping[str, float | None],
    after: Mapping[str, float | None],
) -> InputSplit:
    """Parts of the inputs of a formula in the change of its value.

    :param before, after: text of each input → its value; None = no value
    :return: arrays of one row, the parts in the order of :func:`list_inputs`
    :raises ValueError: more inputs than ``split_formula`` takes
    :raises FormulaError: the formula is too long for its inputs to be told apart
    """
    texts = list_inputs(formula)
    codes = [f"i{place}" for place in range(len(texts))]
    code_of, text = dict(zip(texts, codes, strict=True)), formula.text
    for node in reversed(_find_inputs(formula)):
        code = code_of[formula.text_of(node)]
        text = f"{text[: node.start]}{code}{text[node.end :]}"
    opened = parse(text)

    def evaluate_states(states: np.ndarray) -> np.ndarray:
        # One period: what looks at others is an input.
        context = EvalContext(len(states), np.array([1]), np.array([0]))
        inputs = {
            code: np.ascontiguousarray(states[:, [place]])
            for place, code in enumerate(codes)
            if code in opened.codes
        }
        return evaluate(opened, inputs, context).values[:, 0]

    rows = [
        np.array([[side[text] for text in texts]], float) for side in (before, after)
    ]
    return split_formula(*rows, evaluate_states)


def _find_inputs(formula: Formula) -> list[Node]:
    """The outermost inputs, in reading order."""
    found, todo = [], [formula.nodes[-1]]
    while todo:
        node = todo.pop()
        if node.name in INPUTS:
            found.append(node)
        else:
            todo.extend(formula.nodes[place] for place in node.operands)
    return sorted(set(found), key=lambda node: node.start)
