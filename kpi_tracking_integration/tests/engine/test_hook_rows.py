from datetime import date

import pytest

from ...engine.hook_rows import (
    MOST_ROWS,
    Pointers,
    RowFault,
    Said,
    list_items,
    read_item,
)

TODAY = date(2026, 3, 5)
MESSAGE = {
    "sent": "2026-02-28T23:59:59+09:00",
    "data": [
        {"kpi": {"code": "calls"}, "who": "jane", "at": "2026-01-31", "n": "12.5"}
    ],
}
POINTERS = Pointers("/data", "/kpi/code", "/who", "/at", "/n")


def _read(pointers=POINTERS, message=None):
    message = MESSAGE if message is None else message
    (item,) = list_items(message, pointers)
    return read_item(item, message, pointers, TODAY)


def test_a_row_is_where_the_pointers_lead():
    assert _read() == Said("calls", "jane", date(2026, 1, 31), 12.5)


def test_a_pointer_may_begin_at_the_message():
    pointers = Pointers(rows="/data", value="/n", day="#/sent")
    assert _read(pointers) == Said("", "", date(2026, 2, 28), 12.5)


def test_a_message_may_be_one_row_or_a_list():
    assert _read(Pointers(value="/n"), {"n": 3}) == Said("", "", TODAY, 3.0)
    assert list_items([1, 2], Pointers(value="/n")) == [1, 2]


@pytest.mark.parametrize(
    ("day", "read"),
    [
        ("2026-01-31 10:00", date(2026, 1, 31)),
        (1769817600, date(2026, 1, 31)),
        (1769817600000, date(2026, 1, 31)),
        (1769817600.5, date(2026, 1, 31)),
    ],
)
def test_days_are_read_as_they_are_written(day, read):
    assert _read(Pointers(value="/n", day="/d"), {"n": 1, "d": day}).day == read


@pytest.mark.parametrize(
    "day",
    [None, True, "", "31.01.2026", "2026-02-30", "1900-01-01", 10**30, -(10**30), {}],
)
def test_what_is_no_day_is_said(day):
    with pytest.raises(RowFault, match="is not a date like 2026-01-31"):
        _read(Pointers(value="/n", day="/d"), {"n": 1, "d": day})


@pytest.mark.parametrize(
    ("value", "read"), [(0, 0.0), (-3, -3.0), ("1e3", 1000.0), (" 7 ", 7.0)]
)
def test_numbers_may_be_texts(value, read):
    assert _read(Pointers(value="/n"), {"n": value}).value == read


@pytest.mark.parametrize(
    "value",
    [None, True, "", "1,5", "٣", "nan", "1e999", 10**400, float("inf"), [], {"a": 1}],
)
def test_what_is_no_number_is_said(value):
    with pytest.raises(RowFault, match="is not a number"):
        _read(Pointers(value="/n"), {"n": value})


@pytest.mark.parametrize("name", ["", None, True, 1.5, "x" * 201, "a\x00b", "\ud800"])
def test_what_is_no_name_is_said(name):
    with pytest.raises(RowFault, match="is not a name"):
        _read(Pointers(value="/n", kpi="/k"), {"n": 1, "k": name})


@pytest.mark.parametrize(
    ("pointers", "said"),
    [
        (Pointers(), "Enter the path to the value"),
        (Pointers(rows="/rows", value="/n"), "“/rows” was not found"),
        (Pointers(rows="/data", value="/m"), "“/m” was not found"),
        (Pointers(rows="/data/1", value="/n"), "“/data/1” was not found"),
        (Pointers(rows="/data", value="n"), "“n” is not a path"),
        (Pointers(rows="/data", value="/0" * 500), "was not found|is not a path"),
        (Pointers(rows="/data", value="/0" * 10_000), "is not a path"),
    ],
)
def test_a_pointer_to_nothing_is_said(pointers, said):
    with pytest.raises(RowFault, match=said):
        _read(pointers)


def test_too_many_rows_are_said():
    with pytest.raises(RowFault, match="10001 rows"):
        list_items([0] * (MOST_ROWS + 1), Pointers(value="/n"))
