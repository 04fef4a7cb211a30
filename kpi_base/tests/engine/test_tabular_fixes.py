"""Only what really makes cells readable is offered as a fix."""

import pytest

from ...engine.tabular import Fix, Reading, find_fixes

NUMBER, POINTS = Reading("number"), Reading("number", decimal_mark=".")
DAYS = Reading("moment", date_order="dmy", is_1904=False)


@pytest.mark.parametrize(
    ("reading", "refused", "others", "fixes"),
    [
        # 7 cells with a comma; 1 and 3 stay the same numbers
        (POINTS, {"2,5": 4, "3,25": 3}, ["1", "3"], [Fix("decimal_mark", ",", 7)]),
        # 1,500 is fifteen hundred with a point, one and a half with a comma
        (POINTS, {"2,5": 2}, ["1,500"], [Fix("decimal_mark", ",", 2, changed=1)]),
        # two become readable, one no longer is
        (POINTS, {"2,5": 2}, ["2.5"], [Fix("decimal_mark", ",", 2, lost=1)]),
        # as many are lost as gained
        (POINTS, {"2,5": 1}, ["2.5"], []),
        (POINTS, {"l2": 5}, [], []),  # no mark makes it a number
        (Reading("number", decimal_mark=","), {"2.5": 1}, [], [("decimal_mark", ".")]),
        # the month comes first, the third of April becomes the fourth of March
        (
            DAYS,
            {"12/31/2026": 1},
            ["03/04/2026", "2026-01-01"],
            [Fix("date_order", "mdy", 1, changed=1)],
        ),
        (DAYS, {"12/31/2026": 1}, ["31/12/2026"], []),
        (DAYS, {"2012-13": 2}, ["2025-01"], [Fix("year_pairs", "years", 2)]),
        (DAYS, {"soon": 9}, [], []),
        # the file does not say from when the days of a spreadsheet count
        (
            Reading("moment", date_order="dmy"),
            {"45700": 1},
            [],
            [("is_1904", False), ("is_1904", True)],
        ),
        (Reading("text"), {"x" * 40_000: 1}, [], []),
        (Reading("choice", choices={"up": 1}), {"down": 1}, [], []),
    ],
)
def test_another_reading_is_offered_where_it_helps(reading, refused, others, fixes):
    found = find_fixes(reading, refused, others)
    if fixes and isinstance(fixes[0], tuple):
        found = [(fix.option, fix.value) for fix in found]
    assert found == fixes


def test_texts_count_as_empty_where_nothing_is_needed():
    refused = {"n/a": 3, "No data ": 1, "No data": 4, "12:30": 9, "a;b": 9, "?": 1}
    assert find_fixes(NUMBER, refused, ["1"]) == []
    (fix,) = find_fixes(NUMBER, refused, ["1"], may_be_empty=True)
    assert fix == Fix("no_values", ("No data", "n/a", "?"), 9)


@pytest.mark.parametrize(
    "text", ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NULL!", "Err:502"]
)
def test_failed_formulas_can_count_as_empty(text):
    (fix,) = find_fixes(NUMBER, {text: 2}, [1], may_be_empty=True)
    assert fix == Fix("no_values", (text,), 2)
    read = Reading("number", no_values=frozenset({text.casefold()})).reader()
    assert read(text) is None


def test_a_dash_is_offered_as_zero_and_as_empty():
    found = find_fixes(NUMBER, {"-": 2, " $ - ": 1}, ["5"], may_be_empty=True)
    assert found == [
        Fix("is_dash_zero", True, 3),
        Fix("no_values", ("-", "$ -"), 3),
    ]
    assert [fix.option for fix in find_fixes(NUMBER, {"-": 2}, ["5"])] == [
        "is_dash_zero"
    ]


def test_the_most_helpful_fix_goes_first():
    refused = {"2,5": 1, "n/a": 2}
    found = find_fixes(NUMBER, refused, [], may_be_empty=True)
    assert [fix.option for fix in found] == ["no_values", "decimal_mark"]


def test_cells_of_workbooks_are_tried_as_they_are():
    assert find_fixes(NUMBER, {True: 1}, [2.5], may_be_empty=True) == []
