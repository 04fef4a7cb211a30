"""Ways and circles in graphs."""

import pytest

from ...engine.links import find_circle, find_path, list_circles


@pytest.mark.parametrize(
    "edges, source, target, circle",
    [
        ({}, "a", "b", None),
        ({}, "a", "a", ["a", "a"]),
        ({"b": ["a"]}, "a", "b", ["a", "b", "a"]),
        ({"b": ["c"], "c": ["d"], "d": ["a"]}, "a", "b", ["a", "b", "c", "d", "a"]),
        # the shortest way
        ({"b": ["c", "a"], "c": ["a"]}, "a", "b", ["a", "b", "a"]),
        # circles elsewhere are no matter of this link
        ({"b": ["c"], "c": ["b"]}, "a", "b", None),
    ],
)
def test_a_circle_is_named_with_its_path(edges, source, target, circle):
    assert find_circle(edges, source, target) == circle


@pytest.mark.parametrize(
    ("start", "goal", "path"),
    [
        ("a", "c", ["a", "c"]),  # not over b
        ("a", "d", ["a", "c", "d"]),
        ("d", "a", None),
        ("a", "a", None),
        ("e", "e", ["e", "f", "e"]),
        ("x", "a", None),
    ],
)
def test_the_shortest_way(start, goal, path):
    edges = {"a": "bc", "b": "c", "c": "d", "e": "f", "f": "e"}
    assert find_path(lambda node: edges.get(node, ()), start, goal) == path


@pytest.mark.parametrize(
    ("above", "circles"),
    [
        ({}, []),
        ({"a": "b", "b": None}, []),
        ({"a": "a"}, [["a"]]),
        # what leads to a circle is not on it
        ({"x": "a", "a": "b", "b": "a"}, [["a", "b"]]),
        ({"b": "a", "a": "b", "c": "d", "d": "c"}, [["b", "a"], ["c", "d"]]),
    ],
)
def test_circles_of_what_lies_below_what(above, circles):
    assert list_circles(above) == circles
