import pytest

from ...engine.tabular import CellError, ColumnProfile, Goal, GoalRange, Reading
from ...engine.tabular.goals import find_goal_numbers, read_goal


@pytest.mark.parametrize(
    ("cell", "number", "sign", "units"),
    [
        ("≤ 3 %", 3, "≤", ("%",)),
        ("<=3", 3, "≤", ()),
        ("< 5", 5, "≤", ()),
        (">= 95", 95, "≥", ()),
        ("≥95%", 95, "≥", ("%",)),
        ("> -2.5", -2.5, "≥", ()),
        ("≥ 1,200 EUR", 1200, "≥", ("EUR",)),
    ],
)
def test_signs(cell, number, sign, units):
    goal = read_goal(cell)
    assert isinstance(goal, Goal)
    assert (goal, goal.sign, goal.units) == (number, sign, units)


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        ("10–12", 10, 12),
        ("10-12", 10, 12),
        ("10 — 12", 10, 12),
        ("10 to 12", 10, 12),
        ("± 5 %", -5, 5),
        ("+/- 5", -5, 5),
        ("100 ± 5", 95, 105),
        ("-5--2", -5, -2),
        ("-5 – 5", -5, 5),
        ("0.5–1.5", 0.5, 1.5),
        ("1,000–1,200", 1000, 1200),
    ],
)
def test_ranges(cell, low, high):
    assert read_goal(cell) == GoalRange(low, high)


def test_both_limits_have_the_unit():
    for cell in ("10–12 %", "10 %–12 %", "10 %–12", "± 5 %"):
        goal = read_goal(cell)
        assert goal.low.units == goal.high.units == ("%",)


@pytest.mark.parametrize("cell", ["12", "-3", "1e-5", "(12)", "82.5%", 12.0, "1.500"])
def test_plain_numbers_stay_plain(cell):
    goal = read_goal(cell)
    assert isinstance(goal, float)
    assert not isinstance(goal, Goal)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("12–10", "first limit exceeds"),
        ("95 ± 5 %", "is not clear"),
        ("≤ many", "is not a number"),
        ("≤", "is not a number"),
        ("2026-01-31", "is not a number"),
        ("≤ 3 Mio", "not a known unit"),
        ("± -5", "first limit exceeds"),
        ("<> 3", "is not a number"),
    ],
)
def test_what_is_no_target(cell, reason):
    with pytest.raises(CellError) as caught:
        read_goal(cell)
    assert reason in str(caught.value)


def test_the_decimal_mark_of_the_column():
    assert read_goal("≤ 3,5", ",") == 3.5
    assert read_goal("1,5–2,5", ",") == GoalRange(1.5, 2.5)
    with pytest.raises(CellError, match="decimal comma"):
        read_goal("≤ 3,5")
    for cells, mark in (
        (["≤ 3,5", "4"], ","),
        (["10–12,5"], ","),
        (["≥ 1.500"], None),  # one and a half or fifteen hundred
        (["± 2.5 %"], "."),
    ):
        profile = ColumnProfile()
        for cell in cells:
            profile.add(cell)
        assert profile.decimal_mark == mark


def test_numbers_in_targets():
    assert find_goal_numbers("≤ 3 %") == ["3 %"]
    assert find_goal_numbers("10–12") == ["10", "12"]
    assert find_goal_numbers("n/a") == ["n/a"]


def test_only_columns_of_targets_have_signs():
    assert Reading("number", has_goals=True).reader()("≤ 3") == 3
    with pytest.raises(CellError):
        Reading("number").reader()("≤ 3")
