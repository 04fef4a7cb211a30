import io

import openpyxl
import pytest

from odoo.addons.kpi_base.engine.spreadsheet import sheet_name
from odoo.addons.kpi_base.engine.tabular import Reading, open_table

from ...engine.period_report_files import workbook
from .report_matrix import WORDS, cell, matrix, row, section


def _sheet(table):
    return openpyxl.load_workbook(io.BytesIO(workbook(table, WORDS))).active


def _texts(sheet):
    """Rows of values, without the empty ones."""
    rows = ([cell.value for cell in row] for row in sheet.rows)
    return [row for row in rows if any(value is not None for value in row)]


def test_each_figure_of_a_kpi_is_a_line():
    january = cell("on_target", actual=5, target=4, share=125.0)
    february = cell("off_target", actual=1, target=4)
    calls = row("Calls", january, february, unit="calls")
    sheet = _sheet(matrix(section(calls, running=("Feb",))))
    assert _texts(sheet) == [
        ["Report", None, None, None, None],
        ["KPI", "Unit", "Figure", "Jan", "Feb (running)"],
        ["Calls", "calls", "Actual", 5, 1],
        ["Calls", "calls", "Target", 4, 4],
        ["Calls", "calls", "Achieved", 1.25, None],
    ]


def test_a_kpi_has_the_figures_that_it_has():
    sheet = _sheet(matrix(section(row("Calls", cell(actual=5), figures=["actual"]))))
    assert [line[2] for line in _texts(sheet)[2:]] == ["Actual"]


def test_numbers_are_numbers_with_their_decimals():
    cells = (cell(actual=1234.5678, share=12.34), cell())
    sheet = _sheet(matrix(section(row("Hours", *cells, digits=2))))
    lines = {line[2].value: line[3] for line in sheet.iter_rows(min_row=4)}
    assert lines["Actual"].value == 1234.5678
    assert lines["Actual"].number_format == "#,##0.00"
    assert lines["Achieved"].number_format == "#,##0.0%"
    assert lines["Achieved"].value == pytest.approx(0.1234)
    assert lines["Target"].value is None


def test_numbers_are_the_same_where_the_file_is_imported_again():
    margin = cell("at_risk", actual=40.71, target=45.5, share=89.5)
    costs = cell(actual=-1234.56, target=0.07, share=1e6)
    rows = (
        row("Margin", margin, cell(actual=0), unit="%", digits=1),
        row("Costs", costs, cell(), unit="€", digits=2),
    )
    lines = open_table(workbook(matrix(section(*rows)), WORDS)).rows()
    read = Reading("number").reader()
    found = {
        (line.cells[0], line.cells[2]): [read(cell) for cell in line.cells[3:] if cell]
        for line in lines
        if line.number > 3
    }
    assert found == {
        ("Margin", "Actual"): [40.71],
        ("Margin", "Target"): [45.5],
        ("Margin", "Achieved"): [89.5],
        ("Costs", "Actual"): [-1234.56],
        ("Costs", "Target"): [0.07],
        ("Costs", "Achieved"): [1e6],
    }


def test_only_what_is_judged_has_a_colour():
    cells = (cell("on_target", actual=5, target=4), cell("no_target", actual=5))
    sheet = _sheet(matrix(section(row("Calls", *cells))))
    actual, target, _share = sheet.iter_rows(min_row=4, min_col=4)
    colours = [each.font.color and each.font.color.rgb for each in (*actual, *target)]
    assert colours[0] == "FF1B7A35"
    assert "FF1B7A35" not in colours[1:]


def test_a_value_without_a_number_is_its_text():
    sheet = _sheet(matrix(section(row("Done", cell(texts={"actual": "yes"}), cell()))))
    assert sheet["D4"].value == "yes"
    assert sheet["E4"].value is None


@pytest.mark.parametrize("text", ["=1+1", "+1", "@SUM(A1)", "https://x.example", "12"])
def test_what_somebody_typed_stays_a_text(text):
    cells = (cell(texts={"actual": text}), cell())
    sheet = _sheet(matrix(section(row(text, *cells, unit=text)), title=text))
    for place in ("A1", "A4", "B4", "D4"):
        assert (sheet[place].value, sheet[place].data_type) == (text, "s")
        assert sheet[place].hyperlink is None


def test_sections_follow_one_another_with_their_own_columns():
    first = section(row("A", cell(actual=1)), columns=["Jan"], title="Months")
    second = section(row("B", cell(actual=2)), columns=["Q1"], title="Quarters")
    rows = _sheet(matrix(first, second)).iter_rows(min_row=3, values_only=True)
    assert [(line[0], *line[2:]) for line in rows] == [
        ("Months", "Figure", "Jan"),
        ("A", "Actual", 1),
        ("A", "Target", None),
        ("A", "Achieved", None),
        (None, None, None),
        ("Quarters", "Figure", "Q1"),
        ("B", "Actual", 2),
        ("B", "Target", None),
        ("B", "Achieved", None),
    ]


def test_titles_stay_in_sight():
    one = section(row("A", cell(actual=1)), columns=["Jan"])
    assert _sheet(matrix(one)).freeze_panes == "D4"
    assert _sheet(matrix(one, one)).freeze_panes == "D2"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Sales", "Sales"),
        ("a/b: [c]*?", "a b   c"),
        ("x" * 40, "x" * 31),
        ("'quoted'", "quoted"),
        ("  ", "KPI"),
        ("History", "History_"),  # Excel's own
        ("HISTORY", "HISTORY_"),
    ],
)
def test_names_that_a_sheet_may_have(title, name):
    assert sheet_name(title) == name


def test_a_badge_and_a_note_stand_beside_the_name():
    calls = row("Calls", cell(actual=5), badge="Certified", note="Definition changed")
    hours = row("Hours", cell(actual=5), badge="Certified")
    plain = row("Rate", cell(actual=5))
    sheet = _sheet(matrix(section(calls, hours, plain)))
    lines = reversed([*sheet.iter_rows(min_row=4)])  # the first of each name counts
    comments = {line[0].value: line[0].comment for line in lines}
    texts = {name: each and each.text for name, each in comments.items()}
    assert texts["Calls"].endswith("Certified · Definition changed")
    assert texts["Hours"].endswith("Certified")
    assert texts["Rate"] is None
