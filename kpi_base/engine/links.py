"""Ways and circles in a graph of what needs, holds or brings what."""

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def find_path(
    follow: Callable[[Node], Iterable[Node]], start: Node, goal: Node
) -> list[Node] | None:
    """The shortest way of at least one step, both ends included; None if there is none.

    :param follow: the nodes that a node leads to; of ways equally short the one over
        the first of them is found
    """
    came_from: dict[Node, Node] = {}
    reached = deque([start])
    while reached:
        node = reached.popleft()
        for following in follow(node):
            if following == goal:
                path = [node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return [*path[::-1], goal]
            if following != start and following not in came_from:
                came_from[following] = node
                reached.append(following)
    return None


def find_circle(
    edges: Mapping[Node, Collection[Node]], source: Node, target: Node
) -> list[Node] | None:
    """The shortest circle that a link from ``source`` to ``target`` closes.

    :param edges: node → the nodes that it leads to
    :return: nodes from ``source`` over ``target`` back to it; None if there is none
    """
    if source == target:
        return [source, target]
    path = find_path(lambda node: edges.get(node, ()), target, source)
    return path and [source, *path]


def list_circles(above: Mapping[Node, Node]) -> list[list[Node]]:
    """All circles where each node has one above it, or none.

    :return: the nodes of each, once, from the first of ``above`` on
    """
    circles: list[list[Node]] = []
    found: set[Node] = set()
    for start in above:
        path = None
        if start not in found:
            path = find_path(
                lambda node: [above[node]] if node in above else (), start, start
            )
        if path:
            circles.append(path[:-1])
            found.update(path)
    return circles
