from datetime import date, datetime

import pytest

from ...engine.tabular import (
    CellError,
    ColumnProfile,
    Reading,
    clip_cell,
    is_totals_row,
)
from ...engine.tabular.cells import (
    join_year,
    list_period_titles,
    number_marks,
    parse_period,
    parse_title_period,
    possible_orders,
    read_moment,
    read_number,
)

BOTH = {".", ","}


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("12", ".", 12),
        ("-12.5", ".", -12.5),
        ("12,5", ",", 12.5),
        ("1,234.5", ".", 1234.5),
        ("1.234,5", ",", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("1\N{NARROW NO-BREAK SPACE}234,5", ",", 1234.5),
        ("1'234.5", ".", 1234.5),
        ("1.234.567", ",", 1234567),
        ("5 000", ".", 5000),
        ("5\u00a0000", ",", 5000),
        ("1 234 567.5", ".", 1234567.5),
        ("1'234'567", ",", 1234567),
        ("1,05,000", ".", 105000),  # India
        ("12,50,000.00", ".", 1250000),
        ("₹ 1,23,45,678", ".", 12345678),
        ("95,000", ".", 95000),
        ("- 5", ".", -5),
        ("$ -1,200", ".", -1200),
        ("( 12 )", ".", -12),
        ("82.5%", ".", 82.5),
        ("€ 1,200.50", ".", 1200.5),
        ("1200 EUR", ".", 1200),
        ("(12.5)", ".", -12.5),
        ("\N{MINUS SIGN}3", ".", -3),
        ("1e3", ".", 1000),
        (".5", ".", 0.5),
        ("91.370000000000005", ".", 91.37),
        ("1.234,50-", ",", -1234.5),  # SAP
        ("12.5- EUR", ".", -12.5),
        ("€ (12.00)", ".", -12),
        ("(12.00) €", ".", -12),
        ("12.-", ".", 12),  # Switzerland
        ("1'500.–", ".", 1500),
        ("12,- €", ",", 12),
        (12, ".", 12),
        (0.5, ",", 0.5),
    ],
)
def test_numbers_are_read_as_people_write_them(text, mark, number):
    assert read_number(text, mark) == number


@pytest.mark.parametrize(
    ("cell", "mark", "said"),
    [
        ("4,9", ".", "decimal comma. Enter 12.5, or choose “12,5”"),
        ("4.9 €", ",", "decimal point. Enter 12,5, or choose “12.5”"),
        ("4,9x1", ".", "is not a number such as 12.5"),
    ],
)
def test_a_number_with_the_other_mark_says_what_to_do(cell, mark, said):
    with pytest.raises(CellError, match=said):
        read_number(cell, mark)


UNITS = frozenset({"%", "eur", "usd", "€", "$", "kr"})


@pytest.mark.parametrize(
    ("cell", "number", "units"),
    [
        ("12", 12, ()),
        (12.5, 12.5, ()),
        ("82.5%", 82.5, ("%",)),
        ("82.5 %", 82.5, ("%",)),
        ("€ 1,200.50", 1200.5, ("€",)),
        ("-$5", -5, ("$",)),
        ("$ -5", -5, ("$",)),
        ("(5 EUR)", -5, ("EUR",)),
        ("1200 EUR", 1200, ("EUR",)),
        ("EUR1200", 1200, ("EUR",)),
        ("1e3 usd", 1000, ("usd",)),
        ("$5 USD", 5, ("$", "USD")),
        ("5 kr.", 5, ("kr",)),
    ],
)
def test_known_units_stay_with_their_number(cell, number, units):
    found = read_number(cell, known_units=UNITS)
    assert (found, getattr(found, "units", ())) == (number, units)


@pytest.mark.parametrize(
    "unit",
    [
        *("Mio", "Mio.", "MIO", "MRD", "TSD", "MLN", "k", "K", "M", "bn", "Mlls"),
        *("MIN", "hrs", "HRS", "h", "Mio. €", "k EUR", "T€", "lakh", "cr", "‰", "CHF"),
    ],
)
@pytest.mark.parametrize("text", ["12 %s", "1.5%s", "-3 %s"])
def test_a_unit_that_may_hide_a_factor_is_refused(text, unit):
    with pytest.raises(CellError, match="is not a known unit"):
        read_number(text % unit, known_units=UNITS)


def test_a_factor_before_the_number_is_refused():
    for text in ("Mio 12", "k 5", "x5", "Q1"):
        with pytest.raises(CellError, match="is not a known unit"):
            read_number(text, known_units=UNITS)
        assert not number_marks(text)


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("abc", "."),
        ("12,5.3", "."),
        ("80 90", "."),
        ("2026 01", "."),
        ("12_5", "."),
        ("12_500", "."),
        ("1 23 456", "."),
        ("1 234'567", "."),
        ("1,23,45", "."),
        ("105,00,000", "."),
        ("1\t234", "."),
        ("1\n234", "."),
        ("9" * 120 + " EUR", "."),
        ("0,500.1", "."),
        ("NaN", "."),
        ("Infinity", "."),
        ("-inf", "."),
        ("1e999", "."),
        ("--5", "."),
        ("-5-", "."),
        ("(5", "."),
        ("12-5", "."),
        ("#DIV/0!", "."),
        ("-", "."),
        ("1 2\x07", "."),
        (float("nan"), "."),
        (float("inf"), "."),
        (10**400, "."),
        (date(2026, 1, 1), "."),
        (True, "."),
        (False, ","),
    ],
)
def test_what_is_no_finite_number_is_refused(cell, mark):
    with pytest.raises(CellError, match="not a"):
        read_number(cell, mark)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("1.500", BOTH),
        ("1,500", BOTH),
        ("0.500", {"."}),  # no group begins with a zero
        ("1,234.5", {"."}),
        ("12,5", {","}),
        ("1,05,000", {"."}),
        ("12,50,000.00", {"."}),
        ("5 000", BOTH),
        ("80 90", set()),
        ("1500", BOTH),
        ("No Data", set()),
    ],
)
def test_marks_that_a_number_can_be_read_with(text, marks):
    assert number_marks(text) == marks


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1.500", "2.250"], None),
        (["1.500", "2.25"], "."),
        (["1.500", "2,25"], ","),
        (["1500", "12"], "."),
        (["No Data", "1,5"], ","),
        (["95,000", "1,05,000"], "."),  # Indian groups leave no doubt
    ],
)
def test_decimal_mark_of_a_column_is_known_by_all_its_cells(texts, mark):
    profile = ColumnProfile()
    for text in texts:
        profile.add(text)
    assert profile.decimal_mark == mark


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2026"], None),
        (["03/04/2026", "31/04/2026", "13/04/2026"], "dmy"),
        (["03/04/2026", "04/13/2026"], "mdy"),
        (["03/03/2026"], "dmy"),  # either order says the same day
        (["2026-04-03"], "dmy"),
    ],
)
def test_date_order_of_a_column_is_known_by_all_its_cells(texts, order):
    profile = ColumnProfile()
    for text in texts:
        profile.add(text)
    assert profile.date_order == order


@pytest.mark.parametrize(
    ("texts", "is_asked"),
    [
        (["2026-04-03", "2026-11", "Apr 2026"], False),
        (["2026-04-03", "03/04/2026"], True),
        (["31.12.2026"], True),
    ],
)
def test_an_order_is_asked_for_where_days_have_one(texts, is_asked):
    profile = ColumnProfile()
    for text in texts:
        profile.add(text)
    assert profile.has_ordered_days is is_asked


@pytest.mark.parametrize(
    ("cell", "day", "grain"),
    [
        ("2026-01-31", date(2026, 1, 31), "day"),
        ("2026-01-31 23:59:59", date(2026, 1, 31), "day"),
        ("2026-01-31T23:59:59+02:00", date(2026, 1, 31), "day"),
        ("31.01.2026", date(2026, 1, 31), "day"),
        ("3 March 2026", date(2026, 3, 3), "day"),
        ("Mar 3, 2026", date(2026, 3, 3), "day"),
        ("15 janv. 2026", date(2026, 1, 15), "day"),
        ("Jan 2026", date(2026, 1, 15), "month"),
        ("Dezember 2026", date(2026, 12, 15), "month"),
        ("2026-01", date(2026, 1, 15), "month"),
        ("01/2026", date(2026, 1, 15), "month"),
        ("Jan-26", date(2026, 1, 15), "month"),
        ("Jan 26", date(2026, 1, 15), "month"),
        ("Jan '26", date(2026, 1, 15), "month"),
        ("Okt. 26", date(2026, 10, 15), "month"),
        ("2026-Q3", date(2026, 8, 15), "quarter"),
        ("Q3 2026", date(2026, 8, 15), "quarter"),
        ("2026-W01", date(2026, 1, 1), "week"),  # from 29 Dec 2025: its Thursday
        ("2026", date(2026, 7, 1), "year"),
        (2026, date(2026, 7, 1), "year"),
        ("20260131", date(2026, 1, 31), "day"),
        (20260131, date(2026, 1, 31), "day"),
        ("202601", date(2026, 1, 15), "month"),
        (202601, date(2026, 1, 15), "month"),
        ("31-JAN-26", date(2026, 1, 31), "day"),
        ("31-JAN-2026 10:22:00", date(2026, 1, 31), "day"),
        ("4th Feb 2026", date(2026, 2, 4), "day"),
        ("1er février 2026", date(2026, 2, 1), "day"),
        ("5 de febrero de 2026", date(2026, 2, 5), "day"),
        ("Mon, 2 Feb 2026", date(2026, 2, 2), "day"),
        ("Tuesday, February 3, 2026", date(2026, 2, 3), "day"),
        ("Mo., 02.02.2026", date(2026, 2, 2), "day"),
        ("Mar 2, 2026", date(2026, 3, 2), "day"),  # and Tuesday in France
        ("Mrz 26", date(2026, 3, 15), "month"),
        ("Jänner 2026", date(2026, 1, 15), "month"),
        ("fevr. 2026", date(2026, 2, 15), "month"),
        ("enero de 2026", date(2026, 1, 15), "month"),
        ("Jan\n2026", date(2026, 1, 15), "month"),
        ("M01 2026", date(2026, 1, 15), "month"),
        ("1Q26", date(2026, 2, 15), "quarter"),
        ("Q2/26", date(2026, 5, 15), "quarter"),
        ("3. Quartal 2026", date(2026, 8, 15), "quarter"),
        ("Quarter 3, 2026", date(2026, 8, 15), "quarter"),
        ("2e trimestre 2026", date(2026, 5, 15), "quarter"),
        ("T4 2026", date(2026, 11, 15), "quarter"),
        ("W05/2026", date(2026, 1, 29), "week"),
        ("KW 6/2026", date(2026, 2, 5), "week"),
        ("CW 9 2026", date(2026, 2, 26), "week"),
        ("Week 10, 2026", date(2026, 3, 5), "week"),
        ("10. KW 2026", date(2026, 3, 5), "week"),
        ("2026 KW10", date(2026, 3, 5), "week"),
        (datetime(2026, 1, 31, 12), date(2026, 1, 31), "day"),
        (date(2026, 1, 31), date(2026, 1, 31), "day"),
    ],
)
def test_days_and_periods_are_read_where_they_are_plain(cell, day, grain):
    moment = read_moment(cell)
    assert (moment.day, moment.grain) == (day, grain)


@pytest.mark.parametrize(
    ("cell", "is_1904", "day"),
    [
        # Microsoft: 5 July 1998 is 35981 counted from 1900, 34519 counted from 1904.
        (35981, False, date(1998, 7, 5)),
        (34519, True, date(1998, 7, 5)),
        ("35981", False, date(1998, 7, 5)),
        (35981.75, False, date(1998, 7, 5)),
        ("35981.5849", False, date(1998, 7, 5)),  # with its time, as forms write it
    ],
)
def test_serial_days_are_counted_from_1900_or_1904(cell, is_1904, day):
    assert read_moment(cell, is_1904=is_1904).day == day


@pytest.mark.parametrize(
    ("texts", "is_doubtful"),
    [
        (["2010-11", "2012-13"], True),
        (["2010/11", "1999/00"], True),
        (["2010-11", "2010-12"], False),
        (["2010-03", "2012-13"], False),  # 2003 does not follow 2010
        (["2010-11", "2010-13"], False),  # nor is 2010-13 a year and the next
    ],
)
def test_months_among_years_are_not_guessed(texts, is_doubtful):
    profile = ColumnProfile()
    for text in texts:
        profile.add(text)
    assert profile.has_two_periods is is_doubtful


def test_two_years_are_read_where_they_are_meant():
    assert read_moment("2010-11").day == date(2010, 11, 15)
    with pytest.raises(CellError, match="a month or a range of two years"):
        read_moment("2010-11", year_pairs=None)
    for text, first in (("2010-11", 2010), ("1999/00", 1999)):
        moment = read_moment(text, year_pairs="years")
        assert (moment.day, moment.grain) == (date(first + 1, 1, 1), "year")
        assert moment.is_two_years
    assert read_moment("2010-03", year_pairs="years").grain == "month"


def test_serial_days_are_not_guessed():
    with pytest.raises(CellError, match="1904"):
        read_moment(35981)


def test_days_of_unknown_order_are_not_guessed():
    with pytest.raises(CellError, match="Choose day first or month first"):
        read_moment("03/04/2026")
    assert read_moment("03/04/2026", "dmy").day == date(2026, 4, 3)
    assert read_moment("03/04/2026", "mdy").day == date(2026, 3, 4)
    assert set(possible_orders("13/04/2026")) == {"dmy"}


@pytest.mark.parametrize(
    "cell",
    [
        "Week 26",
        "Week 60 2026",
        "5Q26",
        "20261331",
        20261331,
        202613,
        202601.5,
        "before 2 Feb 2026",
        "Jan26",
        "31/02/2026",
        "2026-13",
        "2026-02-30",
        "OCT",
        "soon",
        "1",
        7,
        1e300,
        True,
    ],
)
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(CellError):
        read_moment(cell)


def test_titles_name_periods():
    assert parse_period("PFY1_ACTUAL") is None
    assert parse_period("Sept. 2016").day == date(2016, 9, 15)


@pytest.mark.parametrize(
    ("cells", "is_totals"),
    [
        (["Total", "", 12], True),
        (["", "Grand total:", 12], True),
        (["Summe", 1], True),
        (["Total sales", 1], False),
        ([12, "Total"], False),
        ([], False),
    ],
)
def test_totals_rows_are_recognised(cells, is_totals):
    assert is_totals_row(cells) is is_totals


@pytest.mark.parametrize(
    ("cell", "value"),
    [("No Data", None), (" no data ", None), ("0.0", None), (0, None), ("0.5", 0.5)],
)
def test_texts_and_numbers_stand_for_no_value(cell, value):
    read = Reading("number", no_values=frozenset({"no data", "0"})).reader()
    assert read(cell) == value


@pytest.mark.parametrize("cell", ["-", " - ", "–", "$ -", "-€", " $-   ", "--"])
def test_a_dash_is_zero_only_where_that_was_chosen(cell):
    assert Reading("number", is_dash_zero=True).reader()(cell) == 0
    with pytest.raises(CellError, match="not a number"):
        Reading("number").reader()(cell)


@pytest.mark.parametrize("cell", ["-5", "- 5", "5-", "-x", ""])
def test_other_cells_are_read_as_they_are_where_a_dash_is_zero(cell):
    try:
        value = Reading("number").reader()(cell)
    except CellError:
        with pytest.raises(CellError):
            Reading("number", is_dash_zero=True).reader()(cell)
    else:
        assert Reading("number", is_dash_zero=True).reader()(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("boolean", "Yes", True),
        ("boolean", 0, False),
        ("boolean", " ", None),
        ("choice", "LOWER", "lower"),
        ("text", 12.0, "12"),
        ("text", "17850.0", "17850"),  # the same code in CSV and XLSX
        ("text", 17850, "17850"),
        ("text", "17850.5", "17850.5"),
        ("text", "007.0", "007.0"),
        ("text", "1.0.0", "1.0.0"),
        ("text", "  ", None),
    ],
)
def test_other_kinds_of_cells(kind, cell, value):
    assert Reading(kind, choices={"lower": "lower"}).reader()(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("boolean", "maybe"),
        ("choice", "sideways"),
        ("text", "a\0b"),
        ("text", "x" * 1_000_000),
        ("number", "9" * 1_000_000),
        ("moment", "x" * 1_000_000),
    ],
)
def test_cells_that_cannot_be_are_refused_in_few_words(kind, cell):
    with pytest.raises(CellError) as error:
        Reading(kind, choices={"lower": "lower"}).reader()(cell)
    assert len(str(error.value)) < 300


def test_times_are_quoted_without_seconds():
    assert clip_cell(datetime(2026, 1, 31, 13, 45, 7)) == "2026-01-31 13:45"


@pytest.mark.parametrize(
    ("cell", "title", "text"),
    [
        ("January", "Month", "January 2026"),
        (1, "Month", "M1 2026"),
        ("01", "Monat", "M01 2026"),
        (5.0, "Week", "W5 2026"),
        ("7", "KW", "W7 2026"),
        (3, "Quarter", "Q3 2026"),
        ("Q3", "Period", "Q3 2026"),
        ("KW 7", "Period", "KW 7 2026"),
    ],
)
def test_periods_with_the_year_of_another_column(cell, title, text):
    for year in (2026, "2026", 2026.0):
        assert join_year(cell, year, title) == text
    assert parse_period(text)


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        (date(2025, 1, 31), "Month"),
        ("2025-01", "Month"),
        ("Jan 2025", "Month"),
        ("01/25", "Month"),
        (3, "Period"),  # of which calendar?
        ("3", "Number"),
    ],
)
def test_periods_that_have_their_year_or_are_not_clear(cell, title):
    assert join_year(cell, 2026, title) == cell
    assert join_year("January", None, "Month") == "January"


@pytest.mark.parametrize(
    ("titles", "places"),
    [
        (["KPI", "Jan 2026", "Feb 2026", "Q1 2026", "2026"], [1, 2]),
        (["KPI", "2026-01-01", "2026-02-01", "YTD"], [1, 2]),  # date cells
        (["KPI", "OCT", "NOV", "2026"], [1, 2]),
        (["KPI", "2025", "2026"], [1, 2]),
        (["KPI", "Value"], []),
    ],
)
def test_titles_of_the_shortest_periods(titles, places):
    assert list_period_titles(titles) == places


def test_days_as_titles():
    moment = parse_title_period("2026-01-31")
    assert (moment.day, moment.grain) == (date(2026, 1, 31), "day")
    assert parse_title_period("Jan 2026").grain == "month"
    assert parse_title_period("03/04/2026") is None
