"""Other ways to write a formula.

Each changes one step. None is trusted by itself: whoever offers one evaluates both
formulas on all values that there were.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from odoo.addons.kpi_tracking.engine import formula as formulas
from odoo.addons.kpi_tracking.engine.formula import Formula, FormulaError

TOLERANCE = 1e-9
# Operator → the number with which, on its right, it changes nothing.
NEUTRAL = {"+": 0, "-": 0, "*": 1, "/": 1, "**": 1}
BARE = re.compile(r"(?<!\w)\(([\w.]+)\)")


@dataclass(frozen=True)
class Rewrite:
    """A formula with another text for one of its steps.

    :ivar kind: ``simple``; ``ratio``: of totals, in the place of an average of ratios;
        ``dear``: without a part that takes long
    :ivar part, by: text of the step, and what stands in its place
    """

    kind: str
    text: str
    part: str
    by: str


def list_rewrites(
    formula: Formula,
    others: Mapping[str, str] | None = None,
    dear: Collection[str] = (),
) -> list[Rewrite]:
    """Ways to write a formula that may come to the same.

    :param others: code of another KPI → its formula, which may be a part of this one
    :param dear: codes of parts that are better done without
    """
    steps = _Steps(formula)
    known = {steps.find_key(text): code for code, text in (others or {}).items()}
    found = {}
    for index, node in enumerate(formula.nodes):
        ways = [("simple", by) for by in steps.simplify(index)]
        ways += [("ratio", by) for by in steps.total_ratios(index)]
        ways += [("dear", by) for by in steps.do_without(index, dear)]
        if node.operands and steps.keys[index] in known:
            ways.append(("simple", known[steps.keys[index]]))
        for kind, by in ways:
            text = steps.replace(index, by)
            part = formula.text_of(node)
            if text != formula.text and _is_formula(text):
                found.setdefault(text, Rewrite(kind, text, part, by))
    return list(found.values())


def find_differences(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where two formulas differ: by more than 1e-9, or only one has a value."""
    is_close = np.isclose(own, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    return ~is_close


class _Steps:
    """The steps of a formula: which are equal, and how they are written."""

    def __init__(self, formula: Formula) -> None:
        self.formula = formula
        self.nodes = formula.nodes
        self._known: dict[tuple, int] = {}
        self.keys = self._list_keys(formula)
        self.codes: list[frozenset[str]] = []
        for node in self.nodes:
            own = {node.value} if node.name == "code" else set()
            below = (self.codes[index] for index in node.operands)
            self.codes.append(frozenset(own.union(*below)))

    def _list_keys(self, formula: Formula) -> list[int]:
        """To each step a number, the same for the same computation."""
        keys: list[int] = []
        for node in formula.nodes:
            key = (node.name, node.value, *(keys[index] for index in node.operands))
            keys.append(self._known.setdefault(key, len(self._known)))
        return keys

    def find_key(self, text: str) -> int:
        """The number of a whole formula."""
        return self._list_keys(formulas.parse(text))[-1]

    def spell(self, index: int) -> str:
        """A step as a part of another one, in brackets where it needs them."""
        node = self.nodes[index]
        text = self.formula.text_of(node)
        is_one = re.fullmatch(r"[\w.]+", text) or text.startswith(f"{node.name}(")
        return text if is_one else f"({text})"

    def replace(self, index: int, by: str) -> str:
        """The formula with ``by`` in the place of a step."""
        text, node = self.formula.text, self.nodes[index]
        before, after = text[: node.start], text[node.end :]
        is_led = before.rstrip().endswith(("(", ",")) or not before.strip()
        is_ended = after.lstrip().startswith((")", ",")) or not after.strip()
        if is_led and is_ended and by.startswith("(") and _is_one_bracket(by):
            by = by[1:-1]
        elif not (is_led and is_ended) and not re.fullmatch(r"[\w.]+", by):
            by = by if _is_one_bracket(by) else f"({by})"
        return BARE.sub(r"\1", f"{before}{by}{after}")

    def _is_number(self, index: int, value: float) -> bool:
        node = self.nodes[index]
        return node.name == "constant" and node.value == value

    def simplify(self, index: int) -> Iterator[str]:
        """Shorter texts for a step that come to the same, but for gaps perhaps."""
        operands = self.nodes[index].operands
        keys = [self.keys[each] for each in operands]
        match self.nodes[index].name:
            case "coalesce" | "min" | "max" | "avg" if len(set(keys)) == 1:
                yield self.spell(operands[0])
            case "if_" if keys[1] == keys[2]:
                yield self.spell(operands[1])
            case "+" | "-" | "*" | "/" | "**" as name:
                yield from self._drop_neutral(name, *operands)
                yield from self._cancel(name, *operands)

    def _drop_neutral(self, name: str, left: int, right: int) -> Iterator[str]:
        """“a + 0” and “1 * a” are a."""
        if self._is_number(right, NEUTRAL[name]):
            yield self.spell(left)
        if name in "+*" and self._is_number(left, NEUTRAL[name]):
            yield self.spell(right)

    def _cancel(self, name: str, left: int, right: int) -> Iterator[str]:
        """“a / b * b” and “a * b / b” are a; “a / c + b / c” is “(a + b) / c”."""
        inner, last = self.nodes[left], self.nodes[right]
        if (inner.name, name) in (("/", "*"), ("*", "/")):
            if self.keys[right] == self.keys[inner.operands[1]]:
                yield self.spell(inner.operands[0])
        if name in "+-" and inner.name == last.name == "/":
            (one, divisor), (other, second) = inner.operands, last.operands
            if self.keys[divisor] == self.keys[second]:
                total = f"{self.spell(one)} {name} {self.spell(other)}"
                yield f"({total}) / {self.spell(divisor)}"

    def total_ratios(self, index: int) -> Iterator[str]:
        """The ratio of the totals, for an average of ratios."""
        node = self.nodes[index]
        ratios = [self._find_ratio(each) for each in node.operands]
        if node.name == "/" and self.nodes[node.operands[1]].name == "constant":
            ratios = [self._find_ratio(each) for each in self._list_sum(index)]
            if not self._is_number(node.operands[1], len(ratios)):
                return
        elif node.name == "rolling" and ratios[0]:
            above, below = ratios[0]
            yield f"rolling({above}, {node.value}) / rolling({below}, {node.value})"
            return
        elif node.name != "avg":
            return
        pairs = [ratio for ratio in ratios if ratio]
        if len(pairs) == len(ratios) > 1:
            above, below = (" + ".join(texts) for texts in zip(*pairs, strict=True))
            yield f"({above}) / ({below})"

    def _list_sum(self, index: int) -> list[int]:
        """The steps that are added up before a division."""
        at, added = self.nodes[index].operands[0], []
        while self.nodes[at].name == "+":
            at, last = self.nodes[at].operands
            added.append(last)
        return [at, *reversed(added)]

    def _find_ratio(self, index: int) -> tuple[str, str] | None:
        """What is divided by what, as texts; None where it is no ratio."""
        node = self.nodes[index]
        if node.name == "/" and self.codes[node.operands[1]]:
            return self.spell(node.operands[0]), self.spell(node.operands[1])
        if node.name == "*":
            left, right = node.operands
            ratio = self._find_ratio(right)
            if ratio and self.nodes[left].name == "constant":
                return f"{self.spell(left)} * {ratio[0]}", ratio[1]
        return None

    def do_without(self, index: int, dear: Collection[str]) -> Iterator[str]:
        """A first choice alone, where the others are dear."""
        first, *others = self.nodes[index].operands or (index,)
        is_choice = self.nodes[index].name == "coalesce"
        if is_choice and any(self.codes[each].intersection(dear) for each in others):
            yield self.spell(first)


def _is_one_bracket(text: str) -> bool:
    """Check whether a text is one bracket: “(a + b)”, and not “(a) + (b)”."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return letter == ")" and place == len(text) - 1
    return False


def _is_formula(text: str) -> bool:
    try:
        formulas.parse(text)
    except FormulaError:
        return False
    return True
