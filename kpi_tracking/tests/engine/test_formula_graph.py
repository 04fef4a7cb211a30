"""Order of formulas, cycles, and how far back a formula looks."""

from datetime import date

import numpy as np
import pytest

from ...engine.formula import (
    CycleError,
    EvalContext,
    FormulaError,
    Window,
    check_cycles,
    cycle_through,
    cycles,
    dependency_order,
    evaluate,
    find_first_day,
    parse,
    window,
)


def test_each_comes_after_those_it_needs_and_ties_are_alphabetical():
    edges = {"rate": ["won", "lost"], "index": ["rate", "calls"], "alone": []}
    assert dependency_order(edges) == ["alone", "calls", "lost", "won", "rate", "index"]


def test_order_does_not_depend_on_the_order_given():
    edges = {f"k{n}": [f"k{n // 2}", f"k{n // 3}"] for n in range(1, 200)}
    edges["k1"] = []
    edges = {k: [c for c in v if c != "k0"] for k, v in edges.items()}
    order = dependency_order(edges)
    assert order == dependency_order(dict(reversed(edges.items())))
    place = {code: index for index, code in enumerate(order)}
    assert all(place[c] < place[code] for code, codes in edges.items() for c in codes)


@pytest.mark.parametrize(
    ("edges", "path"),
    [
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, "a → b → c → a"),
        ({"a": ["a"]}, "a → a"),
        ({"z": ["m"], "m": ["z", "free"], "user": ["z"]}, "m → z → m"),
        ({"a": ["x"], "x": ["y"], "y": ["x"]}, "x → y → x"),  # a is not part of it
    ],
)
def test_cycle_is_refused_naming_its_path(edges, path):
    with pytest.raises(CycleError) as caught:
        dependency_order(edges)
    assert f": {path}." in str(caught.value)
    assert isinstance(caught.value, FormulaError)


def test_ten_thousand_formulas_in_a_row_are_ordered():
    edges = {f"k{n:05}": [f"k{n - 1:05}"] for n in range(1, 10_000)}
    assert dependency_order(edges) == [f"k{n:05}" for n in range(10_000)]
    edges["k00000"] = ["k09999"]
    with pytest.raises(CycleError) as caught:
        dependency_order(edges)
    assert len(caught.value.path) == 10_001


# two cycles, x in both; a stands on the first, free on none
MANY = {
    "a": ["x", "free"],
    "x": ["y", "z"],
    "y": ["x"],
    "z": ["w"],
    "w": ["x", "free"],
    "s": ["s"],
}


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("x", ("x", "y", "x")),  # the shorter one
        ("z", ("w", "x", "z", "w")),  # from the least code on, wherever one begins
        ("s", ("s", "s")),
        ("a", None),
        ("free", None),
        ("unknown", None),
    ],
)
def test_a_code_that_needs_itself_is_found(code, path):
    assert cycle_through(code, MANY) == path


def test_those_that_need_themselves_are_told_from_those_that_stand_on_them():
    assert sorted(cycles(MANY)) == ["s", "w", "x", "y", "z"]
    assert cycles({"a": ["b"], "b": []}) == {}


def test_a_formula_is_refused_for_its_own_cycle_only():
    stored = {"x": ["y"], "y": ["x"]}
    check_cycles(parse("x + 1"), "new", {**stored, "new": ["x"]})
    with pytest.raises(CycleError) as caught:
        check_cycles(parse("1 + y"), "x", stored)
    assert (caught.value.path, caught.value.column) == (("x", "y", "x"), 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b", Window()),
        ("prev(a)", Window(1)),
        ("prev(a, 12) + prev(b, 3)", Window(12)),  # side by side: the longer
        ("prev(rolling(a, 3), 12)", Window(14)),  # one in the other: both
        ("rolling(a, 1)", Window(0)),
        ("ytd(a)", Window(0, 1)),
        ("ytd(a) / prev(ytd(a), 12)", Window(12, 1)),
        ("ytd(prev(ytd(a)))", Window(1, 2)),
        ("if_(prev(a) > 1, 2, 3)", Window(1)),
    ],
)
def test_window(text, expected):
    assert window(parse(text)) == expected


@pytest.mark.parametrize(
    "text", ["prev(a, 5)", "rolling(a, 7)", "ytd(prev(a, 2))", "prev(ytd(a), 12)"]
)
def test_history_of_the_window_is_enough(text):
    formula, rng = parse(text), np.random.default_rng(3)
    values = rng.integers(1, 9, (2, 60)).astype(float)
    whole = evaluate(formula, {"a": values}, context(0, 60)).values[:, 48:]
    earlier = window(formula).earlier_periods(12)
    start = 48 - earlier
    part = evaluate(formula, {"a": values[:, start:]}, context(start, 60)).values
    np.testing.assert_array_equal(part[:, earlier:], whole)


def context(start, stop):
    """Month 48 is the last of its fiscal year: eleven months of it lie before."""
    months = np.arange(start, stop)
    days = np.full(len(months), 30.0)
    return EvalContext(2, days, (months + 11) // 12)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("may", 5),
        ("may - march", 5),
        ("coalesce(may, march)", 3),
        ("sum(may, march) / may", 5),
        ("max(may, march, 0)", None),
        ("may if march > 2 else 0", 3),
        ("0 if never else march", 12),
        ("target(may) / march", 3),
        ("may > 2 or march > 2", 3),
        ("rolling(entered, 3)", None),
        ("days_in_period()", None),
    ],
)
def test_a_result_begins_with_the_last_part_that_it_needs(text, first):
    days = {
        "may": date(2026, 5, 1),
        "march": date(2026, 3, 1),
        "never": date(2026, 12, 1),
    }
    expected = date(2026, first, 1) if first else date.min
    assert find_first_day(parse(text), days) == expected
