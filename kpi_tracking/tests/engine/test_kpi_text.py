import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from odoo.addons.kpi_base.engine.number_text import NumberText

from ...engine.kpi_text import FROM_LEFT, Currency, KpiText, Unit, unit_description

CASES = json.loads(
    (Path(__file__).parents[2] / "static/tests/kpi_format_cases.json").read_text()
)
CURRENCIES = {901: Currency("€"), 902: Currency("$", is_before=True)}
ENGLISH = NumberText(".", ",", "[3,0]")
NUMBER = Unit()


def unit_of(case):
    return Unit(
        case["kind"],
        case["decimals"],
        case.get("symbol", ""),
        CURRENCIES.get(case.get("currencyId")),
        case.get("durationUnit", "day"),
    )


@pytest.mark.parametrize(
    ("kind", "case"), [(kind, case) for kind, cases in CASES.items() for case in cases]
)
def test_python_writes_what_the_browser_writes(kind, case):
    *numbers, expected = case
    given = [unit_of(each) if isinstance(each, dict) else each for each in numbers]
    found = getattr(KpiText(ENGLISH), kind)(*given)
    assert found.replace("\u202f", " ") == expected


def test_between_words_from_the_right_a_number_reads_from_the_left():
    text = KpiText(ENGLISH, is_rtl=True)
    assert text.short(82431, Unit("currency", currency=CURRENCIES[901])) == (
        "\u206682.4\u202fk€\u2069"
    )
    assert text.change(82, 100, NUMBER) == "\u2066−18\u202f%\u2069"
    assert text.change(5, 0, NUMBER).count(FROM_LEFT) == 1


def test_nothing_is_written_as_less_than_nothing():
    text = KpiText(ENGLISH)
    assert text.rounded(-0.4, NUMBER) == "0"
    assert text.short(-0.0, NUMBER) == "0"


def test_words_and_signs_are_those_of_the_reader():
    german = NumberText(",", ".", "[3,0]")
    words = {"yes": "Ja", "no": "Nein", "points": "%s Punkte", "day": "T"}
    text = KpiText(german, words)
    assert text.rounded(1234.5, Unit(decimals=1)) == "1.234,5"
    assert text.short(1, Unit("boolean")) == "Ja"
    assert text.change(34.1, 36.2, Unit("percent", 1)) == "−2,1 Punkte"
    assert text.short(3, Unit("duration")) == "3\u202fT"


def test_a_unit_is_described_without_none():
    # JavaScript takes False for a relation that is empty, and a text for a symbol.
    kpi = SimpleNamespace(
        unit="number", decimals=2, unit_symbol=None, duration_unit=None
    )
    assert unit_description(kpi, None) == {
        "kind": "number",
        "decimals": 2,
        "currencyId": False,
        "symbol": "",
        "durationUnit": False,
    }
