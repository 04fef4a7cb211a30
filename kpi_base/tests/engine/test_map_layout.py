"""Where the nodes and paths of a map are drawn."""

import random

import pytest

from ...engine.map_layout import lay_out


def test_a_long_path_has_a_place_in_each_layer_between():
    layout = lay_out("abcd", ["ab", "bc", "cd", "ad"])
    assert [layer for layer, _x in layout.paths["ad"]] == [1, 2]
    (_layer, beside), (_other, node) = layout.paths["ad"][0], layout.nodes["b"]
    assert abs(beside - node) >= 0.7 - 1e-9


def test_the_end_is_alone_below():
    layout = lay_out(["begin", "a", "b", "end"], [("begin", "a"), ("a", "end")])
    assert layout.nodes["end"][0] == 1 + max(
        layer for node, (layer, _x) in layout.nodes.items() if node != "end"
    )


@pytest.mark.parametrize("seed", range(20))
def test_nothing_overlaps(seed):
    rng = random.Random(seed)
    nodes = list(range(rng.randint(2, 25)))
    pairs = {tuple(rng.sample(nodes, 2)) for _path in range(3 * len(nodes))}
    layout = lay_out(nodes, sorted(pairs))
    rows = {}
    for layer, x in layout.nodes.values():
        rows.setdefault(layer, []).append((x, 1.0))
    for places in layout.paths.values():
        for layer, x in places:
            rows.setdefault(layer, []).append((x, 0.4))
    for row in rows.values():
        row.sort()
        for (x, width), (next_x, next_width) in zip(row, row[1:], strict=False):
            assert next_x - x >= (width + next_width) / 2 - 1e-6
    assert set(layout.paths) == pairs


def test_each_band_begins_below_those_before():
    bands = {"a": 0, "b": 0, "c": 1, "d": 1, "e": 2}
    layout = lay_out("abcde", ["ab", "ce", "de"], bands)
    layers = {node: layer for node, (layer, _x) in layout.nodes.items()}
    # c and d need nothing, but a and b fill the first two layers
    assert layers == {"a": 0, "b": 1, "c": 2, "d": 2, "e": 3}


def test_nothing_is_placed_nowhere():
    layout = lay_out([], [], {})
    assert (layout.nodes, layout.left, layout.right) == ({}, 0.0, 0.0)
