import pytest

from ...engine.tabular import GroupProfile, Row, fill_groups

PIVOT = [
    ["Sales", "Calls", "2026-01", 10],
    ["", "Calls", "2026-02", 11],
    ["Support", "Calls", "2026-01", 5],
    ["", "Calls", "2026-02", 6],
]


def _find_groups(rows):
    profile = GroupProfile(len(rows[0]))
    for row in rows:
        profile.add(row)
    return [place for place in range(len(rows[0])) if profile.has_groups(place)]


def test_columns_of_pivot_tables():
    assert _find_groups(PIVOT) == [0]
    assert _find_groups([*PIVOT, ["Total", "", "", 32]]) == [0]
    two = [[None, None, f"2026-{number:02}", "2"] for number in (2, 3)]
    assert _find_groups([["Sales", "Calls", "2026-01", "1"], *two]) == [0, 1]


@pytest.mark.parametrize(
    "rows",
    [
        # the company's rows below those of departments
        [
            *(["Sales", "2026-01", 1], ["Support", "2026-01", 2], ["", "2026-01", 3]),
            *(["Sales", "2026-02", 1], ["Support", "2026-02", 2], ["", "2026-02", 3]),
        ],
        # names again and again
        [
            *(["Sales", "2026-01", 1], ["Sales", "2026-02", 2]),
            *(["", "2026-01", 3], ["", "2026-02", 3]),
        ],
        # nothing above
        [["", "2026-01", 1], ["Sales", "2026-02", 2], ["", "2026-03", 2]],
        [["Sales", "2026-01", 1], ["", "2026-02", 2]],  # one that is missing
        # notes and subtotals
        [["Calls", "2026-01", 1], ["Source: SAP", "", ""], ["By: Ann", "", ""]],
        [
            *(["Calls", "2026-01", 1], ["Calls Total", "", 1]),
            *(["Visits", "2026-02", 2], ["Visits Total", "", 2]),
        ],
        [["Sales", "2026-01", 1], ["Support", "2026-02", 2]],  # nothing empty
        [["", "2026-01", 1], ["", "2026-02", 2]],
    ],
)
def test_other_columns(rows):
    assert _find_groups(rows) == []


def test_names_above_fill_empty_cells():
    rows = [Row(number, list(cells)) for number, cells in enumerate(PIVOT, 2)]
    rows.insert(2, Row(9, ["Total", "", "", 21]))
    found = [row.cells[0] for row in fill_groups(rows, [0], is_text=True)]
    assert found == ["Sales", "Sales", "Total", "Support", "Support"]


def test_a_name_ends_those_behind_it():
    rows = [["Sales", "Calls", 1], ["", "", 2], ["Support", "", 3], ["", "Mail", 4]]
    rows = [Row(number, cells) for number, cells in enumerate(rows)]
    found = [row.cells for row in fill_groups(rows, [0, 1], is_text=True)]
    assert found[1] == ["Sales", "Calls", 2]
    assert found[2] == ["Support", None, 3]
    assert found[3] == ["Support", "Mail", 4]


def test_cells_that_a_row_does_not_have():
    rows = [Row(1, ["a", "b"]), Row(2, ["c"])]
    (_first, last) = fill_groups(rows, [1], is_text=True)
    assert last.cells == ["c"]  # it is cut into other columns
    rows = [Row(1, ["a", "b"]), Row(2, ["c"])]
    (_first, last) = fill_groups(rows, [1], is_text=False)
    assert last.cells == ["c", "b"]
