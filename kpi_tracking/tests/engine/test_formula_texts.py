"""Every sentence of the engine is among the terms that Odoo collects."""

import ast
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from ...engine import formula as formulas
from ...engine.formula import Text
from ...engine.formula.errors import _lt
from ...engine.formula.reasons import TEMPLATES
from .test_formula_parse import REFUSED

FOLDER = Path(formulas.__file__).parent


@pytest.fixture(scope="module")
def terms():
    """Literals that are the first argument of _lt, as Odoo's export finds them."""
    found = extract_from_dir(FOLDER, keywords={"_lt": None})
    return {message for _file, _line, message, *_rest in found}


def templates(text):
    yield text.template
    for value in text.parameters.values():
        if isinstance(value, Text):
            yield from templates(value)


@pytest.mark.parametrize("formula", [row[0] for row in REFUSED])
def test_what_a_refusal_says_is_collected(formula, terms):
    with pytest.raises(formulas.FormulaError) as caught:
        formulas.parse(formula)
    for text in caught.value.texts:
        assert terms.issuperset(templates(text))


def test_reasons_are_collected(terms):
    assert terms.issuperset(text.template for text in TEMPLATES.values())


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name
)
def test_errors_and_warnings_take_no_plain_text(path):
    for node in ast.walk(ast.parse(path.read_text())):
        function = getattr(node, "func", None)
        name = getattr(function, "attr", getattr(function, "id", ""))
        if name in ("FormulaError", "_error", "_warn"):
            assert not [
                argument
                for argument in node.args
                if isinstance(argument, ast.JoinedStr)
                or isinstance(getattr(argument, "value", None), str)
            ], f"line {node.lineno}"


def test_texts_within_texts_are_translated():
    german = {"%(a)s per %(b)s": "%(a)s je %(b)s", "a score": "Punkte"}
    text = Text("%(a)s per %(b)s", {"a": _lt("a score"), "b": "kg"})
    assert str(text) == "a score per kg"
    assert text.translate_with(german.__getitem__) == "Punkte je kg"


def test_a_sign_in_a_text_without_parameters_stays():
    assert str(Text("100% of it")) == "100% of it"
