"""Paths in a graph of what needs or brings what."""

from collections import deque
from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def find_circle(
    edges: Mapping[Node, Collection[Node]], source: Node, target: Node
) -> list[Node] | None:
    """The shortest circle that a link from ``source`` to ``target`` closes.

    :param edges: node → the nodes that it leads to
    :return: nodes from ``source`` over ``target`` back to it; None if there is none
    """
    came_from = {target: source}
    reached = deque([target])
    while reached:
        node = reached.popleft()
        if node == source:
            return _walk_back(source, target, came_from)
        for following in edges.get(node, ()):
            if following not in came_from:
                came_from[following] = node
                reached.append(following)
    return None


def _walk_back(
    source: Node, target: Node, came_from: Mapping[Node, Node]
) -> list[Node]:
    """The circle through both ends, from how each of its nodes was reached."""
    back, node = [source], source
    while node != target:
        node = came_from[node]
        back.append(node)
    return [source, *reversed(back)]
