"""Formulas whose results add up over time, and those that mix whole periods with it."""

from __future__ import annotations

from collections.abc import Container

from .formula import Formula

# Of whole periods, beside the values that a running one has so far.
OF_WHOLE_PERIODS = frozenset(
    {"baseline", "days_in_period", "prev", "rolling", "target", "ytd"}
)


def is_comparable_so_far(formula: Formula) -> bool:
    """Return whether the result of a running period can be compared with whole ones.

    A ratio of two values so far can; growth over an earlier period cannot.
    """
    return formula.functions.isdisjoint(OF_WHOLE_PERIODS)


def is_additive(formula: Formula, additive_codes: Container[str]) -> bool:
    """Return whether the result of a longer period is the sum of those of its parts.

    So it is where values that add up are added, subtracted, or multiplied by numbers:
    f(a + b) = f(a) + f(b). A ratio, a product of KPIs, a choice, or a number that is
    added in each period is none, nor is what looks at targets or other periods.

    :param formula: as read; operations on numbers alone are one number
    :param additive_codes: KPIs whose values add up over time
    """
    found: list[bool] = []
    for node in formula.nodes:
        parts = [formula.nodes[index] for index in node.operands]
        add_up = [found[index] for index in node.operands]
        if node.name == "code":
            is_found = node.value in additive_codes
        elif node.name == "constant":
            is_found = node.value == 0  # only nothing is the sum of twice the same
        elif node.name in ("+", "-", "sum", "negative"):
            is_found = all(add_up)
        elif node.name == "*":
            left, right = parts
            is_found = (add_up[0] and right.name == "constant") or (
                add_up[1] and left.name == "constant"
            )
        elif node.name == "/":
            is_found = add_up[0] and parts[1].name == "constant"
        elif node.name == "coalesce":
            is_found = add_up[0] and all(
                part.name == "constant" and part.value == 0 for part in parts[1:]
            )
        else:
            is_found = False
        found.append(is_found)
    return bool(formula.codes) and found[-1]
