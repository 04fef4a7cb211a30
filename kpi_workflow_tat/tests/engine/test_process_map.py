"""What a process map draws, and where."""

import random

from ...engine.process_map import count_activities, draw_map
from .test_event_log import log_of

MIXED = ("abcd",) * 6 + ("abbcd",) * 3 + ("abxcd", "acbd")


def tell(log, share=1.0):
    drawn = draw_map(log, share)
    names = [*log.activity_names, "|"]
    paths = {f"{names[one.source]}{names[one.target]}" for one in drawn.paths}
    return {one.name for one in drawn.activities}, paths


def test_everything_is_drawn_where_asked_for():
    activities, paths = tell(log_of(*MIXED))
    assert activities == set("abcdx")
    assert paths == {"|a", "ab", "bb", "bc", "bx", "xc", "ac", "cb", "bd", "cd", "d|"}


def test_rare_activities_and_paths_are_left_out_at_first():
    log = log_of(*MIXED)
    drawn = draw_map(log, 0.8)
    assert tell(log, 0.8) == (set("abcd"), {"|a", "ab", "bc", "cd", "d|"})
    assert (drawn.hidden_activities, drawn.hidden_paths) == (1, 6)


def test_what_is_wanted_is_drawn_however_rare():
    log = log_of(*["ab"] * 99, "ax")
    rare = log.activity_names.index("x")
    assert rare not in {one.number for one in draw_map(log, 0.8).activities}
    drawn = draw_map(log, 0.8, wanted={rare})
    assert rare in {one.number for one in drawn.activities}
    assert {(one.source, one.target) for one in drawn.paths} >= {(0, rare), (rare, -1)}


def test_numbers_of_what_is_drawn_are_those_of_the_whole_log():
    log = log_of(*MIXED)
    few = {one: one.count for one in draw_map(log, 0.5).paths}
    many = {one: one.count for one in draw_map(log).paths}
    assert few.items() <= many.items()


def test_a_map_has_no_more_than_can_be_drawn():
    """400 activities in any order, more than 18,000 different paths."""
    rng = random.Random(1)
    letters = [chr(0x4E00 + number) for number in range(400)]
    log = log_of(*("".join(rng.choices(letters, k=200)) for _case in range(100)))
    drawn = draw_map(log)
    assert (len(drawn.activities), drawn.hidden_activities) == (100, 300)
    assert len(drawn.paths) == 400
    names = {one.number for one in drawn.activities} | {-1}
    assert {end for one in drawn.paths for end in (one.source, one.target)} <= names
    # every path that is left out is counted
    assert drawn.hidden_paths > 18_000


def test_rework_is_what_a_case_does_again():
    found = {one.name: one for one in count_activities(log_of("abab", "ab"))}
    assert (found["a"].count, found["a"].case_count, found["a"].rework_count) == (
        3,
        2,
        1,
    )


def test_paths_run_down_and_returns_run_up():
    layout = draw_map(log_of("abcd", "abcbcd")).layout
    layers = {node: layer for node, (layer, _x) in layout.nodes.items()}
    # a b c d, by the order in which they were met first
    assert [layers[node] for node in ("begin", 0, 1, 2, 3, "end")] == [0, 1, 2, 3, 4, 5]


def test_an_empty_log_is_drawn_as_nothing():
    drawn = draw_map(log_of())
    assert (drawn.activities, drawn.paths) == ([], [])
