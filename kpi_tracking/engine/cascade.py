"""A target handed down a tree of departments, so that the parts add up.

Rounding is by largest remainder at each level: see :func:`spread.split`.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from odoo.addons.kpi_base.engine.spread import SpreadError, split

Node = TypeVar("Node", bound=Hashable)

TOP = -1
FULL = 100.0  # percent
TOLERANCE = 1e-9


class CascadeError(SpreadError):
    """Weights that split nothing.

    :ivar parent: the node whose target they should split, ``TOP`` for the total
    """

    def __init__(self, message: str, parent: int) -> None:
        self.parent = parent
        super().__init__(message)


@dataclass(frozen=True)
class Cascade:
    """Amounts of the nodes, and what is left of each node that has others below.

    :param remainders: node, or ``TOP``, → what the nodes below it do not get
    """

    amounts: list[float]
    remainders: dict[int, float] = field(default_factory=dict)


def cascade(
    total: float,
    parents: Sequence[int],
    weights: Sequence[float],
    decimals: int,
    *,
    is_share: bool = False,
    takes_rest: Sequence[bool] | None = None,
) -> Cascade:
    """Split ``total`` down a tree.

    :param parents: for each node the one above it, which comes before it, or ``TOP``
    :param weights: of each node among those below the same parent
    :param decimals: of the amounts
    :param is_share: weights are percent of the parent's amount, which need not add up
        to 100; else the full amount is split
    :param takes_rest: which node takes what those beside it leave; the first counts
    :raises CascadeError: the weights below a parent are all 0, or one is negative
    """
    takes_rest = takes_rest or [False] * len(parents)
    amounts = [0.0] * len(parents)
    remainders = {}
    for parent in sorted(set(parents)):
        nodes = [node for node, above in enumerate(parents) if above == parent]
        amount = total if parent == TOP else amounts[parent]
        try:
            parts, rest = _split_amount(
                amount, [weights[node] for node in nodes], decimals, is_share
            )
        except SpreadError as error:
            raise CascadeError(str(error), parent) from error
        taker = next((n for n, node in enumerate(nodes) if takes_rest[node]), None)
        if taker is not None:
            parts[taker], rest = round(parts[taker] + rest, decimals + 3), 0.0
        for node, part in zip(nodes, parts, strict=True):
            amounts[node] = part
        remainders[parent] = rest
    return Cascade(amounts, remainders)


def _split_amount(
    amount: float, weights: list[float], decimals: int, is_share: bool
) -> tuple[list[float], float]:
    """Parts by weight, or of so many percent, and what is left; negative above 100."""
    if not is_share:
        return split(amount, weights, decimals), 0.0
    left = FULL - sum(weights)
    if left > TOLERANCE:
        *parts, rest = split(amount, [*weights, left], decimals)
        return parts, rest
    parts = split(amount * sum(weights) / FULL, weights, decimals)
    return parts, round(amount - sum(parts), decimals + 3)


def parents_first(above: Mapping[Node, Node], top: Node) -> dict[Node, Node]:
    """Order the nodes of a tree so that each one comes before those below it.

    :param above: node → the node above it, without cycles; siblings keep their order
    :return: ``above`` in that order; nodes that do not lead up to ``top`` are left out
    """
    ordered: dict[Node, Node] = {}
    for node, over in above.items():
        if over == top:
            ordered[node] = top
            ordered |= parents_first(above, node)
    return ordered
