"""Reasons why a formula gave no value."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .errors import Text, _lt
from .formula import Formula, Node
from .functions import DIVISIONS, as_number, shift

TEMPLATES = {
    "input": _lt("%(subject)s has no value."),
    "target": _lt("%(subject)s has no target."),
    "baseline": _lt("%(subject)s has no baseline."),
    "division": _lt("No value: %(subject)s is 0."),
    "root": _lt("%(subject)s is negative and needs an integer exponent."),
    "overflow": _lt("%(subject)s is too large."),
    "history": _lt("%(subject)s has no earlier period."),
}
NO_REASON = 0


@dataclass(frozen=True)
class Reason:
    """Reason for a missing value: a kind of ``TEMPLATES`` and the part it is about."""

    kind: str
    subject: str

    def __str__(self) -> str:
        return str(self.text(self.subject))

    def text(self, subject: str) -> Text:
        """The reason, with the part it is about in other words."""
        return replace(TEMPLATES[self.kind], parameters={"subject": subject})


@dataclass(frozen=True)
class Reasons:
    """Reasons of many values: 0 in ``codes`` is none, n is ``kinds[n - 1]``."""

    codes: np.ndarray
    kinds: tuple[Reason, ...]

    def at(self, scope: int, period: int) -> Reason | None:
        """Return why the value of a scope and period is missing."""
        code = self.codes[scope, period]
        return None if code == NO_REASON else self.kinds[code - 1]


def find_reasons(formula: Formula, steps: list, shape: tuple[int, int]) -> Reasons:
    """Find why values are missing; the first cause in reading order counts.

    :param steps: value of each step, as the evaluator has computed them
    :param shape: (scopes, periods), also of the codes returned
    """
    trace = _Trace(formula, steps, shape)
    codes = trace.codes[-1]
    used, indexes = np.unique(np.append(codes, NO_REASON), return_inverse=True)
    kinds = list(trace.kinds)
    return Reasons(
        indexes.ravel()[:-1].reshape(codes.shape),
        tuple(kinds[code - 1] for code in used if code != NO_REASON),
    )


class _Trace:
    """Codes of why each step of one evaluation is missing."""

    def __init__(self, formula, steps, shape) -> None:
        self.formula = formula
        self.values = steps
        self.shape = shape
        self.kinds: dict[Reason, int] = {}
        self.codes: list[np.ndarray] = []
        for node, value in zip(formula.nodes, steps, strict=True):
            self.codes.append(self._codes(node, value))

    def _codes(self, node: Node, value) -> np.ndarray:
        number = as_number(value) if isinstance(value, tuple) else value
        is_missing = np.isnan(number)
        codes = np.zeros(self.shape, np.int32)
        if not is_missing.any():
            return codes
        for inherited in self._get_operand_reasons(node):
            codes = np.where(codes == NO_REASON, inherited, codes)
        is_own = is_missing & (codes == NO_REASON)
        if is_own.any():
            codes = np.where(is_own, self._own(node), codes)
        return np.where(is_missing, codes, NO_REASON)

    def _get_operand_reasons(self, node: Node) -> list[np.ndarray]:
        """Reasons of the operands, the one that counts first."""
        inherited = [self.codes[index] for index in node.operands]
        if node.name == "if_":
            is_true, is_false = self.values[node.operands[0]]
            condition, then, otherwise = inherited
            return [
                condition,
                np.where(is_true, then, 0),
                np.where(is_false, otherwise, 0),
            ]
        if node.name == "prev":
            return [shift(inherited[0], node.value)]
        return inherited

    def _own(self, node: Node) -> np.ndarray | int:
        """Codes of a reason that begins at this step."""
        if node.name == "code":
            return self._code(Reason("input", node.value))
        if node.name in ("target", "baseline"):
            return self._code(Reason(node.name, node.value))
        if node.name == "prev":
            return self._code(Reason("history", self.formula.text_of(node)))
        too_large = self._code(Reason("overflow", self.formula.text_of(node)))
        if node.name in DIVISIONS:
            return self._where(1, node, "division", np.equal, too_large)
        if node.name.startswith("**"):
            root = self._where(0, node, "root", np.less, too_large)
            return self._where(0, node, "division", np.equal, root)
        return too_large

    def _where(
        self,
        position: int,
        node: Node,
        kind: str,
        compare: np.ufunc,
        otherwise: np.ndarray | int,
    ) -> np.ndarray | int:
        """Codes of a kind where an operand compares with zero."""
        index = node.operands[position]
        applies = compare(self.values[index], 0.0)
        if not applies.any():
            return otherwise
        subject = self.formula.text_of(self.formula.nodes[index])
        return np.where(applies, self._code(Reason(kind, subject)), otherwise)

    def _code(self, reason: Reason) -> int:
        return self.kinds.setdefault(reason, len(self.kinds) + 1)
