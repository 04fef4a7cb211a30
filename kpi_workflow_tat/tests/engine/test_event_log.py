"""Event logs in plain values, and the published numbers of two of them."""

import numpy as np
import pytest

from odoo.addons.kpi_base.engine.worktime import Timeline

from ...engine.event_log import (
    EDGE,
    build_log,
    count_variants,
    count_worked,
    find_cases,
    find_edges,
    find_pairs,
    measure_successions,
)
from .hours import ALWAYS, HOUR, WEEK, at
from .logs import DATA, GOLDEN, MISSING, read_csv

SECOND = 1_000_000


def log_of(*cases):
    """A case for each text: its letters are activities, an hour apart."""
    return build_log(
        (number, letter, place * HOUR * SECOND)
        for number, text in enumerate(cases)
        for place, letter in enumerate(text)
    )


def tell(log, steps):
    names = [*log.activity_names, "|"]
    return {f"{names[one.source]}{names[one.target]}": one for one in steps}


@pytest.mark.skipif(not DATA.is_dir(), reason=MISSING)
@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_public_logs_have_their_published_numbers(path):
    log = build_log(read_csv(path))
    variants = count_variants(log)
    assert (
        len(log.case_names),
        len(log.instants),
        len(variants),
        variants[0].count,
        len(measure_successions(log)),
        round(float(np.median(log.durations)) / HOUR, 4),
    ) == GOLDEN[path]


def test_events_of_one_instant_stay_in_the_order_of_the_file():
    log = build_log([("1", "b", 5), ("1", "a", 5), ("1", "c", 1), ("1", "a", 5)])
    names = [log.activity_names[number] for number in log.activities]
    assert names == ["c", "b", "a", "a"]


def test_events_of_mixed_cases_are_sorted_into_them():
    log = build_log([("x", "a", 3), ("y", "a", 1), ("x", "b", 2), ("y", "b", 4)])
    assert log.case_names == ("x", "y")
    assert log.cases.tolist() == [0, 0, 1, 1]
    assert log.durations.tolist() == [1e-6, 3e-6]


def test_successions_say_how_often_and_how_long():
    log = log_of("abc", "abbc", "ac")
    steps = tell(log, measure_successions(log))
    assert {key: one.count for key, one in steps.items()} == {
        "ab": 2,
        "bc": 2,
        "bb": 1,
        "ac": 1,
    }
    assert {one.wall_seconds for one in steps.values()} == {HOUR}
    assert steps["bb"].return_count == 1
    assert steps["ab"].return_count == 0


def test_going_back_is_rework_once_for_each_event():
    log = log_of("abab")
    assert log.is_repeated.tolist() == [False, False, True, True]
    steps = tell(log, measure_successions(log))
    assert (steps["ab"].count, steps["ab"].case_count) == (2, 1)
    assert (steps["ab"].return_count, steps["ba"].return_count) == (1, 1)


def test_cases_begin_and_end_with_something():
    log = log_of("abc", "abd", "bc")
    edges = tell(log, find_edges(log))
    assert {key: one.count for key, one in edges.items()} == {
        "|a": 2,
        "|b": 1,
        "c|": 2,
        "d|": 1,
    }


@pytest.mark.parametrize(
    ("source", "target", "cases"),
    [
        ("a", "b", [0, 1]),
        (None, "c", [0, 2]),
        (EDGE, "b", [2]),
        ("d", EDGE, [1]),
        ("d", "a", []),
    ],
)
def test_cases_behind_a_path_are_found(source, target, cases):
    log = log_of("abc", "abd", "bcb")
    number = {name: place for place, name in enumerate(log.activity_names)}
    ends = [number.get(end, end) for end in (source, target)]
    assert find_cases(log, *ends) == cases


def test_worked_time_goes_by_the_hours_of_each_case():
    moments = [at("2026-03-27 16:00"), at("2026-03-30 10:00")]
    log = build_log(
        (case, name, moment * SECOND)
        for case in ("office", "clock")
        for name, moment in zip("ab", moments, strict=True)
    )
    worked = count_worked(log, [Timeline(WEEK), Timeline(ALWAYS)])
    assert worked.tolist() == [3 * HOUR, moments[1] - moments[0]]
    (step,) = measure_successions(log, worked)
    assert step.worked_seconds == (3 * HOUR + moments[1] - moments[0]) / 2


def test_variants_are_sorted_by_how_many_cases_have_them():
    log = log_of("ab", "abc", "ab", "c")
    assert [one.count for one in count_variants(log)] == [2, 1, 1]


def test_an_empty_log_has_nothing():
    log = build_log([])
    assert (count_variants(log), measure_successions(log), find_edges(log)) == (
        [],
        [],
        [],
    )
    assert (log.durations.size, find_pairs(log).size) == (0, 0)
