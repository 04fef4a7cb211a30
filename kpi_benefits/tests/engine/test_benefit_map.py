"""Bands and order of a benefits map."""

from ...engine.benefit_map import may_lead_to, place_map


def test_links_lead_from_left_to_right():
    assert may_lead_to("enabler", "change")
    assert may_lead_to("benefit", "benefit")
    assert may_lead_to("objective", "objective")
    assert not may_lead_to("benefit", "change")
    assert not may_lead_to("change", "objective")


def test_each_kind_has_its_own_band():
    kinds = {
        "o": "objective",
        "b2": "benefit",
        "b1": "benefit",
        "c": "change",
        "e": "enabler",
    }
    links = [("e", "c"), ("c", "b1"), ("b1", "b2"), ("b2", "o"), ("b1", "o")]
    layout = place_map(kinds, links)
    layers = {node: layer for node, (layer, _place) in layout.nodes.items()}
    assert layers == {"e": 0, "c": 1, "b1": 2, "b2": 3, "o": 4}
    assert len(layout.paths["b1", "o"]) == 1


def test_a_map_without_links_is_placed():
    layout = place_map({"b": "benefit", "o": "objective"}, [])
    assert {layer for layer, _place in layout.nodes.values()} == {0, 1}
