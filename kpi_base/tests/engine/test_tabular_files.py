import random
import re
import tracemalloc
import zipfile
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
import xlsxwriter

from ...engine.spreadsheet import (
    FORMULA_STARTS,
    Formats,
    neutral_text,
    new_workbook,
    original_text,
    write_xlsx,
)
from ...engine.tabular import (
    CellError,
    ColumnProfile,
    Reading,
    TabularError,
    find_fixes,
    find_header,
    open_table,
    write_csv,
)
from ...engine.tabular.files import LAST_ROW

TABLE = "code,value\na,1\nb,2\n"
ROWS = [["code", "value"], ["a", "1"], ["b", "2"]]


def read(content, **options):
    table = open_table(content, **options)
    header = find_header(table.rows())
    return header, [row.cells for row in table.rows()]


def workbook(rows=(("code", "value"), ("a", 1)), **options):
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return stream.getvalue()


def with_part(content, name, change):
    """The workbook with the bytes of one part changed."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("encoding", "is_assumed"),
    [
        ("utf-8", False),
        ("utf-8-sig", False),
        ("utf-16", False),
        ("utf-16-le", True),
        ("utf-16-be", True),
        ("utf-32", False),
        ("cp1252", True),
    ],
)
def test_encodings_are_detected(encoding, is_assumed):
    content = "code,größe\nä,1\nb,2\n".encode(encoding)
    table = open_table(content)
    assert [row.cells for row in table.rows()][0] == ["code", "größe"]
    assert table.is_encoding_assumed is is_assumed


def test_an_encoding_that_was_chosen_is_used():
    content = "code;Количество\nа;1\n".encode("cp1251")
    header, _rows = read(content, encoding="cp1251")
    assert header.titles == ("code", "Количество")


def test_a_wrong_encoding_is_named():
    with pytest.raises(TabularError, match="encoding utf-8"):
        read("größe,b\n1,2\n".encode("cp1252"), encoding="utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_detected(delimiter):
    content = f'code{delimiter}text\na{delimiter}"x,y;z"\n'.encode()
    _header, rows = read(content)
    assert rows == [["code", "text"], ["a", "x,y;z"]]


def test_decimal_commas_do_not_cut_rows():
    _header, rows = read(b"code;value;more\na;1,5;2,5\nb;2,5;3,5\n")
    assert rows[1] == ["a", "1,5", "2,5"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems(end):
    _header, rows = read(TABLE.replace("\n", end).encode())
    assert rows == ROWS


def test_rows_are_numbered_by_their_first_line():
    table = open_table(b'code,text\na,"one\ntwo"\n\nb,x\n')
    assert [row.number for row in table.rows()] == [1, 2, 5]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"code,value\na,\x001\n", "Line 2 is damaged .NUL character"),
        (b'code,value\na,1\nb,"2\nc,3\n', "Line 3: unclosed quotation mark"),
        (b'code,value\na,"1"2\n', "Line 2: unclosed quotation mark"),
        (b"code,value\na," + b"x" * 2_000_000 + b"\n", "Line 2"),
        (
            b"code,value\na," + b"x" * 900_000 + b"\n",
            "Line 2 contains an oversized cell",
        ),
        (b"<!DOCTYPE html><html>" + b"<p>x</p>" * 1_250_000, "web page"),  # 10 MB
        (b"\xef\xbb\xbf \n<table><tr><td>1</td></tr></table>", "web page"),
        ("<html>".encode("utf-16"), "web page"),
        (b'\xef\xbb\xbf [\n {"code": "A"}]', "is JSON"),
        (b'{"code": "A"}', "is JSON"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"\x01\x02\x03\x04,\x05\n", "not a text file"),
        (b"PK\x05\x06" + b"\0" * 18, "ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "old Excel"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (workbook()[:-40], "damaged"),
        (workbook()[:400], "damaged"),
        (b"PK\x03\x04 nothing", "damaged"),
    ],
)
def test_files_that_are_no_table_are_refused_clearly(content, reason):
    with pytest.raises(TabularError, match=reason):
        read(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\n\n\n", "no rows"),
        (b"1,2\n3,4\n", "has no titles"),
        (b"code,Code\n1,2\n", "Columns A and B have the same title"),
        (b"code," + b"x" * 600 + b"\n1,2\n", "title of column B is longer"),
        (
            b",".join(b"c%d" % n for n in range(1100)) + b"\n",
            "Row 1 has more than 1,000 columns",
        ),
    ],
)
def test_problems_of_titles_are_named(content, reason):
    with pytest.raises(TabularError, match=reason):
        read(content)


def test_notes_above_the_table_are_no_titles():
    header, _rows = read(b"Report of May,,\n,,\ncode,value,note\na,1,\n")
    assert (header.number, header.titles) == (3, ("code", "value", "note"))


def test_a_row_of_half_of_the_columns_is_no_header():
    header, _rows = read(b"Report of May,Anna Berg,,\ncode,value,unit,note\na,1,h,\n")
    assert (header.number, header.titles[0]) == (2, "code")


def test_columns_without_a_title_at_the_end_are_left_out():
    header, _rows = read(b"code,value,note,,\na,1,,,\n")
    assert header.titles == ("code", "value", "note")
    assert header.untitled_columns == []


def test_untitled_columns_are_named():
    header, _rows = read(b"code,,value\na,b,1\nc,d,2\n")
    assert header.untitled_columns == ["B"]


def test_cells_of_workbooks():
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        percent = book.add_format({"num_format": "0.0%"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["text", "share", "day", "number"])
        sheet.write(1, 0, "12")
        sheet.write(1, 1, 0.07, percent)
        sheet.write(1, 2, datetime(2026, 1, 31), day)
        sheet.write(1, 3, 1.5)
    _header, rows = read(stream.getvalue())
    assert rows[1] == ["12", 7.0, date(2026, 1, 31), 1.5]


def test_percent_signs_that_are_text_multiply_nothing():
    stream = BytesIO()
    formats = ['0.0"%"', "0.0\\%", "0.0%", '#,##0" % of plan"', "[<80]0.0;0.0%"]
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["value", "note"])
        for row, (code, number) in enumerate(
            zip(formats, [82.5, 83, 0.81, 79, 78], strict=True), 1
        ):
            sheet.write(row, 0, number, book.add_format({"num_format": code}))
            sheet.write(row, 1, code)
    _header, rows = read(stream.getvalue())
    assert [cells[0] for cells in rows[1:]] == [82.5, 83, 81, 79, 78]


@pytest.mark.parametrize(
    ("before", "after", "number"),
    [
        ("", "%", 82.5),
        ("", "\u00a0%", 82.5),
        ("%", "", 0.07),
        ("", " % of plan", 79),
        ("$", "", 1200.5),
        ("", " €", -3),
    ],
)
def test_numbers_of_our_workbooks_are_read_again(before, after, number):
    stream = BytesIO()
    with new_workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "value")
        style = {"before": before, "after": after}
        Formats(book).write_number(sheet, 1, 0, number, 1, **style)
    _header, rows = read(stream.getvalue())
    assert rows[1] == [number]


def formulas(*cells):
    """A workbook of one row below its titles, as programs write it that calculate."""
    row = "".join(cells).encode()
    titles = [f"title {number}" for number in range(len(cells))]
    return with_part(
        workbook([titles]),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b"</row>", b'</row><row r="2">' + row + b"</row>", 1),
    )


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A2"><f>D2*E2</f><v/></c>', "=D2*E2"),
        ('<c r="A2"><f>D2*E2</f><v></v></c>', "=D2*E2"),
        ('<c r="A2"><f>SUM(B2:B9)</f></c>', "=SUM(B2:B9)"),
        ('<c r="A2" t="n"><f t="shared" si="0"/></c>', "=…"),
        ('<c r="A2"><f t="array" ref="A2:A3">B2:B3</f></c>', "=B2:B3"),
    ],
)
def test_a_formula_without_a_value_is_no_empty_cell(cell, text):
    _header, (_titles, row) = read(formulas(cell, '<c r="B2"><v>1</v></c>'))
    assert row == [text, 1]
    for kind in ("number", "text", "moment", "boolean", "choice"):
        no_values = frozenset({text.casefold()})  # not even so
        with pytest.raises(CellError, match="Open and save the file"):
            Reading(kind, no_values=no_values).reader()(row[0])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A2"><f>D2*E2</f><v>6</v></c>', 6),
        ('<c r="A2"><f>D2*E2</f><v>0</v></c>', 0),
        ('<c r="A2" t="str"><f>IF(1,"")</f><v></v></c>', None),  # its value is empty
        ('<c r="A2" t="str"><f>D2</f><v>North</v></c>', "North"),
        ('<c r="A2" t="e"><f>D2/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="A2" s="0"/>', None),
    ],
)
def test_a_formula_with_a_value_is_that_value(cell, value):
    _header, (_titles, row) = read(formulas(cell, '<c r="B2"><v>1</v></c>'))
    assert row == [value, 1]


def test_rows_of_formulas_without_a_value_are_not_empty():
    cells = ('<c r="A2"><f>D2</f></c>', '<c r="B2"><f>E2</f></c>')
    _header, rows = read(formulas(*cells))
    assert rows[1] == ["=D2", "=E2"]


def test_formulas_without_a_value_are_no_titles():
    content = with_part(
        workbook([("code", "value")]),
        "xl/worksheets/sheet1.xml",
        lambda data: re.sub(
            rb'<c r="B1".*?</c>', b'<c r="B1"><f>TODAY()</f></c>', data, count=1
        ),
    )
    with pytest.raises(TabularError, match=r"“=TODAY\(\)” has no stored value"):
        read(content)


def test_formulas_without_a_value_are_offered_no_other_reading():
    _header, rows = read(formulas('<c r="A2"><f>SUM(B:B)</f></c>'))
    refused = {rows[1][0]: 3}
    assert find_fixes(Reading("number"), refused, [1], may_be_empty=True) == []
    profile = ColumnProfile()
    profile.add(rows[1][0])
    assert (profile.sample, profile.texts_among_numbers) == ("", [])


def test_yes_in_a_column_of_numbers_is_no_number():
    _header, rows = read(workbook([("code", "value"), ("a", True)]))
    with pytest.raises(CellError, match="“True” is not a number"):
        Reading("number").reader()(rows[1][1])


@pytest.mark.parametrize("is_1904", [False, True])
def test_workbooks_say_what_their_days_count_from(is_1904):
    table = open_table(workbook(date_1904=is_1904))
    assert table.is_1904 is is_1904


def test_a_sheet_that_is_not_there_is_named():
    with pytest.raises(TabularError, match="Choose one of: Sheet1"):
        open_table(workbook(), sheet="Plan")


def test_notes_apart_from_the_table_are_no_titles():
    notes = [("Report",), ("As of", date(2026, 11, 30)), (), ("KPI", "Month", "Value")]
    header, _rows = read(workbook([*notes, ("Calls", "2026-01", 1)]))
    assert header.number == 4
    # A row of titles may be apart from its rows.
    header, _rows = read(b"KPI,Month,Value\n\nCalls,2026-01,1\n")
    assert header.number == 1


def test_signs_without_width_are_no_part_of_texts():
    _header, rows = read("KPI,Month\nCalls\u200b,\ufeff2026-01\n".encode())
    assert rows[1] == ["Calls", "2026-01"]
    _header, rows = read(workbook([("KPI", "Month"), ("Calls\u200b", "\u200e2026-01")]))
    assert rows[1] == ["Calls", "2026-01"]


def test_one_cell_at_the_far_end_of_a_sheet_does_no_harm():
    book = openpyxl.Workbook()
    book.active.append(["code", "value"])
    book.active["XFD1048576"] = 1
    stream = BytesIO()
    book.save(stream)
    table = open_table(stream.getvalue())
    assert len(table.content) < 10_000
    assert find_header(table.rows()).number == 1
    rows = list(table.rows())
    assert [row.number for row in rows] == [1, LAST_ROW]
    assert sum(len(row.cells) for row in rows) < 2_000


def test_cells_far_to_the_right_make_no_rows_of_thousands_of_cells():
    rows = "".join(
        f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 100)
    )
    content = with_part(
        workbook([("code",)]),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b"</row>", b"</row>" + rows.encode(), 1),
    )
    found = list(open_table(content).rows())
    assert len(found) == 99
    assert max(len(row.cells) for row in found) <= 1_001


def test_columns_that_no_sheet_has_are_refused():
    content = with_part(
        workbook(),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'r="B2"', b'r="ZZZ2"'),
    )
    with pytest.raises(TabularError, match="damaged"):
        list(open_table(content).rows())


def test_row_numbers_that_no_sheet_has_are_refused():
    content = with_part(
        workbook(),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'r="2"', b'r="999999999999"'),
    )
    with pytest.raises(TabularError, match="damaged"):
        list(open_table(content).rows())


def test_zip_bombs_are_not_unpacked():
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        with bomb.open("xl/worksheets/sheet1.xml", "w") as part:
            for _chunk in range(300):
                part.write(b"\0" * 2**20)
    tracemalloc.start()
    with pytest.raises(TabularError, match="too large"):
        open_table(stream.getvalue())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 2**20


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"]
)
def test_entity_bombs_are_refused(part):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    content = with_part(
        workbook(), part, lambda data: bomb + data[data.index(b"?>") + 2 :]
    )
    with pytest.raises(TabularError, match="entities"):
        open_table(content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_sheets_in_utf_16_are_refused(encoding):
    content = with_part(
        workbook(),
        "xl/worksheets/sheet1.xml",
        lambda data: data.decode().replace("UTF-8", "UTF-16").encode(encoding),
    )
    with pytest.raises(TabularError, match="encoded in UTF-16. Save it again"):
        open_table(content)


def test_bytes_at_random_give_rows_or_a_clear_refusal():
    rng = random.Random(7)
    starts = [b"", b"code,value\n", b"PK\x03\x04", workbook(), b"\xff\xfe", b'"', b"<"]
    for _round in range(400):
        start = bytearray(rng.choice(starts))
        for _change in range(rng.randrange(4)):
            if start:
                start[rng.randrange(len(start))] = rng.randrange(256)
        content = bytes(start) + rng.randbytes(rng.randrange(200))
        try:
            read(content)
        except TabularError as error:
            assert 10 < len(str(error)) < 400


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        (" =1", "' =1"),
        ("\uff1d1+1", "'\uff1d1+1"),  # full-width: Excel computes it in East Asia
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20SUM(A1)", "'\uff20SUM(A1)"),
        ("\u3000\uff1d1", "'\u3000\uff1d1"),  # after a full-width space
        ("\u00a0=1", "'\u00a0=1"),
        ("'=1", "''=1"),  # so that it comes back
        ("a=1", "a=1"),
        (-1.5, -1.5),
        (None, None),
    ],
)
def test_texts_that_a_spreadsheet_would_compute_are_neutralised(cell, written):
    assert neutral_text(cell) == written


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "-5",
        "+49 30 1234",
        "@home",
        "\uff1d1+1",
        " =1",
        "\t=1",
        "'=1",  # had an apostrophe before
        "''=1",
        "' =1",
        " '=1",
        "'tis",
        "'",
        "O'Brien",
        "rock 'n' roll",
        "",
    ],
)
def test_a_text_of_our_own_files_comes_back_as_it_was(text):
    assert original_text(neutral_text(text)) == text
    rows = [["code", "value"], ["a", text]]
    for content in (write_csv(rows), write_csv(rows, delimiter=";"), write_xlsx(rows)):
        _header, found = read(content)
        assert (found[1] + [None])[1] in (text, text or None)
    guarded = neutral_text(text)
    assert not guarded.lstrip(" \u00a0\u3000").startswith(FORMULA_STARTS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_negative_numbers_that_were_guarded_are_numbers(encoding):
    _header, rows = read("code,value\n'=a,'-5\n".encode(encoding))
    assert rows[1] == ["=a", "-5"]
    assert Reading("number").reader()(rows[1][1]) == -5


def test_what_is_written_is_read_again():
    rows = [["code", "value"], ["=cmd()", -1.5], ["ä", 2]]
    _header, texts = read(write_csv(rows, delimiter=";"))
    assert texts == [["code", "value"], ["=cmd()", "-1.5"], ["ä", "2"]]
    _header, cells = read(write_xlsx(rows))
    assert cells == [["code", "value"], ["=cmd()", -1.5], ["ä", 2]]
