import datetime as dt

import pytest

from ...engine.tabular import (
    CellError,
    ColumnReader,
    Entry,
    EntryReader,
    Moment,
    Row,
    has_other_width,
)

MAY, JUNE = (Moment(dt.date(2026, month, 15), "month") for month in (5, 6))


def _read_number(cell):
    if cell == "?":
        raise CellError("“?” is not a number.")
    return None if cell == "-" else float(cell)


def _readers(*moments):
    return [
        ColumnReader(0, "Team", "team", str),
        *(
            ColumnReader(index, f"Value {index}", "value", _read_number, moment)
            for index, moment in enumerate(moments, 1)
        ),
    ]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["North", "5"], {"team": "North", "value": 5.0}),
        (["North", ""], {"team": "North"}),
        (["North"], {"team": "North"}),  # the row ends before
        (["North", "-"], {"team": "North"}),  # stands for no value
        ([None, 0], {"value": 0.0}),  # nothing is a value, too
    ],
)
def test_a_row_is_one_entry_of_its_filled_cells(cells, values):
    entries, faults = EntryReader(_readers(None)).read_row(Row(7, cells))
    assert (entries, faults) == ([Entry(7, values)], [])


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["North", "5", "6"], [(5.0, MAY), (6.0, JUNE)]),
        (["North", "", "6"], [(6.0, JUNE)]),
        (["North", "", "-"], []),
    ],
)
def test_each_filled_column_of_a_period_is_an_entry(cells, found):
    entries, _faults = EntryReader(_readers(MAY, JUNE)).read_row(Row(7, cells))
    assert entries == [
        Entry(7, {"team": "North", "value": value, "moment": moment})
        for value, moment in found
    ]


def test_cells_that_cannot_be_read_are_named_beside_the_others():
    entries, faults = EntryReader(_readers(MAY, JUNE)).read_row(Row(7, ["A", "?", "6"]))
    assert [entry.values["value"] for entry in entries] == [6.0]
    assert [(fault.column.title, fault.cell, str(fault.error)) for fault in faults] == [
        ("Value 1", "?", "“?” is not a number.")
    ]


@pytest.mark.parametrize(
    ("cells", "is_text", "expected"),
    [
        (["a", "b"], True, False),
        (["a"], True, True),
        (["a"], False, False),  # sheets end rows at the last filled cell
        (["a", "b", "c"], True, True),
        (["a", "b", "c"], False, True),
        (["a", "b", "", None], True, False),  # a mark at the end of each line
        (["a", "b", 0], False, True),  # a number is filled, whatever it is
    ],
)
def test_rows_cut_otherwise_than_two_titles(cells, is_text, expected):
    assert has_other_width(cells, 2, is_text=is_text) is expected
