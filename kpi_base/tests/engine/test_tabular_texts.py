"""Every sentence of the file reader is among the terms that Odoo collects."""

import ast
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from ...engine import tabular
from ...engine.tabular import CellError, Reading, TableFault, TabularError, open_table

FOLDER = Path(tabular.__file__).parent
FAULTS = ("CellError", "TabularError", "TableFault")


@pytest.fixture(scope="module")
def terms():
    """Literals that are the first argument of _lt, as Odoo's export finds them."""
    found = extract_from_dir(FOLDER, keywords={"_lt": None})
    return {message for _file, _line, message, *_rest in found}


@pytest.mark.parametrize(
    ("reading", "cell"),
    [
        (Reading("number"), "x"),
        (Reading("number"), True),
        (Reading("number"), "1e999"),
        (Reading("moment"), "soon"),
        (Reading("moment"), 1.5),
        (Reading("moment"), "03/04/2026"),
        (Reading("moment", date_order="dmy"), "12/31/2026"),
        (Reading("moment", date_order="mdy"), "31/12/2026"),
        (Reading("moment"), "45700"),
        (Reading("moment", year_pairs=None), "2010-11"),
        (Reading("boolean"), "perhaps"),
        (Reading("choice", choices={"up": 1}), "down"),
        (Reading("text"), "x" * 40_000),
        (Reading("text"), "\0"),
    ],
)
def test_what_is_said_of_a_cell_is_collected(reading, cell, terms):
    with pytest.raises(CellError) as caught:
        reading.reader()(cell)
    assert caught.value.template in terms


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF", b"GIF8", b"Rar!", b"{\\rtf", b"PK", b'{"a": 1}', b"<html>"],
)
def test_what_is_said_of_a_file_is_collected(content, terms):
    with pytest.raises(TabularError) as caught:
        open_table(content)
    assert caught.value.template in terms


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name
)
def test_no_plain_text_is_raised(path):
    for node in ast.walk(ast.parse(path.read_text())):
        function = getattr(node, "func", None)
        if getattr(function, "id", "") in FAULTS:
            first = node.args[0]
            is_plain = isinstance(getattr(first, "value", None), str)
            assert not is_plain and not isinstance(first, ast.JoinedStr), node.lineno


def test_a_reason_is_said_in_the_language_of_the_reader():
    german = {"“%(cell)s” is not a number.": "„%(cell)s“ ist keine Zahl."}
    with pytest.raises(CellError) as caught:
        Reading("number").reader()(True)
    assert str(caught.value) == "“True” is not a number."
    assert caught.value.translate_with(german.__getitem__) == "„True“ ist keine Zahl."


def test_a_sign_in_a_text_without_parameters_stays():
    assert str(TableFault("100% of it")) == "100% of it"
