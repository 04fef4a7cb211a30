"""Merged cells: names and periods apply to all of their rows, numbers to none."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from ...engine.tabular import (
    CellError,
    ColumnProfile,
    Reading,
    TabularError,
    find_header,
    has_other_width,
    is_totals_row,
    open_table,
    plain_cell,
    write_merged,
)
from ...engine.tabular.cells import MOST_COLUMNS
from ...engine.tabular.files import (
    LAST_ROW,
    MOST_AREAS,
    _Area,
    _list_areas,
    _MergedCells,
)

TITLES = ["code", "department", "date", "value"]


def book(rows, *areas):
    """A workbook with merged cells; what they cover is not stored."""
    opened = openpyxl.Workbook()
    for cells in rows:
        opened.active.append(cells)
    for area in areas:
        opened.active.merge_cells(area)
    stream = BytesIO()
    opened.save(stream)
    return open_table(stream.getvalue())


def cells_of(table, place):
    header = find_header(table.rows())
    return [row.cells[place] for row in table.rows() if row.number > header.number]


def try_each(cells, kind, **options):
    """Values, or why there is none."""
    read, found = Reading(kind, **options).reader(), []
    for cell in cells:
        try:
            found.append(read(cell))
        except CellError as error:
            found.append(str(error))
    return found


def test_a_merged_name_applies_to_all_of_its_rows():
    table = book(
        [
            TITLES,
            ["calls", "Sales", "2026-01", 10],
            ["calls", None, "2026-02", 11],
            ["calls", None, "2026-03", 12],
            ["calls", None, "2026-01", 5],
            ["calls", "Support", "2026-01", 7],
            ["calls", None, "2026-02", 8],
        ],
        "B2:B4",
        "B6:B7",
    )
    names = try_each(cells_of(table, 1), "text")[:3]
    assert names == ["Sales", "Sales", "Sales"]
    assert cells_of(table, 1)[3] is None  # not merged: of no department
    assert try_each(cells_of(table, 1)[4:], "text") == ["Support", "Support"]
    assert try_each(cells_of(table, 3), "number") == [10, 11, 12, 5, 7, 8]


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("text", "Sales", "Sales"),
        ("text", 17850, "17850"),
        ("choice", "Up", 1),
        ("boolean", "yes", True),
    ],
)
def test_keys_of_all_kinds_apply_to_their_rows(kind, value, read):
    table = book([["key", "value"], [value, 1], [None, 2]], "A2:A3")
    assert try_each(cells_of(table, 0), kind, choices={"up": 1}) == [read, read]


@pytest.mark.parametrize("value", [date(2026, 1, 31), "2026-01-31", 46053])
def test_a_merged_day_applies_to_all_of_its_rows(value):
    table = book([["day", "value"], [value, 1], [None, 2]], "A2:A3")
    moments = try_each(cells_of(table, 0), "moment", is_1904=False)
    assert [moment.day for moment in moments] == [date(2026, 1, 31)] * 2


def test_a_merged_value_is_refused_with_its_range():
    rows = [["code", "value"], ["calls", 30], ["mails", None], ["visits", 4]]
    first, second, third = try_each(cells_of(book(rows, "B2:B3"), 1), "number")
    assert first == second
    assert "“30” is in merged cells (B2:B3)" in first
    assert third == 4


def test_a_text_for_no_value_may_be_merged():
    rows = [["code", "value"], ["calls", "n/a"], ["mails", None]]
    cells = cells_of(book(rows, "B2:B3"), 1)
    assert try_each(cells, "number", no_values=frozenset({"n/a"})) == [None, None]


def test_a_value_over_several_periods_is_refused_in_each():
    rows = [["code", "2026-01", "2026-02"], ["calls", 30, None]]
    row = list(book(rows, "B2:C2").rows())[1]
    january, february = try_each(row.cells[1:], "number")
    assert "(B2:C2)" in january
    assert "(B2:C2) of several columns" in february


def test_a_name_over_several_columns_is_that_of_the_first_alone():
    rows = [["department", "person", "value"], ["Sales", None, 1], [None, None, 2]]
    table = book(rows, "A2:B3")
    assert try_each(cells_of(table, 0), "text") == ["Sales", "Sales"]
    for reason in try_each(cells_of(table, 1), "text"):
        assert "“Sales” is in merged cells (A2:B3) of several columns" in reason


def test_rows_that_have_nothing_of_their_own_stay_blank():
    rows = [["department", "value"], ["Sales", 1], [None, None], [None, 3]]
    table = book(rows, "A2:A4")
    assert [row.number for row in table.rows()] == [1, 2, 4]


def test_merged_cells_without_a_value_are_empty():
    rows = [["department", "value"], [" ", 1], [None, 2], [None, 3], [None, 4]]
    table = book(rows, "A2:A3", "A4:A5")
    assert cells_of(table, 0) == [" ", None, None, None]


def test_titles_over_the_table_and_over_groups_of_columns():
    rows = [
        ["Report of May", None, None, None],
        ["code", 2026, None, None],
        [None, "Jan", "Feb", "Mar"],
        ["calls", 1, 2, 3],
    ]
    table = book(rows, "A1:D1", "A2:A3", "B2:D2")
    header = find_header(table.rows())
    assert (header.number, header.titles) == (3, ("code", "Jan", "Feb", "Mar"))


@pytest.mark.parametrize(
    ("rows", "areas", "titles"),
    [
        (
            [["code", 2026, None], [None, "Jan", "Feb"]],
            ("A1:A2", "B1:C1"),
            ("code", "Jan 2026", "Feb 2026"),
        ),
        (
            [["code", 2025, None, 2026, None], [None, "Jan", "Feb", "Jan", "Feb"]],
            ("A1:A2", "B1:C1", "D1:E1"),
            ("code", "Jan 2025", "Feb 2025", "Jan 2026", "Feb 2026"),
        ),
        (
            [["code", "Calls", None, "note"], [None, "period", "value", None]],
            ("B1:C1", "A1:A2", "D1:D2"),
            ("code", "period", "value", "note"),
        ),
        (
            [["code", "Plan", None, "Actual", None], [None, "Q1", "Q2", "Q1", "Q2"]],
            ("A1:A2", "B1:C1", "D1:E1"),
            ("code", "Q1 Plan", "Q2 Plan", "Q1 Actual", "Q2 Actual"),
        ),
    ],
)
def test_titles_in_two_rows(rows, areas, titles):
    values = ["calls", *range(1, len(titles))]
    table = book([*rows, values], *areas)
    header = find_header(table.rows())
    assert (header.number, header.titles) == (2, titles)
    assert [row.cells for row in table.rows_below(2)] == [values]


def test_cells_merged_with_titles_have_no_values():
    rows = [["code", "value"], [None, 1], ["calls", 2], ["calls", None]]
    table = book(rows, "A1:A2", "B3:B4")
    assert find_header(table.rows()).number == 1
    first, second, third = table.rows_below(1)
    assert first.cells == [None, 1]
    assert [cell.area for cell in (second.cells[1], third.cells[1])] == ["B3:B4"] * 2


def test_the_last_title_may_be_over_two_columns():
    rows = [["code", "value", None], ["calls", 1, "x"]]
    table = book(rows, "B1:C1")
    header = find_header(table.rows())
    assert (header.titles, header.untitled_columns) == (("code", "value", ""), ["C"])
    (row,) = table.rows_below(1)
    assert not has_other_width(row.cells, len(header.titles), is_text=False)


def test_values_below_a_title_of_two_columns_are_no_titles():
    rows = [["code", "value", None], [None, "12", "x"], ["calls", 1, "x"]]
    assert find_header(book(rows, "B1:C1").rows()).number == 1


def test_a_title_over_two_columns_names_the_first():
    rows = [["code", "value", None, "note"], ["calls", 1, "x", "y"]]
    header = find_header(book(rows, "B1:C1").rows())
    assert header.titles == ("code", "value", "", "note")


def test_a_note_below_the_table_is_wider_than_it():
    rows = [["code", "value"], ["calls", 1], ["Source: the phones"]]
    row = list(book(rows, "A3:F3").rows())[-1]
    assert not has_other_width(row.cells, 2, is_text=False)


def test_totals_are_recognised_where_their_name_is_merged():
    rows = [["code", "team", "value"], ["calls", "A", 1], ["Total", None, 1]]
    row = list(book(rows, "A3:B3").rows())[-1]
    assert is_totals_row(row.cells)


def test_a_column_is_known_by_its_merged_cells_too():
    rows = [["day", "value"], ["03/04/2026", 1], [None, 2], ["31/12/2026", 3]]
    profile = ColumnProfile()
    for cell in cells_of(book(rows, "A2:A3"), 0):
        profile.add(cell)
    assert (profile.date_order, profile.sample) == ("dmy", "03/04/2026")


def test_refused_rows_can_be_imported_again_without_another_value():
    rows = [["code", "team", "value", "more"], ["calls", "A", 30, None], ["mails"]]
    table = book(rows, "B2:B3", "C2:D3")
    for row in list(table.rows())[1:]:
        team, value, more = row.cells[1:]
        assert write_merged(team, is_number=False) == "A"
        assert write_merged(value, is_number=True) == "30 (C2:D3)"
        assert write_merged(more, is_number=True) == "30 (C2:D3)"
    assert plain_cell("A") == write_merged("A", is_number=True) == "A"


def test_sheets_of_other_programs_may_prefix_the_names_of_elements():
    mark = b'<x:mergeCells count="1"><x:mergeCell  ref="A2:A3"/></x:mergeCells>'
    text = b"<t>mergeCell ref=&quot;A1:B2&quot;</t>"
    for size in (1, 7, 65_536):  # however the file is cut

        class Cut(BytesIO):
            def read(self, _most, size=size):
                return super().read(size)

        assert list(_list_areas(Cut(text + mark))) == ["A2:A3"]


def test_a_sheet_of_merged_cells_does_not_fill_the_memory():
    mark = b'<mergeCell ref="A1:B2"/>'
    with pytest.raises(TabularError, match="too many merged cells"):
        list(_list_areas(BytesIO(mark * (MOST_AREAS + 1))))


def test_the_whole_sheet_may_be_one_cell():
    merged = _MergedCells([_Area.parse("A1:XFD1048576")])
    for number in (1, 2, LAST_ROW):
        cells = ["code", "value"]
        merged.fill(number, cells)
        assert len(cells) == MOST_COLUMNS
        assert str(cells[0]) == "code"


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("KPI,2026,,2025,", ",Jan,Feb,Jan,Feb"),
        (",2026,,2025,", "KPI,Jan,Feb,Jan,Feb"),
    ],
)
def test_years_above_months_that_nothing_merges(upper, lower):
    table = open_table(f"{upper}\n{lower}\nCalls,1,2,3,4\n".encode())
    header = find_header(table.rows())
    titles = ("KPI", "Jan 2026", "Feb 2026", "Jan 2025", "Feb 2025")
    assert (header.number, header.titles) == (2, titles)


@pytest.mark.parametrize(
    "text",
    [
        "KPI,2026,2025\nCalls,1,2\n",
        "KPI,2026,2025\nCalls,n/a,n/a\n",  # a row of the table
        "KPI,Month,Value\nCalls,Jan 2026,x\n",
        "KPI,2026,\nCalls,Jan,\n",  # one is no proof
    ],
)
def test_rows_below_one_row_of_titles(text):
    assert find_header(open_table(text.encode()).rows()).number == 1
